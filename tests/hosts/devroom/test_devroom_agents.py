"""Agents: real workers of livekit-agents are called into rooms, and replaced when they die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from livekit import api, rtc
from livekit.agents import AgentServer, JobContext, JobExecutorType
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration
from parlour import KEY, SECRET, Parlour, parlour, token, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hired:
    """A worker, and the jobs it got."""

    def __init__(self, place: Parlour, name: str) -> None:
        self.jobs: list[tuple[str, str]] = []
        "The room and the metadata of each."
        self.server = AgentServer(
            ws_url=place.url,
            api_key=KEY,
            api_secret=SECRET,
            num_idle_processes=0,
            job_executor_type=JobExecutorType.THREAD,
            port=0,
            host="127.0.0.1",
        )
        self.server.rtc_session(self._work, agent_name=name)

    async def _work(self, context: JobContext) -> None:
        self.jobs.append((context.job.room.name, context.job.metadata))
        await context.connect()
        await context.room.local_participant.set_attributes({"came": "yes"})


@asynccontextmanager
async def hired(place: Parlour, name: str = "teacher") -> AsyncIterator[Hired]:
    """A worker that offers the agent of that name, for as long as this lasts."""
    worker = Hired(place, name)
    working = asyncio.ensure_future(worker.server.run(devmode=True))
    try:
        yield worker
    finally:
        await worker.server.aclose()
        await asyncio.gather(working, return_exceptions=True)


def calling(metadata: str) -> RoomConfiguration:
    return RoomConfiguration(agents=[RoomAgentDispatch(agent_name="teacher", metadata=metadata)])


async def test_a_token_calls_an_agent_which_may_come_later_than_the_caller() -> None:
    async with parlour() as place:
        pupil = await place.guest("pupil", config=calling('{"lesson": 3}'))
        async with hired(place) as worker, hired(place, "somebody else") as other:
            await until(lambda: worker.jobs)
            assert worker.jobs == [("parlour", '{"lesson": 3}')]
            await until(lambda: pupil.room.remote_participants)
            (agent,) = pupil.room.remote_participants.values()
            await until(lambda: agent.attributes.get("came") == "yes")
            assert agent.attributes["lk.agent.name"] == "teacher"
            assert other.jobs == []
            second = await place.guest("second", config=calling("again"))
            await until(lambda: "pupil" in second.room.remote_participants)
            assert len(worker.jobs) == 1


async def test_an_office_calls_an_agent_sees_it_and_sends_it_away() -> None:
    async with parlour() as place, place.office() as office, hired(place) as worker:
        pupil = await place.guest("pupil")
        asked = api.CreateAgentDispatchRequest(agent_name="teacher", room="parlour", metadata="algebra")
        called = await office.agent_dispatch.create_dispatch(asked)
        await until(lambda: pupil.room.remote_participants)
        assert worker.jobs == [("parlour", "algebra")]
        (found,) = await office.agent_dispatch.list_dispatch("parlour")
        assert (found.id, found.agent_name) == (called.id, "teacher")
        (job,) = found.state.jobs
        assert job.state.participant_identity in pupil.room.remote_participants
        await office.agent_dispatch.delete_dispatch(called.id, "parlour")
        await until(lambda: not pupil.room.remote_participants)
        assert await office.agent_dispatch.list_dispatch("parlour") == []


async def test_when_a_worker_dies_another_takes_its_job() -> None:
    async with parlour() as place:
        pupil = await place.guest("pupil", config=calling("the same lesson"))
        async with hired(place) as worker:
            await until(lambda: worker.jobs and pupil.room.remote_participants)
            (first,) = pupil.room.remote_participants
        async with hired(place) as substitute:
            await until(lambda: substitute.jobs == [("parlour", "the same lesson")])
            await until(
                lambda: pupil.room.remote_participants and first not in pupil.room.remote_participants
            )
            with pytest.raises(
                rtc.ConnectError, match="401"
            ):  # the first was cut off only, and comes back too late
                await rtc.Room().connect(place.url, token(first, agent=True))
