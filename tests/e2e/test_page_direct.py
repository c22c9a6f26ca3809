"""The page with a Realtime provider, our own server for want of a key, and the answers from the backend beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from browsing import Speech, callers, talked_over

from antiphon.bench.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_question_is_handed_on_answered_and_spoken_over_on_a_direct_call(home: Path, speech: Speech):
    report = asyncio.run(_in_browser(speech))
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


async def _in_browser(speech: Speech) -> dict[str, Any]:
    async with serving() as url:
        return await talked_over(url + "/?v=b", speech)
