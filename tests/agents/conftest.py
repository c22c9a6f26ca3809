"""What several tests of the agents need, made once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from antiphon.agent.definition import Agent
from antiphon.agents.tutor.tutor import tutor
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.vectors import VectorCache


@pytest.fixture(scope="session")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """The tutor, with its models."""
    encoder = MiniLM()
    cache = VectorCache(tmp_path_factory.mktemp("cache"))
    yield asyncio.run(tutor(encoder, LocalGuardrail(encoder, cache), cache))
    asyncio.run(encoder.close())
