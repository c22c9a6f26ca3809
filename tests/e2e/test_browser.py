"""The whole thing: a real browser, a fake microphone that speaks, real models, and what comes out of the speaker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from browsing import Server, callers, run, speak

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of silence, "What is twenty five percent of eighty?", and silence."""
    path = tmp_path_factory.mktemp("question") / "question.wav"
    return asyncio.run(speak("What is twenty five percent of eighty?", path, before_s=1.0, after_s=2.0))


@pytest.mark.parametrize("via", ["orchestrate", "realtime", "direct"])
def test_a_question_is_spoken_and_its_answer_heard_however_it_is_carried(
    server: Server, question: Path, via: str
):
    page = ("--url", f"{server.url}/?agent=tutor&via={via}", "--wav", str(question))
    report = asyncio.run(run("talk.mjs", *page, "--expect", "20", "--timeout", "60"))
    assert report["failures"] == []
    assert "20" in report["heard"]
    assert report["peakLevel"] > 0.01
    assert any("eighty" in text or "80" in text for text in callers(report))
    assert report["specialist"] == "math"
    # What takes a few milliseconds may be over before the page is drawn again.
    assert set(report["stages"]) <= {"hear", "check", "route", "ground", "phrase", "guard", "speak"}
    assert {"hear", "speak"} <= set(report["stages"])
