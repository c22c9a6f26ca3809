"""Workers: what a LiveKit server dispatches our agents to. Many rooms, one process, one stage.

`AgentServer` gives each job a thread with a loop of its own. Ours does nothing in it but wait: the room is held on the
stage's loop, where all sessions share the models.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

import structlog
from livekit.agents import AgentServer, JobContext, JobExecutorType, JobRequest

from antiphon.config import Settings
from antiphon.core.errors import AntiphonError
from antiphon.hosts.livekit_room.english import EnglishRoom
from antiphon.hosts.livekit_room.finding import way_to
from antiphon.hosts.livekit_room.lessons import Place, place_of
from antiphon.hosts.livekit_room.room import RoomCall
from antiphon.hosts.livekit_room.talks import Talk
from antiphon.hosts.livekit_room.tokens import (
    ENGLISH,
    ORCHESTRATOR,
    Dispatched,
    RoomKeys,
    dispatched,
)
from antiphon.hosts.livekit_room.waits import Waits
from antiphon.hosts.stage import Stage

log = structlog.get_logger(__name__)

NAMES = (ORCHESTRATOR, ENGLISH)
MAX_RETRY = 100_000
"Attempts to reach the LiveKit server: it may be gone for as long as it likes, ten seconds between two of them."
IDLE = 1
"Threads that wait for a job: a new one takes a tenth of a second, on a busy machine many."
READY_WITHIN = 30.0
"Seconds for such a thread to be ready."
LEAVE_WITHIN = 5.0
"Seconds for the agents to leave their rooms when the worker stops."

Hold = Callable[[str, str, Dispatched], Awaitable[None]]
"Holds a conversation in the room of that name, under that identity."


@dataclass
class House:
    """The rooms of one process. On the stage's loop."""

    stage: Stage
    keys: RoomKeys
    address: str = ""
    "http://host:port of our own server."
    waits: Waits = field(default_factory=Waits)
    rooms: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    "By the identity of the agent in them."
    talks: dict[str, Talk] = field(default_factory=dict)
    "By the name of their room."
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    @property
    def load(self) -> float:
        """Of what this process can hold, 0 to 1: 1 while it takes no more."""
        stage = self.stage
        if stage.is_full or not stage.loaded.is_set():
            return 1.0
        return max(len(self.rooms), len(stage.sessions)) / stage.settings.max_sessions

    async def hold(self, hold: Hold, room: str, identity: str, told: Dispatched) -> None:
        """From any loop: the room has been held, or was left because the job is over."""
        over: Future[None] = Future()

        def begin() -> None:
            task = self._loop.create_task(self._hold(hold, room, identity, told), name=f"room: {room}")
            over.add_done_callback(lambda _: self._loop.call_soon_threadsafe(task.cancel))
            task.add_done_callback(lambda _: _tell(over))

        # A context of its own: a session that finds a job in its context would join the room a second time.
        self._loop.call_soon_threadsafe(begin, context=Context())
        await asyncio.wrap_future(over)

    async def _hold(self, hold: Hold, room: str, identity: str, told: Dispatched) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.rooms[identity] = task
        try:
            await hold(room, identity, told)
        except* AntiphonError as failed:
            log.error("a room could not be held", room=room, error="; ".join(map(str, _leaves(failed))))
        except* Exception:
            log.exception("a room failed", room=room)
            raise
        finally:
            del self.rooms[identity]

    async def converse(self, room: str, identity: str, told: Dispatched) -> None:
        """The orchestrator's job. A second one for a room, after its server was gone, is the same again."""
        while (other := self.talks.get(room)) is not None:
            goes_on = not other.is_leaving
            if goes_on:
                other.identity = identity
            await other.left.wait()
            if goes_on:
                return

        def enter(under: str) -> RoomCall:
            return RoomCall(self.stage, self.keys, room, under, told, self.address, self.waits)

        talk = self.talks[room] = Talk(self.keys, room, identity, enter, self.waits)
        try:
            await talk.hold()
        finally:
            del self.talks[room]

    async def leave(self) -> None:
        """The agents have left their rooms. Conversations are not over: another worker goes on with them."""
        rooms = list(self.rooms.values())
        for task in rooms:
            task.cancel()
        if rooms:
            await asyncio.wait(rooms, timeout=LEAVE_WITHIN)


