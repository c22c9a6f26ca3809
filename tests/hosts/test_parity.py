"""One conversation by every host: the same words are remembered, the same is decided, and the same rows are kept.

In it there is a turn, an interruption, a hit of the guardrail, and a call for a person, who takes over and hands back.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx2 as httpx
import pytest
import websockets
from hall import Hall, hall
from livekit import rtc

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import SAFE_LINES, SELF_HARM, Allow, Block, Rewrite, Verdict
from antiphon.agent.routing import Route
from antiphon.bench.caller import Caller
from antiphon.bench.ways import way
from antiphon.core.audio import Pcm
from antiphon.core.transcript import Line
from antiphon.wire import native

pytestmark = pytest.mark.anyio

SUM, ROME, WAIT = "What is two plus two?", "Tell me about Rome.", "Wait, what is three times three?"
SECRET, GRIEF, THANKS = "Where does he live?", "I want to hurt myself.", "Thank you, sir."
AGAIN, COMFORT = "What is five plus five?", "Rest a little now."
LINES = (SUM, ROME, WAIT, SECRET, GRIEF, THANKS, AGAIN, COMFORT)
GREW, LEFT, TYPED = "Rome was a small town.", "Let us leave that.", "This is Mister Clark."
ANSWERS = {
    SUM: ("math", "Two plus two is four."),
    ROME: ("history", GREW, "Then it grew for a thousand years."),
    WAIT: ("math", "Three times three is nine."),
    SECRET: ("history", "He lives at number five.", "It is a forbidden house."),
    AGAIN: ("math", "Five plus five is ten."),
}
STORY = [
    ("user", SUM, False, ""),
    ("agent", "Two plus two is four.", False, ""),
    ("user", ROME, False, ""),
    ("agent", GREW, True, ""),
    ("user", WAIT, False, ""),
    ("agent", "Three times three is nine.", False, ""),
    ("user", SECRET, False, ""),
    ("agent", f"He lives at some number. {LEFT}", False, ""),
    ("user", GRIEF, False, ""),
    ("agent", SAFE_LINES[SELF_HARM], False, ""),
    ("supervisor", TYPED, False, ""),
    ("user", THANKS, False, ""),
    ("supervisor", COMFORT, False, "local"),
    ("user", AGAIN, False, ""),
    ("agent", "Five plus five is ten.", False, ""),
]
"Who says what, whether it was cut, and by what name."
PAUSE_S = 4.0
"""Seconds of silence after the sentence that is interrupted. How fast a voice over the agent's stops it differs with the
way: a player of ours holds at the first sound, LiveKit after 0.15 s, and a network is in between. Said into a silence,
the interruption cuts at the same word wherever it comes in."""
HOSTS = (("orchestrate", "realtime", "direct"), ("livekit",))
WITHIN = 60.0
"Seconds for any step: the first room loads LiveKit's framework, on a machine that may be busy."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Rails:
    """Hears grief, hides numbers, and refuses what is forbidden."""

    async def check_input(self, text: str) -> Verdict:
        return Block((SELF_HARM,), 0.97) if "hurt" in text else Allow()

    async def check_output(self, text: str) -> Verdict:
        if "forbidden" in text:
            return Block(("violence",), 0.9, line=LEFT)
        if "number five" in text:
            return Rewrite(text.replace("number five", "some number"), ("pii",), 0.8)
        return Allow()


class ByTheBook:
    """Knows who answers what."""

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        return Route(
            ANSWERS.get(utterance, ("math",))[0], 0.9, f"so it is written, after {len(conversation)} lines"
        )


async def told(question: Question) -> Grounding:
    return Grounding(ANSWERS[question.text][1:], is_certain=True)


AGENT = Agent(
    "twin",
    "",
    (Specialist("math", "", told), Specialist("history", "", told)),
    Rails(),
    ByTheBook(),
)


# ---- the person ------------------------------------------------------------------------------------------
class Post(Protocol):
    """Where a supervisor stands."""

    async def send(self, **message: object) -> None: ...

    async def speak(self, pcm: Pcm) -> None: ...


class Desk:
    """Beside any session: the page of a supervisor."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def send(self, **message: object) -> None:
        await self._socket.send(json.dumps(message))

    async def speak(self, pcm: Pcm) -> None:
        for at in range(0, len(pcm), 320):
            await self._socket.send(pcm.between(at, at + 320).data)
            await asyncio.sleep(0.02)


