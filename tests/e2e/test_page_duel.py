"""The page of duels: a question said into the microphone goes to three architectures at one instant."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from browsing import Server, run, speak

from antiphon.bench.wav import read_wav
from antiphon.store.duels import Duels

pytestmark = [pytest.mark.browser, pytest.mark.models]

WAYS = ["orchestrate", "direct", "livekit"]


def test_three_lanes_answer_their_parts_sum_to_the_whole_and_the_duel_is_found_again(
    server: Server, tmp_path: Path
) -> None:
    report = asyncio.run(_in_browser(server.url, tmp_path))
    assert report["complaints"] == []
    lanes = report["shown"]["lanes"]
    assert [lane["via"] for lane in lanes] == WAYS
    for lane in lanes:
        assert lane["error"] == ""
        assert lane["answer"]
        assert lane["responseMs"] > 50
        assert sum(part["ms"] for part in lane["parts"]) == pytest.approx(lane["responseMs"], abs=0.01)
        assert len(lane["parts"]) > 1
        assert report["drawn"][lane["via"]] == [[part["name"], part["ms"]] for part in lane["parts"]]
    assert any("20" in lane["answer"] for lane in lanes)
    assert report["replaying"] == "replaying"
    assert not report["isWide"]
    assert report["again"]["id"] == report["id"]
    assert [lane["parts"] for lane in report["again"]["lanes"]] == [lane["parts"] for lane in lanes]

    duels = Duels(server.home)
    (kept,) = duels.kept()
    assert kept.id == report["id"]
    for lane in kept.lanes:
        sound = read_wav(duels.sound(kept.id, lane.via))
        assert lane.response_ms is not None
        begins = (kept.utterance.speech_end_ms + lane.response_ms) / 1000
        # What is kept begins when the utterance did: the answer is where it was measured.
        assert any(
            sound.between(round((begins - 0.005) * sound.rate), round((begins + 0.1) * sound.rate)).data
        )
    json.dumps(kept.told())


async def _opened_rooms(url: str) -> None:
    """The first room of a server takes some fifteen seconds, of which this is no story."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for _ in range(10):
            if (await client.post("/api/livekit/token", json={"agent": "tutor"})).is_success:
                return


async def _in_browser(url: str, folder: Path) -> dict[str, Any]:
    question = await speak("What is twenty five percent of eighty?", folder / "question.wav", 0.3, 0.3)
    said = ("--question", str(question), "--record", "yes", "--timeout", "120")
    await _opened_rooms(url)
    return await run("duel.mjs", "--url", url, "--ways", ",".join(WAYS), *said)
