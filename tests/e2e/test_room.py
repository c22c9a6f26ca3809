"""The page in a LiveKit room of our own server: a student, the agent, and a supervisor who comes in by the watch page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from browsing import Speech, callers, run, speak

from antiphon.bench.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.models]

LOUD = 0.01


def test_a_question_is_answered_in_a_room_where_a_supervisor_takes_over_and_hands_back(
    home: Path, speech: Speech, tmp_path: Path
):
    report = asyncio.run(_in_browser(speech, tmp_path / "line.wav"))
    assert report["complaints"] == []
    assert report["trouble"] is None
    assert report["isToldOfOpening"]
    assert report["notice"] == "development room"
    assert report["peakLevel"] > LOUD
    assert report["streamed"] > 24_000
    assert report["samplesPlayed"] == 0
    first = callers(report)[0]
    assert "war" in first.lower()
    cut = next(line for line in report["transcript"] if line["isCut"])
    assert "World War" in cut["text"]
    # On a busy machine a breath of the supervisor's may end a line.
    person = [line["text"] for line in report["transcript"] if line["who"] == "supervisor"]
    assert "help" in " ".join(person).lower()
    assert report["liveFrames"]["before"] == 0
    assert report["liveFrames"]["after"] > 20
    assert report["agentLevel"] < LOUD
    assert report["transcript"][-1]["text"].startswith(cut["text"])
    for line in (first, cut["text"], *person):
        assert line in report["watched"]
    assert report["latency"]["responseMs"] > 0


async def _in_browser(speech: Speech, line: Path) -> dict[str, Any]:
    await speak("Hello, this is your teacher. Let me help you with that.", line)
    async with serving() as url:
        said = (
            "--question",
            str(speech.question),
            "--interruption",
            str(speech.interruption),
            "--line",
            str(line),
        )
        return await run("room.mjs", "--url", url, *said, "--expect", "20", "--timeout", "60")
