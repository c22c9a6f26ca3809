"""A real room: that of the LiveKit server of LIVEKIT_URL, or without one of the dev room."""

from __future__ import annotations

import asyncio
import json
import os
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from livekit import rtc
from room_scene import pair, stage
from starlette.applications import Starlette

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import Attended
from antiphon.hosts.devroom import DevRoom
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.room import TAKEN
from antiphon.hosts.livekit_room.supervising import TOPIC
from antiphon.hosts.livekit_room.tokens import ORCHESTRATOR, Dispatched, RoomKeys
from antiphon.hosts.livekit_room.worker import run_workers
from antiphon.hosts.security.tokens import session_id
from antiphon.hosts.stage import Stage
from antiphon.session.supervision import Supervisor

SECRET = "a secret that is as long as it should be"


@asynccontextmanager
async def server() -> AsyncIterator[RoomKeys]:
    if url := os.environ.get("LIVEKIT_URL"):
        yield RoomKeys(url, os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"])
        return
    async with DevRoom("key", SECRET, path="") as devroom:
        config = uvicorn.Config(Starlette(routes=devroom.routes), port=0, log_level="error", lifespan="off")
        serving = uvicorn.Server(config)
        task = asyncio.create_task(serving.serve())
        while not serving.started:
            await asyncio.sleep(0.02)
        port = serving.servers[0].sockets[0].getsockname()[1]
        try:
            yield RoomKeys(f"ws://127.0.0.1:{port}", "key", SECRET)
        finally:
            serving.should_exit = True
            await task


@asynccontextmanager
async def worker(at: Stage, keys: RoomKeys) -> AsyncIterator[None]:
    registered = asyncio.Event()
    task = asyncio.create_task(run_workers(at, keys, (ORCHESTRATOR,), ready=lambda name: registered.set()))
    try:
        async with asyncio.timeout(20):
            await registered.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def joined(keys: RoomKeys, token: str, texts: dict[str, list[str]]) -> rtc.Room:
    """A participant in the room who keeps what is written to them, by topic, and hears the agent."""
    room = rtc.Room()
    reading: set[asyncio.Task[None]] = set()

    def take(topic: str) -> None:
        def handle(reader: rtc.TextStreamReader, identity: str) -> None:
            async def read() -> None:
                texts.setdefault(topic, []).append(await reader.read_all())

            reading.add(asyncio.ensure_future(read()))

        room.register_text_stream_handler(topic, handle)

    take("lk.transcription")
    take(TAKEN)
    await room.connect(keys.url, token)
    return room


async def until(is_so: object, within: float = 20.0) -> None:
    assert callable(is_so)
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.05)


def test_a_student_is_greeted_asks_and_a_teacher_takes_over(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        async with server() as keys, worker(at, keys):
            name = session_id()
            texts: dict[str, list[str]] = {}
            heard: list[str] = []
            "The track's name for every frame in which something sounds."
            listening: list[asyncio.Task[None]] = []

            def listen(track: rtc.Track, publication: rtc.RemoteTrackPublication, who: object) -> None:
                async def hear() -> None:
                    async for event in rtc.AudioStream(track, sample_rate=16_000, num_channels=1):
                        if max(array("h", bytes(event.frame.data)), default=0) > 500:
                            heard.append(publication.name)

                listening.append(asyncio.create_task(hear()))

            told = Dispatched("pair", "ann", "school")
            student = await joined(keys, tokens.student(keys, name, "ann", told), texts)
            await until(lambda: name in at.sessions)
            session = at.sessions[name]
            news: list[object] = []
            session.watchers.append(lambda _, item: news.append(item))
            await until(lambda: [line.text for line in session.transcript] == ["Hello there."])

            await student.local_participant.send_text("sums please", topic="lk.chat")
            await until(lambda: len(session.transcript) == 3)
            assert session.transcript.lines[-1].text == "You said sums please That is all."
            assert session.transcript.lines[-1].speaker == "sums"

            other: dict[str, list[str]] = {}
            second = await joined(keys, tokens.student(keys, name, "bob", told), other)
            await until(lambda: other.get(TAKEN))
            teacher = await joined(keys, tokens.supervisor(keys, name, "mia"), {})
            await until(lambda: any(isinstance(one, Attended) for one in news))
            answers: list[dict[str, object]] = []
            teacher.on(
                "data_received",
                lambda packet: answers.append(json.loads(packet.data)) if packet.topic == TOPIC else None,
            )
            for message in (
                {"type": "ping", "id": 7},
                {"type": "hand_back"},
                {"type": "say", "text": "forbidden"},
            ):
                await teacher.local_participant.publish_data(json.dumps(message), topic=TOPIC)
            await until(lambda: len(answers) == 3)
            assert answers[0] == {"type": "pong", "id": 7}
            assert {one.get("code") for one in answers} >= {"not_taken_over"}
            assert any(one["type"] == "line_refused" for one in answers)
            await teacher.local_participant.publish_data(json.dumps({"type": "take_over"}), topic=TOPIC)
            await until(lambda: session.supervision.taken_over_by == "mia")
            await teacher.disconnect()
            await until(lambda: not session.supervision.taken_over_by)

            page = Supervisor("zoe")  # at /supervise: their voice comes to the session, not to the room
            session.supervision.join(page)
            session.supervision.take_over(page)
            student.on("track_subscribed", listen)
            loud = array("h", ([3000] * 20 + [-3000] * 20) * 8).tobytes()
            for _ in range(400):
                session.supervision.voice(page, Pcm(loud, 16_000))
                await asyncio.sleep(0.02)
                if heard.count("teacher") > 10:
                    break
            assert heard.count("teacher") > 10
            session.supervision.hand_back(page)
            session.supervision.leave(page)

            for one in listening:
                one.cancel()
            await second.disconnect()
            await student.disconnect()
            await until(lambda: name not in at.sessions)
            assert session.conversation.is_over
            assert any(line.role is e.Role.USER for line in session.transcript)

    asyncio.run(story())
