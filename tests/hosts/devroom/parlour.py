"""A dev room on a real server, and people who come into it with LiveKit's own client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import numpy as np
import uvicorn
from livekit import api, rtc
from livekit.protocol.room import RoomConfiguration
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from antiphon.hosts.devroom import PATH, DevRoom
from antiphon.hosts.server import server_config

KEY, SECRET = "devkey", "a secret of more than thirty-two characters"
RATE = 48_000
FRAME = 480
"Samples of 10 ms."
WITHIN = 90.0
"Seconds for what must happen to happen, on a machine that may be busy."


def token(
    identity: str, room: str = "parlour", *, config: RoomConfiguration | None = None, **grants: object
) -> str:
    """A token that lets its bearer join the room, with more grants, or fewer."""
    given = {"room_join": True, "room": room, "can_update_own_metadata": True, **grants}
    made = api.AccessToken(KEY, SECRET).with_identity(identity).with_name(identity.title())
    made = made.with_grants(api.VideoGrants(**given))  # type: ignore[arg-type]
    return (made.with_room_config(config) if config is not None else made).to_jwt()


def expired(identity: str) -> str:
    """A token of a minute ago."""
    grants = api.VideoGrants(room_join=True, room="parlour")
    made = api.AccessToken(KEY, SECRET).with_identity(identity).with_grants(grants)
    return made.with_ttl(timedelta(minutes=-1)).to_jwt()


class Parlour:
    """Where the dev room is, and who was asked in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"ws://127.0.0.1:{port}{PATH}"
        self.http = f"http://127.0.0.1:{port}{PATH}"
        self.guests: list[Guest] = []

    async def guest(self, identity: str, **grants: object) -> Guest:
        """Somebody who has joined."""
        guest = Guest(identity)
        self.guests.append(guest)
        await guest.join(self.url, token(identity, **grants))  # type: ignore[arg-type]
        return guest

    @asynccontextmanager
    async def office(self) -> AsyncIterator[api.LiveKitAPI]:
        """livekit-api."""
        async with api.LiveKitAPI(self.url, KEY, SECRET) as office:
            yield office


class Guest:
    """A participant, who remembers what happened to it."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.room = rtc.Room()
        self.happened: list[tuple[object, ...]] = []
        self.sound: dict[str, list[np.ndarray]] = {}
        "What was heard of whom since its last track was subscribed, in pieces of 10 ms."
        self._tasks: set[asyncio.Task[None]] = set()
        self._streams: list[rtc.AudioStream] = []
        self._pitch = 0.0
        self._source: rtc.AudioSource | None = None
        for name in ("participant_connected", "participant_disconnected", "disconnected", "reconnected"):
            self.room.on(name, self._note(name))
        for name in ("track_muted", "track_unsubscribed", "local_track_subscribed", "room_metadata_changed"):
            self.room.on(name, self._note(name))
        self.room.on("track_subscribed", self._hear)
        self.room.on(
            "data_received", lambda got: self.happened.append(("data", got.topic or None, bytes(got.data)))
        )

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *about: self.happened.append((name, *(getattr(one, "identity", one) for one in about)))

    def names(self) -> list[object]:
        """Of what happened."""
        return [one[0] for one in self.happened]

    async def join(self, url: str, token: str, options: rtc.RoomOptions | None = None) -> None:
        await self.room.connect(url, token, options or rtc.RoomOptions())

    async def speak(self, pitch: float, name: str = "microphone") -> str:
        """A tone of `pitch` Hz, or silence for 0, is published; the track's sid."""
        self._pitch = pitch
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=20)
        track = rtc.LocalAudioTrack.create_audio_track(name, self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        published = await self.room.local_participant.publish_track(track, options)
        self._run(self._sing(self._source))
        return published.sid

    def sing(self, pitch: float) -> None:
        """The tone is another from now on."""
        self._pitch = pitch

    async def _sing(self, source: rtc.AudioSource) -> None:
        at = 0
        while True:
            wave = np.sin((np.arange(FRAME) + at) * (2 * np.pi * self._pitch / RATE)) * 8000
            at += FRAME
            await source.capture_frame(rtc.AudioFrame(wave.astype("<i2").tobytes(), RATE, 1, FRAME))

    def _hear(self, track: rtc.Track, publication: object, who: rtc.RemoteParticipant) -> None:
        self.happened.append(("track_subscribed", who.identity))
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        self._streams.append(stream)
        pieces = self.sound[who.identity] = []
        self._run(self._listen(stream, pieces))

    async def _listen(self, stream: rtc.AudioStream, pieces: list[np.ndarray]) -> None:
        async for event in stream:
            samples = np.frombuffer(event.frame.data, dtype="<i2").astype(float)
            pieces.append(samples)

    def _run(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)

    def tone(self, identity: str) -> tuple[float, float]:
        """The pitch in Hz, and the level (1.0 is what is sung), of the last 200 ms that were heard of somebody."""
        pieces = self.sound.get(identity, [])[-20:]
        if len(pieces) < 20:
            return 0.0, 0.0
        sound = np.concatenate(pieces)
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        return float(np.argmax(spectrum) * RATE / len(sound)), float(
            np.sqrt((sound**2).mean()) / (8000 / 2**0.5)
        )

    def hears(self, identity: str, pitch: float) -> bool:
        """That tone comes from somebody, about as loud as it is sung."""
        heard, level = self.tone(identity)
        return abs(heard - pitch) < 12 and 0.6 < level < 1.4

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stream in self._streams:
            await stream.aclose()
        if self.room.isconnected():
            await self.room.disconnect()


async def until(happens: Callable[[], object], within: float = WITHIN) -> None:
    """Returns when it does."""
    async with asyncio.timeout(within):
        while not happens():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def parlour(
    more: list[BaseRoute] | None = None, connect_within: float = 15.0
) -> AsyncIterator[Parlour]:
    """A dev room, and nobody in it. All who were asked in have left when it ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    room = DevRoom(KEY, SECRET, connect_within=connect_within)
    server = uvicorn.Server(server_config(Starlette(routes=[*room.routes, *(more or [])])))
    async with room, asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve([listening]))
        await until(lambda: server.started or serving.done())
        place = Parlour(listening.getsockname()[1])
        try:
            yield place
        finally:
            for guest in place.guests:
                await guest.leave()
            server.should_exit = True


class cable:
    """The way to the server for sockets alone, which can be cut."""

    def __init__(self, place: Parlour) -> None:
        self._place = place
        self._ends: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> tuple[str, Callable[[], None]]:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return self._place.url.replace(str(self._place.port), str(port)), self._cut

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._cut()
        await asyncio.wait_for(asyncio.gather(*self._tasks, return_exceptions=True), WITHIN)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._place.port)
        self._ends += [writer, back]
        for a, b in ((reader, back), (there, writer)):
            self._tasks.add(asyncio.ensure_future(self._pass(a, b)))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _cut(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
