"""All rooms, in a thread with a loop of its own: sound keeps its pace while the server's loop thinks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TypeVar

import structlog
from livekit.protocol.models import DisconnectReason, ServerInfo
from livekit.protocol.room import RoomConfiguration
from livekit.protocol.rtc import JoinResponse, LeaveRequest, SignalResponse

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.dispatch import Dispatcher
from antiphon.hosts.devroom.member import Line, Member
from antiphon.hosts.devroom.passes import Pass, Refused
from antiphon.hosts.devroom.room import Room

log = structlog.get_logger(__name__)

VERSION = "1.13.5"
"Of LiveKit's server, whose protocol is spoken: clients look at it."
PROTOCOL = 16
PING_INTERVAL, PING_WITHIN = 10, 60
"Seconds between a client's pings, and until it takes the server for lost."
RETURN_WITHIN = 10.0
"Seconds for a participant whose socket broke to come again."
END_WITHIN = 5.0
"Seconds for all rooms to be closed."
MAX_ROOMS = 32
Got = TypeVar("Got")


class Full(CallerError):
    """No room for more. Answered with 429."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The dev room has no room for more {what}.", code="resource_exhausted")


class House:
    """`room.Watcher`. What has a name with an underscore is of its own loop, and so are `rooms` and `dispatcher`."""

    def __init__(self, key: str, secret: str, connect_within: float) -> None:
        self._connect_within = connect_within
        self.rooms: dict[str, Room] = {}
        self.dispatcher = Dispatcher(key, secret, self)
        self.server_info = ServerInfo(
            edition=ServerInfo.Standard,
            version=VERSION,
            protocol=PROTOCOL,
            region="Antiphon dev room",
            agent_protocol=1,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._thread: threading.Thread | None = None

    # ---- from the server's loop --------------------------------------------------------------------------
    async def start(self) -> None:
        """Rooms can be entered."""
        here = asyncio.get_running_loop()
        started = asyncio.Event()

        def tell() -> None:
            here.call_soon_threadsafe(started.set)

        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(tell)), name="devroom", daemon=True
        )
        self._thread.start()
        await started.wait()

    async def stop(self) -> None:
        """All rooms are closed, and nothing is left running."""
        if self._thread is None:
            return
        self.post(self._stop)
        await asyncio.to_thread(self._thread.join, END_WITHIN)
        if self._thread.is_alive():
            log.warning("the dev room does not end")
        self._thread = None

    async def call(self, work: Callable[..., Got], *given: object) -> Got:
        """What `work` gives, which is done in the rooms' loop. Raises what it raises."""
        loop = self._loop
        if loop is None:
            raise CallerError("The dev room is closed.", code="unavailable")

        async def run() -> Got:
            return work(*given)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), loop))

    def post(self, work: Callable[..., object], *given: object) -> None:
        """`work` will be done in the rooms' loop, after what was posted before."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(work, *given)
        except RuntimeError:
            log.debug("the dev room is closed")

    # ---- in the rooms' loop ------------------------------------------------------------------------------
    async def _main(self, started: Callable[[], None]) -> None:
        self._stopping = asyncio.Event()
        async with asyncio.TaskGroup() as self._tasks:
            self._loop = asyncio.get_running_loop()
            started()
            await self._stopping.wait()
            self._loop = None
            for room in list(self.rooms.values()):
                room.close(DisconnectReason.SERVER_SHUTDOWN)
            self.dispatcher.close()

    def _stop(self) -> None:
        assert self._stopping is not None
        self._stopping.set()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        """The work is done beside all else. What it raises is logged."""
        assert self._tasks is not None
        self._tasks.create_task(_guarded(work, name), name=f"devroom: {name}")

    def open_room(self, name: str, config: RoomConfiguration) -> Room:
        """The room of that name, made if there is none. Raises Full."""
        room = self.rooms.get(name)
        if room is None:
            if len(self.rooms) >= MAX_ROOMS:
                raise Full("rooms")
            room = self.rooms[name] = Room(name, config, self, self._connect_within, self.spawn)
            self.dispatcher.opened(room)
        return room

    def join(self, granted: Pass, line: Line, *, is_single: bool, hears_all: bool) -> Member:
        """A participant, who is told so and whose requests are served. Raises Full, or Refused."""
        if self.dispatcher.is_relieved(granted.room, granted.identity):
            raise Refused("The job of this agent is over.")
        room = self.open_room(granted.room, granted.config)
        if room.is_full and granted.identity not in room.members:
            raise Full("participants")
        who = Member(room, granted, line, is_single=is_single, hears_all=hears_all)
        room.enter(who)
        joined = JoinResponse(
            room=room.info,
            participant=who.info,
            other_participants=[one.info for one in room.others(who)],
            server_version=VERSION,
            server_region=self.server_info.region,
            server_info=self.server_info,
            subscriber_primary=not is_single,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_WITHIN,
            enabled_publish_codecs=room.info.enabled_codecs,
        )
        who.say(SignalResponse(join=joined))
        room.begin(who)
        self.spawn(self._serve(who), f"{who.identity}: serve")
        for wanted in granted.config.agents:
            self.dispatcher.want(room, wanted)
        return who

    async def _serve(self, who: Member) -> None:
        try:
            await who.serve()
        finally:
            self.gone(who)  # whom nobody serves any longer is not there

    def turn_back(self, line: Line) -> None:
        """A client that would go on where it was is told to begin anew: its connections cannot be taken up."""
        again = LeaveRequest(reason=DisconnectReason.STATE_MISMATCH, action=LeaveRequest.RECONNECT)
        line.send(SignalResponse(leave=again).SerializeToString())
        line.close()

    def dropped(self, who: Member) -> None:
        """The participant's socket is closed."""
        if not who.is_here:
            return
        who.is_dropped = True
        if self.dispatcher.is_orphan(who):
            self.gone(who)
        elif self._loop is not None:
            self._loop.call_later(RETURN_WITHIN, self.gone, who)

    def gone(self, who: Member) -> None:
        """It is not in its room any longer."""
        if who.is_here and (room := self.rooms.get(who.granted.room)) is not None:
            room.leave(who, DisconnectReason.SIGNAL_CLOSE)

    def left(self, room: Room, who: Member) -> None:
        self.dispatcher.left(room, who)

    def closed(self, room: Room) -> None:
        if self.rooms.get(room.name) is room:
            del self.rooms[room.name]
        self.dispatcher.closed(room)


async def _guarded(work: Coroutine[object, object, None], name: str) -> None:
    try:
        await work
    except Exception:
        log.exception("the dev room has a fault", task=name)
