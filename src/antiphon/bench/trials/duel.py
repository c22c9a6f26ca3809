"""One question, asked of the three architectures at the same instant: the single WebSocket, a direct call with a
Realtime provider, and a LiveKit room.

The question is spoken in real time by the bundled voice into all of them at once, on one server. Measured on the
waveforms of each call: from the caller's last audible sample to the first audible one of the answer. Each round has
calls of its own, opened in another order. The three share the machine, so that each waits longer than it would alone:
the figures are for comparing the ways with each other. The parts that are drawn are those of the WebSocket in the
round nearest to the medians; the duel is kept with those of every way, and its sound, for the page and for
`antiphon duel --list`.
"""

from __future__ import annotations

import time

from antiphon.bench.drawing import number
from antiphon.bench.figures import Detail, Figure, Outcome
from antiphon.bench.race import Racing, race
from antiphon.bench.trials.trial import Progress, Setup, served
from antiphon.config import read_settings
from antiphon.store.duel import Duel, Lane
from antiphon.store.duels import Duels

TITLE = "One question, three ways at once"
QUESTION = "What is twenty five percent of eighty?"
ROUNDS = 6


async def run(setup: Setup) -> Outcome:
    """`setup.repeats` rounds, by default 6. The duel is kept."""
    begun = time.monotonic()

    def tell(at: Racing) -> None:
        setup.tell(Progress("duel", at.round - 1, at.total, at.doing))

    sound = await setup.speakers()[0].say(QUESTION)
    async with served(setup) as url:
        rounds = setup.repeats or ROUNDS
        raced = await race(sound, url=url, agent=setup.agent, text=QUESTION, rounds=rounds, on_progress=tell)
    made = raced.duel.model_copy(update={"made_by": "bench"})
    kept = Duels(read_settings().data).save(made, raced.utterance, raced.sounds)
    return outcome(kept, round(time.monotonic() - begun, 1))


def outcome(duel: Duel, seconds: float = 0.0) -> Outcome:
    """What the duel found, as a suite's: a figure for each lane, and why those failed that did."""
    first = next((lane for lane in duel.lanes if lane.parts), None)
    return Outcome(
        "duel",
        TITLE,
        __doc__ or "",
        tuple(
            Figure(f"end of speech → first sound of the answer, {lane.via}", "ms", lane.waits_ms)
            for lane in duel.lanes
        ),
        parts=tuple((part.name, part.ms) for part in first.parts) if first else (),
        details=tuple(_detail(lane) for lane in duel.lanes),
        failures=tuple(f"{lane.via}: {lane.error}" for lane in duel.lanes if lane.error),
        seconds=seconds,
    )


def _detail(lane: Lane) -> Detail:
    return {
        "via": lane.via,
        "understood": lane.understood,
        "specialist": lane.specialist,
        "answer": lane.answer,
        "response_ms": lane.response_ms,
        "first_sound_ms": lane.first_sound_ms,
        "parts": " + ".join(f"{part.name} {number(part.ms)}" for part in lane.parts),
    }
