"""Callers with habits: what they plan, what the network does to them, and how an agent gets on with them."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.agent.definition import Agent
from antiphon.bench.headset import Microphone
from antiphon.bench.metrics import panel
from antiphon.bench.network import Network
from antiphon.bench.noises import murmur
from antiphon.bench.personas import PERSONAS, Persona, plan
from antiphon.bench.rehearsing import rehearse
from antiphon.bench.scripted_server import scripted_agent
from antiphon.bench.timeline import Act, Timeline
from antiphon.bench.waveform import samples_of
from antiphon.testing import clock

LINES = ("I would like to know | what it costs.", "And when can I have it?", "Thank you, that is | all.")
LONG = "It is a long story that goes on for a while before it comes to an end."


def agent() -> Agent:
    return scripted_agent([LONG, LONG])


def lived(persona: str | Persona, seed: int = 1) -> Timeline:
    who = PERSONAS[persona] if isinstance(persona, str) else persona
    return clock.run(rehearse(agent(), plan(who, LINES, seed)))


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    household = PERSONAS["household"]
    assert plan(household, LINES, 3) == plan(household, LINES, 3)
    assert any(plan(household, LINES, 3) != plan(household, LINES, seed) for seed in range(4, 9))


def test_a_calm_caller_says_the_lines_and_nothing_else() -> None:
    steps = plan(PERSONAS["calm"], LINES)
    assert [step.text for step in steps] == [" ".join(line.replace("|", " ").split()) for line in LINES]
    assert not any(step.over or step.pause_s or step.drops for step in steps)


def test_habits_show_in_the_plan() -> None:
    hums = plan(PERSONAS["listener"], LINES)
    assert all([over.act for over in step.over] == [Act.BACKCHANNEL] for step in hums)
    slow = plan(Persona("slow", pause_s=0.7), LINES)
    assert [step.pause_s for step in slow] == [0.7, 0.0, 0.7]


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_persona_gets_its_answers(persona: str) -> None:
    found = panel([lived(persona)])
    assert len(found.incursions) >= 3
    assert None not in found.responses
    assert sum(found.incursions) == 0


def test_who_hums_along_is_not_given_the_floor() -> None:
    call = lived("listener")
    found = panel([call])
    assert len(found.kept[Act.BACKCHANNEL]) == 3
    assert all(found.kept[Act.BACKCHANNEL])


def test_who_interrupts_is() -> None:
    found = panel([lived(Persona("always", interrupts=1.0))])
    assert len(found.yields) == 3
    assert None not in found.yields


def test_frames_are_lost_late_and_in_order() -> None:
    network = Network(loss=0.2, jitter_s=0.05, seed=1)
    out: list[bytes] = []
    for number in range(200):
        network.take(bytes([number]), number / 50)
        out += network.due(number / 50)
    out += network.due(100.0)
    assert out == sorted(out)
    assert len(out) == 200 - network.lost
    assert 20 < network.lost < 60


def test_a_good_network_passes_every_frame_at_once() -> None:
    network = Network()
    network.take(b"a", 1.0)
    assert network.due(1.0) == [b"a"]


def test_noise_surrounds_what_is_said() -> None:
    microphone = Microphone(16_000)
    microphone.surround(murmur(1, 0.5, -40))
    frames = microphone.due(2.0)
    sound = np.frombuffer(b"".join(frames), "<i2").astype(float)
    assert 20 * np.log10(np.sqrt(np.mean(sound**2)) / 32768) == pytest.approx(-40, abs=1)
    noise = samples_of(murmur(1, 0.5, -40))
    assert (sound[:8000] == noise).all()
    assert (sound[8000:16000] == noise).all()
