"""The whole thing: a real browser, a fake microphone that speaks, real models, and what comes out of the speaker."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.agent.guardrail import Gate
from antiphon.bench.serving import serving
from antiphon.bench.wav import write_wav
from antiphon.core.audio import silence
from antiphon.providers.local_hibari import Hibari

UI = Path(__file__).parents[2] / "ui"

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of silence, "What is twenty five percent of eighty?", and silence."""
    path = tmp_path_factory.mktemp("question") / "question.wav"
    asyncio.run(_speak("What is twenty five percent of eighty?", path))
    return path


async def _speak(text: str, path: Path) -> None:
    voice = Hibari()
    sound = silence(1.0, voice.rate)
    async for piece in voice.speak(Gate.vouch(text)):
        sound += piece.pcm
    write_wav(path, sound + silence(2.0, voice.rate))
    voice.close()


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


def test_a_question_is_spoken_and_its_answer_heard_in_chromium(home: Path, question: Path):
    report = asyncio.run(_in_browser(question))
    assert report["failures"] == []
    assert "20" in report["heard"]
    assert report["peakLevel"] > 0.01
    callers = [line["text"] for line in report["transcript"] if line["who"] == "caller"]
    assert any("eighty" in text or "80" in text for text in callers)


async def _in_browser(question: Path) -> dict:
    async with serving() as url:
        node = await asyncio.create_subprocess_exec(
            *("node", "e2e/talk.mjs", "--url", url + "/", "--wav", str(question)),
            *("--expect", "20", "--timeout", "60"),
            cwd=UI,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await node.communicate()
        assert out, err.decode()
        return json.loads(out)