def agent_server(house: House, name: str, hold: Hold, port: int, host: str) -> AgentServer:
    """A worker that offers the agent of that name, not yet running. Explicit dispatch only."""
    keys = house.keys
    server = AgentServer(
        ws_url=keys.url,
        api_key=keys.key,
        api_secret=keys.secret,
        job_executor_type=JobExecutorType.THREAD,
        num_idle_processes=IDLE,
        initialize_process_timeout=READY_WITHIN,
        load_fnc=lambda: house.load,
        load_threshold=0.99,
        max_retry=MAX_RETRY,
        host=host,
        port=port,
    )

    async def work(job: JobContext) -> None:
        told = dispatched(job.job.metadata)
        await house.hold(hold, job.job.room.name, job.local_participant_identity, told)
        job.shutdown("the conversation is over")

    async def answer(request: JobRequest) -> None:
        """Refused while nothing can be held; the server asks another worker."""
        if house.load >= 1.0:
            await request.reject()
        else:
            await request.accept(identity=f"agent-{request.job.id}", name="Antiphon")

    server.rtc_session(work, agent_name=name, on_request=answer)
    return server


async def run_workers(
    stage: Stage,
    keys: RoomKeys,
    names: tuple[str, ...] = NAMES,
    *,
    ready: Callable[[str], None] = lambda name: None,
    host: str = "127.0.0.1",
    port: int | None = None,
    address: str = "",
    waits: Waits | None = None,
) -> None:
    """The workers of these names run until cancelled; then they have drained. `ready` is told of each registration.

    `port` is of the first one's health page, the next of the second's; None: any. `address`: http://host:port of our
    own server; where the settings say if it is not this process.
    """
    if place_of(stage.settings) is not Place.OFF:
        import_module(
            "livekit.plugins.openai"
        )  # seconds that no lesson is to begin with; on this thread only
    stage.way = partial(way_to, keys)
    house = House(stage, keys, address or _address(stage.settings), waits or Waits())

    async def english(room: str, identity: str, told: Dispatched) -> None:
        await EnglishRoom(stage, keys, room, identity, told, house.address).hold()

    holds: dict[str, Hold] = {ORCHESTRATOR: house.converse, ENGLISH: english}
    with _quiet(), _own_environment():
        servers = [
            agent_server(house, name, holds[name], (port + number) if port else 0, host)
            for number, name in enumerate(names)
        ]
        for name, server in zip(names, servers, strict=True):
            server.on("worker_registered", lambda *_, name=name: ready(name))
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(server.run(), name=f"worker: {name}")
                for name, server in zip(names, servers, strict=True)
            ]
            try:
                await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                await _drained(house, servers)


async def _drained(house: House, servers: list[AgentServer]) -> None:
    """No job is taken any more, the conversations have stopped at a moment of quiet, and the agents have left."""
    for server in servers:
        with suppress(Exception):
            await server.drain(timeout=1)
    await house.stage.drain("the worker stops")
    await house.leave()
    for server in servers:
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_WITHIN):
                await server.aclose()


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _leaves(failed: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """The exceptions themselves."""
    found: list[BaseException] = []
    for one in failed.exceptions:
        found += _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return found


def _tell(over: Future[None]) -> None:
    if not over.cancelled():
        over.set_result(None)


@contextmanager
def _quiet() -> Iterator[None]:
    """The framework warns of jobs that do not connect in their thread. Ours connect on the stage's loop."""
    logger = logging.getLogger("livekit.agents")

    def lets_pass(record: logging.LogRecord) -> bool:
        return "connection" not in (told := record.getMessage()) or "job" not in told

    logger.addFilter(lets_pass)
    try:
        yield
    finally:
        logger.removeFilter(lets_pass)


@contextmanager
def _own_environment() -> Iterator[None]:
    """The framework writes its server's address into this process's environment, where settings are read from."""
    before = {name: value for name, value in os.environ.items() if name.startswith("LIVEKIT_")}
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("LIVEKIT_")]:
            del os.environ[name]
        os.environ.update(before)
