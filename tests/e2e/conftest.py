from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import Server, Speech, speak

from antiphon.bench.serving import serving


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Data lies in the folder, with the caches of this machine's own, if it has any: the index takes time to make."""
    mine = Path(os.environ.get("ANTIPHON_HOME", "~/.antiphon")).expanduser() / "cache"
    if mine.is_dir():
        shutil.copytree(mine, folder / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTIPHON_HOME", str(folder))
        yield


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder of a server that a test starts itself."""
    with at_home(tmp_path):
        yield tmp_path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all pages that do not mind who was there before."""
    folder = tmp_path_factory.mktemp("home")
    with asyncio.Runner() as runner:
        running = serving()
        with at_home(folder):
            url = runner.run(running.__aenter__())
        yield Server(url, folder)
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    folder = tmp_path_factory.mktemp("speech")

    async def make() -> Speech:
        question = await speak("Why did World War One start?", folder / "question.wav")
        other = "Wait. What is twenty five percent of eighty?"
        return Speech(question, await speak(other, folder / "interruption.wav"))

    return asyncio.run(make())
