from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Speech, speak


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder with the caches of this machine's own, if it has any: the index takes time to make."""
    mine = Path(os.environ.get("ANTIPHON_HOME", "~/.antiphon")).expanduser() / "cache"
    if mine.is_dir():
        shutil.copytree(mine, tmp_path / "cache")
    before = os.environ.get("ANTIPHON_HOME")
    os.environ["ANTIPHON_HOME"] = str(tmp_path)
    yield tmp_path
    os.environ.pop("ANTIPHON_HOME")
    if before is not None:
        os.environ["ANTIPHON_HOME"] = before


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    folder = tmp_path_factory.mktemp("speech")

    async def make() -> Speech:
        question = await speak("Why did World War One start?", folder / "question.wav")
        other = "Wait. What is twenty five percent of eighty?"
        return Speech(question, await speak(other, folder / "interruption.wav"))

    return asyncio.run(make())
