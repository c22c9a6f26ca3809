"""How providers have been doing, as operators read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from house import house
from manor import ANNA, TEACHER, manor

from antiphon.agent.guardrail import Gate
from antiphon.core.errors import ProviderError
from antiphon.hosts.opening import rehearse
from antiphon.ports import Message
from antiphon.providers.resilience import BreakerPolicy, CachedVoice, first_of, first_voice
from antiphon.session.session import own_lines
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
