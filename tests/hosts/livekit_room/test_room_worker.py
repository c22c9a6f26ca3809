"""Workers and the server that dispatches to them: registration, jobs, load, drain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from livekit.agents import get_job_context
from livekit.api import AccessToken, TokenVerifier, VideoGrants
from livekit.protocol import agent as pb
from livekit.protocol.models import Room
from room_scene import pair, stage

from antiphon.hosts.livekit_room.tokens import ENGLISH, ORCHESTRATOR, Dispatched, RoomKeys
from antiphon.hosts.livekit_room.worker import House, agent_server

SECRET = "a secret that is as long as it should be"


class Dispatch:
    """The part of a LiveKit server that workers register with."""

    def __init__(self) -> None:
        self.workers: dict[str, web.WebSocketResponse] = {}
        self.jobs: dict[str, pb.Job] = {}
        self.answers: list[pb.AvailabilityResponse] = []
        self.done: dict[str, int] = {}
        self.loads: list[float] = []
        self.keys = RoomKeys("", "key", SECRET)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims = TokenVerifier("key", SECRET).verify(token)
        assert claims.video is not None
        assert claims.video.agent
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                told = pb.WorkerMessage()
                told.ParseFromString(message.data)
                await self._take(socket, told)
        return socket

    async def _take(self, socket: web.WebSocketResponse, told: pb.WorkerMessage) -> None:
        answer = pb.ServerMessage()
        match told.WhichOneof("message"):
            case "register":
                self.workers[told.register.agent_name] = socket
                answer.register.worker_id = f"AW_{told.register.agent_name}"
                answer.register.server_info.version = "1.13.5"
            case "availability":
                self.answers.append(told.availability)
                if not told.availability.available:
                    return
                job = self.jobs[told.availability.job_id]
                answer.assignment.job.CopyFrom(job)
                grants = VideoGrants(room_join=True, room=job.room.name, agent=True)
                token = AccessToken("key", SECRET).with_identity(told.availability.participant_identity)
                answer.assignment.token = token.with_kind("agent").with_grants(grants).to_jwt()
            case "update_job":
                self.done[told.update_job.job_id] = told.update_job.status
                return
            case "update_worker":
                self.loads.append(told.update_worker.load)
                return
            case _:
                return
        await socket.send_bytes(answer.SerializeToString())

    async def offer(self, name: str, room: str, metadata: str) -> str:
        job = pb.Job(
            id=f"AJ_{len(self.jobs)}",
            type=pb.JT_ROOM,
            room=Room(name=room, sid="RM_1"),
            agent_name=name,
            metadata=metadata,
        )
        self.jobs[job.id] = job
        message = pb.ServerMessage()
        message.availability.job.CopyFrom(job)
        await self.workers[name].send_bytes(message.SerializeToString())
        return job.id


@asynccontextmanager
async def dispatching() -> AsyncIterator[Dispatch]:
    dispatch = Dispatch()
    app = web.Application()
    app.router.add_get("/agent", dispatch.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    dispatch.keys = RoomKeys(f"ws://127.0.0.1:{port}", "key", SECRET)
    try:
        yield dispatch
    finally:
        await runner.cleanup()


async def until(is_so: object, within: float = 60.0) -> None:
    assert callable(is_so)
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.02)


def test_two_workers_take_jobs_by_name_and_report_what_became_of_them(tmp_path: Path) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        held: list[tuple[str, str, Dispatched]] = []
        over = asyncio.Event()

        async def hold(room: str, identity: str, told: Dispatched) -> None:
            assert asyncio.get_running_loop() is loop, "rooms are held where the models are"
            assert get_job_context(required=False) is None, "a session must not find the job and join twice"
            held.append((room, identity, told))
            await over.wait()

        async with dispatching() as dispatch:
            house = House(stage(tmp_path, pair()), dispatch.keys)
            servers = [agent_server(house, name, hold, 0, "127.0.0.1") for name in (ORCHESTRATOR, ENGLISH)]
            running = [asyncio.create_task(server.run()) for server in servers]
            try:
                await until(lambda: len(dispatch.workers) == 2)
                told = Dispatched("pair", "ann", "school", question="What?", history=(("user", "Hi"),))
                first = await dispatch.offer(ENGLISH, "r1", told.encode())
                second = await dispatch.offer(ORCHESTRATOR, "r2", "not json")
                await until(lambda: len(held) == 2)
                by_room = {room: (identity, what) for room, identity, what in held}
                assert by_room["r1"] == (f"agent-{first}", told)
                assert by_room["r2"] == (f"agent-{second}", Dispatched())
                assert house.load == pytest.approx(0.02)
                over.set()
                await until(
                    lambda: (
                        {first, second} <= dispatch.done.keys()
                        and pb.JS_RUNNING not in dispatch.done.values()
                    )
                )
                assert set(dispatch.done.values()) == {pb.JS_SUCCESS}
                assert not house.rooms
            finally:
                over.set()  # or the servers would wait for rooms that are never left
                for server in servers:
                    await server.aclose()
                await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(story())


def test_a_worker_that_drains_takes_no_job(tmp_path: Path) -> None:
    async def story() -> None:
        async def hold(room: str, identity: str, told: Dispatched) -> None:
            raise AssertionError("nothing is to be held")

        async with dispatching() as dispatch:
            at = stage(tmp_path, pair())
            server = agent_server(House(at, dispatch.keys), ORCHESTRATOR, hold, 0, "127.0.0.1")
            running = asyncio.create_task(server.run())
            try:
                await until(lambda: dispatch.workers)
                await at.drain()
                await dispatch.offer(ORCHESTRATOR, "r", "")
                await until(lambda: dispatch.answers)
                assert not dispatch.answers[0].available
            finally:
                await server.aclose()
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_a_worker_comes_back_to_a_server_that_was_gone(tmp_path: Path) -> None:
    async def story() -> None:
        async def hold(room: str, identity: str, told: Dispatched) -> None:
            return

        async with dispatching() as dispatch:
            server = agent_server(
                House(stage(tmp_path, pair()), dispatch.keys), ORCHESTRATOR, hold, 0, "127.0.0.1"
            )
            running = asyncio.create_task(server.run())
            try:
                await until(lambda: dispatch.workers)
                await dispatch.workers.pop(ORCHESTRATOR).close()
                await until(lambda: dispatch.workers)
                await dispatch.offer(ORCHESTRATOR, "r", "")
                await until(lambda: dispatch.answers)
            finally:
                await server.aclose()
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_a_simulated_job_is_held_without_a_server(tmp_path: Path) -> None:
    async def story() -> None:
        held = asyncio.Event()

        async def hold(room: str, identity: str, told: Dispatched) -> None:
            assert room == "rehearsal"
            held.set()

        house = House(stage(tmp_path, pair()), RoomKeys("ws://127.0.0.1:9", "key", SECRET))
        server = agent_server(house, ORCHESTRATOR, hold, 0, "127.0.0.1")
        running = asyncio.create_task(server.run(unregistered=True))
        try:
            await asyncio.sleep(0.2)
            await server.simulate_job("rehearsal", fake_job=True, agent_identity="agent-1")
            async with asyncio.timeout(60):
                await held.wait()
        finally:
            await server.aclose()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