class Seat:
    """In the room: a participant."""

    def __init__(self, room: rtc.Room, source: rtc.AudioSource) -> None:
        self._room = room
        self._source = source

    async def send(self, **message: object) -> None:
        await self._room.local_participant.publish_data(json.dumps(message), topic="antiphon.supervise")

    async def speak(self, pcm: Pcm) -> None:
        """The source keeps the time."""
        for at in range(0, len(pcm) - 159, 160):
            await self._source.capture_frame(rtc.AudioFrame(pcm.between(at, at + 160).data, 16_000, 1, 160))
        await self._source.wait_for_playout()


@asynccontextmanager
async def desk(house: Hall, session: str) -> AsyncIterator[Post]:
    async with websockets.connect(f"ws://{house.address}/supervise") as socket:
        await socket.send(json.dumps({"type": "watch", "session": session, "sound": False}))
        reading = asyncio.create_task(_read(socket))
        try:
            yield Desk(socket)
        finally:
            reading.cancel()


async def _read(socket: websockets.ClientConnection) -> None:
    async for _ in socket:
        pass


@asynccontextmanager
async def seat(house: Hall, session: str) -> AsyncIterator[Post]:
    async with httpx.AsyncClient(base_url=f"http://{house.address}") as client:
        given = (await client.post("/api/livekit/supervise", json={"session": session})).json()
    room, source, is_heard = rtc.Room(), rtc.AudioSource(16_000, 1), asyncio.Event()
    room.on("local_track_subscribed", lambda *_: is_heard.set())
    await room.connect(given["url"], given["token"])
    try:
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        await room.local_participant.publish_track(track, rtc.TrackPublishOptions())
        async with asyncio.timeout(WITHIN):
            await is_heard.wait()
        yield Seat(room, source)
    finally:
        await room.disconnect()
        await source.aclose()


# ---- the conversation ------------------------------------------------------------------------------------
class Twin:
    """One of those who hold the same conversation."""

    def __init__(self, house: Hall, caller: Caller) -> None:
        self.house = house
        self.caller = caller

    @property
    def news(self) -> list[native.ServerMessage]:
        return [arrived.message for arrived in self.caller.messages]

    async def until(self, message: type, **fields: object) -> None:
        """A message of that kind came, with these fields."""

        def has_come() -> bool:
            return any(
                isinstance(one, message) and all(getattr(one, k) == v for k, v in fields.items())
                for one in self.news
            )

        await self.caller.wait_for(has_come, WITHIN)

    async def says(self, line: str) -> None:
        await self.caller.say(self.house.tones.said(line))

    async def asks(self, line: str, last: str) -> None:
        """The line was said, and the answer heard, to its last sentence."""
        await self.says(line)
        await self.hears(last)

    async def hears(self, last: str) -> None:
        await self.caller.wait_for(
            lambda: any(
                isinstance(one, native.Remembered) and one.role == "agent" and one.text.endswith(last)
                for one in self.news
            ),
            WITHIN,
        )
        await self.caller.wait_idle(WITHIN)


