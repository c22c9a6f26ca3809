"""The page with a Realtime provider, our own server for want of a key, and the answers from the backend beside it."""

from __future__ import annotations

import asyncio

import pytest
from browsing import Server, Speech, callers, talked_over

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_question_is_handed_on_answered_and_spoken_over_on_a_direct_call(server: Server, speech: Speech):
    report = asyncio.run(talked_over(server.url + "/?v=b", speech))
    assert report["failures"] == []
    assert report["peakLevel"] > 0.01
    assert report["samplesPlayed"] > 24_000
    first, second = callers(report)[-2:]
    assert "war" in first.lower()
    assert "80" in second or "eighty" in second
    assert "World War" in report["cut"]["heard"]
    assert "20" in report["heard"]
    provider, *rest = report["latency"]["parts"]
    assert provider["name"] == "provider"
    assert rest
    assert provider["ms"] > 100
