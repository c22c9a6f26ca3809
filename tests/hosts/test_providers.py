"""How providers have been doing, as operators read it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from house import client, house, parrot
from manor import ANNA, TEACHER, manor

from antiphon.agent.guardrail import Gate
from antiphon.core.errors import ProviderError
from antiphon.hosts.opening import rehearse
from antiphon.ports import Message
from antiphon.providers.chains import Backed, close_all
from antiphon.providers.openai_speech import OpenAIVoice
from antiphon.providers.resilience import BreakerPolicy, CachedVoice, first_of, first_voice
from antiphon.session.report import Report
from antiphon.session.session import own_lines
from antiphon.testing.fake_speech import FakeOpenAISpeech
from antiphon.testing.models import ScriptedModel
from antiphon.testing.voices import ScriptedSynthesizer

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_who_fails_and_who_stands_in_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage):
        down = ScriptedModel([ProviderError("401 for sk-proj-1234567890abcdef")], name="one/down")
        model = first_of([down, ScriptedModel(["Yes."], name="two/well")], breaker=BreakerPolicy(at_least=2))
        voice = CachedVoice(first_voice([ScriptedSynthesizer()]))
        stage.providers = replace(stage.providers, model=model, synthesizer=voice)
        for _ in range(3):
            async for _ in model.reply([Message("user", "Hello?")]):
                pass
            async for _ in voice.speak(Gate.vouch("Good day.")):
                pass
        async with httpx2.AsyncClient(base_url=f"http://{address}") as http:
            told = (await http.get("/api/providers")).json()
            metrics = (await http.get("/metrics")).text
    first, second, spoken = told["providers"]
    assert (first["name"], first["state"], first["fallbacks"]) == ("one/down", "open", 2)
    assert "sk-proj" not in str(told)
    assert (second["name"], second["state"], second["requests"]) == ("two/well", "closed", 3)
    assert (spoken["kind"], spoken["requests"]) == ("voice", 1)
    assert [(cache["name"], cache["hits"], cache["misses"]) for cache in told["caches"]] == [("speech", 2, 1)]
    assert 'antiphon_provider_open{kind="model",provider="one/down"} 1.0' in metrics
    assert 'antiphon_provider_events_total{event="failures",kind="model",provider="one/down"} 2.0' in metrics
    assert 'antiphon_cache_events_total{cache="speech",event="hits"} 2.0' in metrics


async def test_a_hosted_voice_is_on_the_bill_of_the_call_and_of_the_house(tmp_path: Path) -> None:
    async with FakeOpenAISpeech() as server, house(tmp_path) as (address, stage):
        voice = OpenAIVoice("tts-1", "key", server.base_url, voice="alloy")
        stage.providers = replace(stage.providers, synthesizer=CachedVoice(first_voice([voice])))
        await rehearse(stage)
        async with client(address) as caller:
            ready = await caller.hello()
            call = stage.sessions[str(ready["session"])]
            report = Report(call.journal.header)
            call.watchers.append(report.note)
            for number in (1, 2):  # the second time it comes from the cache
                await caller.send(type="text", text="Good day", id=number)
                await caller.until("sentence")
                await caller.until("sentence")
                await asyncio.sleep(0.5)
        async with httpx2.AsyncClient(base_url=f"http://{address}") as http:
            metrics = (await http.get("/metrics")).text
        await close_all(stage.providers.synthesizer)
    told = report.summary(call.transcript)["cost"]
    assert isinstance(told, dict)
    [spoken] = told["services"]
    letters = len("You said: Good day.") + len("That is all.")
    assert (spoken["service"], spoken["characters"]) == ("openai/tts-1", pytest.approx(letters, abs=3))
    assert spoken["usd"] == told["usd"] == pytest.approx(spoken["characters"] * 15 / 1e6)
    total = (
        'antiphon_service_used_total{agent="parrot",kind="voice",service="openai/tts-1",unit="characters"}'
    )
    said = next(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith(total))
    assert said > spoken["characters"], "the lines that were voiced beforehand are paid for by the house"


async def test_what_a_specialist_and_a_moderation_are_asked_is_told_apart(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage):
        model = first_of([ScriptedModel(["Yes."], name="one/model")])
        guard = Backed(parrot().guardrail, parrot().guardrail, 1.0)
        stage.providers = replace(stage.providers, model=model, specialist_models={"math": model})
        stage.watched = {"moderation": guard}
        await guard.check_input("Hello")
        async with httpx2.AsyncClient(base_url=f"http://{address}") as http:
            told = (await http.get("/api/providers")).json()
            metrics = (await http.get("/metrics")).text
    assert [one["kind"] for one in told["providers"]] == ["model", "model of math", "moderation"]
    assert (
        'antiphon_provider_events_total{event="requests",kind="moderation",provider="allowing"} 1.0'
        in metrics
    )
    lines = [line.rpartition(" ")[0] for line in metrics.splitlines() if line and line[0] != "#"]
    assert len(lines) == len(set(lines)), "each series is told once, or nobody can read any"


async def test_callers_are_not_told(tmp_path: Path) -> None:
    async with manor(tmp_path) as grounds:
        async with grounds.http(ANNA) as http:
            assert (await http.get("/api/providers")).status_code == 403
        async with grounds.http(TEACHER) as http:
            assert (await http.get("/api/providers")).status_code == 200


async def test_what_agents_say_of_themselves_is_kept_ready_as_far_as_the_voice_can(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, stage):
        (agent,) = stage.agents.values()
        lines = own_lines(agent, Gate(agent.guardrail))
        assert lines.apology is not None
        assert lines.trouble is not None
        stage.providers = replace(stage.providers, synthesizer=ScriptedSynthesizer(failures=1))
        await rehearse(stage)
        assert not stage.providers.phrases.get(lines.apology)
        assert stage.providers.phrases.get(lines.trouble)
