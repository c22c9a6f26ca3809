"""The studio in Firefox: the same page, the same microphone that speaks, another browser's audio and WebRTC."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from browsing import Server, Speech, callers, run

pytestmark = [pytest.mark.browser, pytest.mark.firefox, pytest.mark.models]

LOUD = 0.01
SECOND = 24_000
"Samples in a second of what is played."


@pytest.fixture(scope="module")
def seen(server: Server, speech: Speech) -> dict[str, Any]:
    """What each story saw: a browser takes longer to start than to talk."""
    said = ("--long", str(speech.question), "--question", str(speech.interruption), "--expect", "20")
    return asyncio.run(run("firefox_talk.mjs", "--url", server.url, *said, "--timeout", "60"))


def test_the_landing_shows_the_three_ways(seen: dict[str, Any]):
    assert _well(seen, "landing")["cards"] == ["LiveKit room", "Realtime direct", "Single WebSocket"]


def test_an_answer_is_spoken_over_by_websocket_and_remembered_as_far_as_it_was_heard(seen: dict[str, Any]):
    report = _well(seen, "orchestrate")
    assert report["failures"] == []
    assert report["samplesPlayed"] > SECOND
    assert "war" in callers(report)[0].lower()
    assert "World War" in report["cut"]["heard"]
    assert "20" in report["heard"]


@pytest.mark.parametrize(
    ("via", "counted"), [("realtime", "streamed"), ("direct", "samplesPlayed"), ("livekit", "streamed")]
)
def test_a_question_is_spoken_and_its_answer_heard_by_webrtc(seen: dict[str, Any], via: str, counted: str):
    report = _well(seen, via)
    assert "20" in report["heard"]
    assert any("eighty" in text or "80" in text for text in callers(report))
    assert report["peakLevel"] > LOUD
    assert report[counted] > SECOND
    assert report["latency"]["responseMs"] > 0
    assert report["trouble"] is None


def _well(seen: dict[str, Any], story: str) -> dict[str, Any]:
    """What that story saw, in which nothing went wrong."""
    report: dict[str, Any] = seen[story]
    assert "error" not in report, report["error"]
    assert report["complaints"] == []
    return report
