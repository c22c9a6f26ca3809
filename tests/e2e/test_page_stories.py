"""What the page lives through with the tutor on the single WebSocket: its server is killed; a teacher is called for."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from browsing import Server, Speech, callers, run, speak

from antiphon.agent.guardrail import SAFE_LINES
from antiphon.bench.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.models]

ROLES = {"user": "caller"}
"What the page calls somebody in a transcript, where that is another word."


# ---- the server is killed --------------------------------------------------------------------------------
def test_an_answer_goes_on_after_the_last_word_heard_when_its_server_was_killed(home: Path, speech: Speech):
    report, kept, answer = asyncio.run(_killed(speech, home / "pid"))
    assert report["complaints"] == []
    assert report["trouble"] is None
    first, again = report["sessions"]
    assert first == again
    assert "war" in report["shownMeanwhile"][1]["text"].lower()
    begun, rest = report["pieces"]
    assert begun.startswith(report["heardBefore"])
    assert rest.startswith(report["unheard"])
    assert f"{begun} {rest}" == answer
    assert "20" in report["transcript"][-1]["text"]
    question, *_, second = callers(report)
    assert "war" in question.lower()
    assert "80" in second or "eighty" in second
    assert kept["status"] == "ended"
    assert kept["lines"] == report["transcript"]


async def _killed(speech: Speech, pid: Path) -> tuple[dict[str, Any], dict[str, Any], str]:
    """What came of a talk whose server was killed and started again, what that has kept of it, and the whole answer."""
    options = ("--host", "127.0.0.1", "--port", str(_free_port()))
    serve = (sys.executable, "-u", "-m", "antiphon", "serve", "tutor", *options)
    # The shell notes its number, which is then the server's.
    noted = ("sh", "-c", 'echo $$ > "$0"; exec "$@"', str(pid))
    said = ("--question", str(speech.question), "--next", str(speech.interruption), "--expect", "20")
    async with asyncio.TaskGroup() as group:
        async with serving(command=(*noted, *serve)) as url:
            number = await asyncio.to_thread(pid.read_text)
            talk = run("stories_killed.mjs", "--url", url, "--pid", number.strip(), *said)
            story = group.create_task(talk)
            while _runs(int(number)) and not story.done():
                await asyncio.sleep(0.02)
        async with serving(command=serve) as url:
            report = await story
            return (
                report,
                await _kept(url, report["sessions"][0]),
                await _note(url, "Why did World War One start?"),
            )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# ---- a teacher is called for -----------------------------------------------------------------------------
def test_a_teacher_is_called_for_takes_over_and_hands_back_and_the_page_tells_of_other_ways(
    server: Server, speech: Speech, tmp_path: Path
):
    report, kept = asyncio.run(_taught(server.url, speech, tmp_path))
    assert report["complaints"] == []
    assert report["trouble"] is None
    titles = {trigger: panel["title"] for trigger, panel in report["panels"].items()}
    assert titles == {
        "english": "English was asked for",
        "guardrail": "The guardrail stepped in",
        "escalation": "A person was called for",
    }
    for panel in report["panels"].values():
        assert panel["here"].startswith("WebSocket")
        assert "you are here" in panel["here"].lower()
    assert "english" in [route["specialist"] for route in report["routes"].values()]
    assert report["refused"] == SAFE_LINES["violence"]
    assert report["reason"] == "The pupil asked for a person"
    name = report["banners"][1].removesuffix(" has joined")
    asked = "A teacher has been asked to join"
    assert report["banners"] == [
        asked,
        *(f"{name} {did}" for did in ("has joined", "is speaking", "handed back")),
    ]
    assert report["liveFrames"]["before"] == 0
    assert report["liveFrames"]["after"] > 20
    said = " ".join(line["text"] for line in report["transcript"] if line["who"] == "supervisor")
    assert "help" in said.lower()
    assert name in report["shown"]
    for line in report["transcript"]:
        assert line["text"] in report["watched"]
    assert kept["lines"] == report["transcript"]
    (escalation,) = kept["escalations"]
    assert escalation["status"] == "closed"
    assert escalation["outcome"] == report["outcome"]


async def _taught(url: str, speech: Speech, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both pages saw of it, and what the server has kept."""
    call = await speak("I want to talk to a teacher.", folder / "call.wav")
    line = await speak("Hello, this is your teacher. Let me help you with that.", folder / "line.wav")
    said = (
        "--call",
        str(call),
        "--line",
        str(line),
        "--question",
        str(speech.interruption),
        "--expect",
        "20",
    )
    report = await run("stories_teacher.mjs", "--url", url, *said)
    return report, await _kept(url, report["session"])


# ---- what the server has kept ----------------------------------------------------------------------------
async def _kept(url: str, session: str) -> dict[str, Any]:
    """What is kept of a session that is over: its lines, as a page shows them, and its calls for a person."""
    async with httpx.AsyncClient(base_url=f"{url}/api", timeout=30) as client:
        async with asyncio.timeout(10):
            while (found := (await client.get(f"/sessions/{session}")).json())["status"] == "live":
                await asyncio.sleep(0.1)
        calls = (await client.get("/escalations")).json()["escalations"]
    return {
        "status": found["status"],
        "lines": [
            {"who": ROLES.get(line["role"], line["role"]), "text": line["text"], "isCut": line["is_cut"]}
            for line in found["lines"]
        ],
        "escalations": [call for call in calls if call["session"] == session],
    }


async def _note(url: str, question: str) -> str:
    """What the tutor knows about it."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        found = await client.get("/api/agents/tutor/knowledge/search", params={"q": question})
    return str(found.json()["passages"][0]["text"])
