"""How direct calls are had: with OpenAI's Realtime API where there is a key for it, else with our own."""

from __future__ import annotations

from functools import cache

from antiphon.config import Settings
from antiphon.hosts.direct.calls import DirectCalls
from antiphon.hosts.direct.front import Front, HostedFront, OwnFront, front_agent
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.stage import Stage


def direct_calls(stage: Stage, gate: Gate, seeds: Seeds) -> DirectCalls:
    """Direct calls on that stage, which gets an agent to stand in for a Realtime model."""
    agent = front_agent(lambda: next(iter(stage.agents.values())).guardrail)
    stage.house[agent.name] = agent

    @cache
    def front() -> Front:
        return _front(stage.settings, gate, seeds)

    return DirectCalls(stage, gate, front)


def _front(settings: Settings, gate: Gate, seeds: Seeds) -> Front:
    """Raises SetupError."""
    if not settings.realtime_api:
        return OwnFront(gate, seeds)
    from antiphon.providers.openai_realtime import OpenAIRealtime  # the SDK, which takes a second

    key = settings.openai_api_key.get_secret_value()
    return HostedFront(OpenAIRealtime(key, settings.realtime_api), settings.openai_realtime_model)
