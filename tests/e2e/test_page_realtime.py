"""The page by WebRTC, in the protocol of OpenAI's Realtime API, with our own server."""

from __future__ import annotations

import asyncio

import pytest
from browsing import Server, Speech, callers, talked_over

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_question_is_asked_heard_and_spoken_over_by_webrtc(server: Server, speech: Speech):
    report = asyncio.run(talked_over(server.url + "/?via=realtime", speech))
    assert report["failures"] == []
    assert report["peakLevel"] > 0.01
    assert report["streamed"] > 24_000
    assert report["samplesPlayed"] == 0
    first, second = callers(report)[-2:]
    assert "war" in first.lower()
    assert "80" in second or "eighty" in second
    assert "World War" in report["cut"]["heard"]
    assert "20" in report["heard"]
    parts = report["latency"]["parts"]
    assert sum(part["ms"] for part in parts) == pytest.approx(report["latency"]["responseMs"], abs=5)
