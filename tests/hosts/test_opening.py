"""A stage that opens: what loads early is used, what is missing is told, what is late is waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antiphon.config import Settings, read_settings
from antiphon.core.errors import SetupError
from antiphon.hosts import loading
from antiphon.hosts.opening import open_stage


def quiet(home: Path, **settings: object) -> Settings:
    return Settings(home=home, store="off", journals=False, **settings)  # type: ignore[arg-type]


@pytest.mark.models
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tts": "nobody/nothing"}, "there is no voice 'nobody/nothing'"),
        ({"stt": "nobody/nothing"}, "there is no recognizer 'nobody/nothing'"),
        ({"llm": "nobody/nothing"}, "there is no language model 'nobody/nothing'"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_one_sentence(
    settings: dict[str, str], told: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with open_stage(quiet(tmp_path, **settings)):
            raise AssertionError("it is not ready")

    with pytest.raises(SetupError, match=told):
        asyncio.run(story())


@pytest.mark.models
def test_what_was_begun_early_is_taken_by_the_first_who_needs_it() -> None:
    loading.begin()
    first, second = loading.take(read_settings()), loading.take(read_settings())
    assert first is not second
    assert first.models.result(timeout=60).voice is not second.models.result(timeout=60).voice


@pytest.mark.models
def test_models_begun_for_other_settings_are_not_taken(tmp_path: Path) -> None:
    loading.begin()
    assert loading.take(quiet(tmp_path)).settings.home == tmp_path


@pytest.mark.models
def test_the_first_question_right_after_the_start_is_answered_like_any_other(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_stage(quiet(tmp_path)) as stage:
            router = stage.agents["tutor"].router
            assert router is not None
            async with asyncio.timeout(60):
                route = await router.route((), "What was their own man empire?")
            assert route.specialist == "history"
            assert route.reason.startswith("sounds like: ")

    asyncio.run(story())
