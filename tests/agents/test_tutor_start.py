"""The tutor can be called before all it knows is loaded; nobody gets a worse answer for being early."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antiphon.agent.definition import Question
from antiphon.agent.routing import Route
from antiphon.agents.tutor.library import Library
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache


@pytest.mark.parametrize(
    ("specialist", "text", "answer"),
    [
        ("math", "What is 25% of 80?", "20"),
        ("english", "Correct this sentence: me and him goes to school", "go"),
    ],
)
def test_who_asks_before_the_tutor_is_prepared_waits_for_the_same_answer(
    specialist: str, text: str, answer: str, tmp_path: Path
) -> None:
    async def story() -> None:
        library = Library({})
        ask = {"math": library.mathematics, "english": library.english}[specialist]
        question = Question(text, route=Route(specialist, 1.0, "asked"))
        async with asyncio.TaskGroup() as tasks:
            early = tasks.create_task(ask(question))
            preparing = tasks.create_task(library.prepare(MiniLM(), VectorCache(tmp_path)))
            await asyncio.sleep(0)
            assert not early.done()
        assert preparing.done()
        assert early.result() == await ask(question)
        assert answer in " ".join(early.result().sentences)

    asyncio.run(story())


def test_a_tutor_told_not_to_listen_for_sounds_mends_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        library = Library({}, by_sound=False)
        await library.prepare(MiniLM(), VectorCache(tmp_path))
        assert await library.by_sound("What was their own man empire?") is None
        assert library.repaired("What is ten percent of at?") is None

    asyncio.run(story())