async def converse(twin: Twin, via: str) -> None:
    caller, session = twin.caller, twin.caller.ready.session
    await twin.asks(SUM, "is four.")
    await twin.says(ROME)
    await twin.until(native.HeardText, heard=GREW)
    await twin.asks(WAIT, "is nine.")
    await twin.asks(SECRET, LEFT)
    await twin.says(GRIEF)
    await twin.until(native.Escalated)
    await caller.wait_idle(WITHIN)
    place = seat if via == "livekit" else desk
    async with place(twin.house, session) as person:
        await twin.until(native.Supervised, how="joined")
        await person.send(type="take_over")
        await twin.until(native.Supervised, how="taken_over")
        await person.send(type="say", text=TYPED)
        await twin.until(native.Remembered, role="supervisor", text=TYPED)
        await twin.says(THANKS)
        await twin.until(native.Remembered, role="user", text=THANKS)
        await person.speak(twin.house.tones.said(COMFORT) + Pcm(bytes(32_000), 16_000))
        await twin.until(native.Remembered, role="supervisor", text=COMFORT)
        await person.send(type="hand_back")
        await twin.until(native.Supervised, how="handed_back")
    await twin.asks(AGAIN, "is ten.")


Rows = list[dict[str, object]]
TABLES = ("transcript_turns", "routing_decisions", "guardrail_events", "escalation_events")


@dataclass(frozen=True)
class Kept:
    """What is left of a conversation: what the caller was told, and what the tables hold."""

    lines: list[tuple[object, ...]]
    routes: list[tuple[object, ...]]
    verdicts: list[tuple[object, ...]]
    rows: dict[str, Rows]


def settled(rows: dict[str, Rows]) -> dict[str, Rows]:
    """The rows of turns in which something was said, numbered as they followed each other.

    A network's unrest can tear a line in two for a moment: then a reply is begun ahead, and thrown away unheard when
    the rest comes. It has had a number, and a route that was decided stays decided. Whether that happens is no matter
    of the host, and nothing of it was ever said.
    """
    said = list(dict.fromkeys(row["turn"] for row in rows["transcript_turns"]))
    found = {
        table: [{**row, "turn": said.index(row["turn"])} for row in rows[table] if row["turn"] in said]
        for table in TABLES
    }
    before: object = ""
    for row in found["routing_decisions"]:
        row["from_agent"], before = before, row["to_agent"]
    return found


async def kept(house: Hall, via: str) -> Kept:
    async with way(via)(f"http://{house.address}", agent="twin", greet=False, key="") as caller:
        twin = Twin(house, caller)
        try:
            await converse(twin, via)
        except TimeoutError:
            came = "\n".join(f"{one.at:.2f} {one.message}" for one in caller.messages)
            raise AssertionError(f"via {via}, this is all that came:\n{came}") from None
        session = caller.ready.session
    said = {one.turn for one in twin.news if isinstance(one, native.Remembered)}
    return Kept(
        [(m.role, m.text, m.is_cut, m.by) for m in twin.news if isinstance(m, native.Remembered)],
        [
            (m.specialist, m.confidence, m.reason)
            for m in twin.news
            if isinstance(m, native.RouteChosen) and m.turn in said
        ],
        [
            (m.side, m.action, m.categories, m.confidence)
            for m in twin.news
            if isinstance(m, native.VerdictGiven) and m.turn in said
        ],
        settled(await house.rows(session)),
    )


async def test_the_same_is_said_decided_and_kept_whatever_the_way(tmp_path: Path) -> None:
    """Conversations beside each other; the room's after them, for it takes as much of a machine as all others."""
    found: dict[str, Kept] = {}
    async with hall(tmp_path, AGENT, LINES, {GREW: PAUSE_S}) as house:
        for together in HOSTS:
            async with asyncio.TaskGroup() as tasks:
                held = {via: tasks.create_task(kept(house, via)) for via in together}
            found |= {via: one.result() for via, one in held.items()}
    usual = found["orchestrate"]
    assert usual.lines == STORY
    assert len(usual.routes) == len(usual.rows["routing_decisions"]) == 5
    assert len(usual.verdicts) == len(usual.rows["guardrail_events"]) == 3
    assert usual.rows["escalation_events"] == [{"turn": 4, "reason": SELF_HARM}]
    assert len(usual.rows["transcript_turns"]) == len(STORY)
    for one in found.values():
        assert one == usual
