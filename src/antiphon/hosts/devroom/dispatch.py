"""Agents: the workers that offer them, and the jobs that rooms have for them.

A job is offered to one worker after another until one takes it. It stays with a worker that comes back, and goes to
another when both the worker and its participant are gone: that is what a killed process looks like.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog
from google.protobuf.message import DecodeError
from livekit.api import AccessToken, VideoGrants
from livekit.protocol.agent import AvailabilityRequest as Availability
from livekit.protocol.agent import (
    Job,
    JobAssignment,
    JobStatus,
    JobTermination,
    JobType,
    RegisterWorkerResponse,
    ServerMessage,
    WorkerMessage,
    WorkerPong,
    WorkerStatus,
)
from livekit.protocol.agent_dispatch import AgentDispatch, JobRestartPolicy, RoomAgentDispatch
from livekit.protocol.models import ParticipantInfo, ServerInfo

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.member import Line, Member
from antiphon.hosts.devroom.room import Room

log = structlog.get_logger(__name__)

MAX_WORKERS = 32
MAX_DISPATCHES = 16
"Of one room."
ANSWER_WITHIN = 15.0
"Seconds for a worker to say whether it takes a job."
COME_WITHIN = 30.0
"Seconds from a job's assignment until its agent is in the room."
MAX_FAILURES = 3
"How often an agent that failed in a room is called again."
REST = 1.0
"Seconds until a job that nobody took is offered again."
TOKEN_FOR = timedelta(hours=6)
_OVER = (JobStatus.JS_SUCCESS, JobStatus.JS_FAILED, JobStatus.JS_CANCELLED)


class Around(Protocol):
    """The house, for the dispatcher."""

    server_info: ServerInfo
    rooms: dict[str, Room]

    def gone(self, who: Member) -> None:
        """It is not in its room any longer."""


class Worker:
    """A program that offers agents of one name."""

    def __init__(self, line: Line) -> None:
        self.id = f"AW_{secrets.token_hex(6)}"
        self.line = line
        self.agent_name = ""
        self.kind = JobType.JT_ROOM
        self.is_registered = False
        self.is_gone = False
        self.is_free = True
        self.load = 0.0

    def send(self, message: ServerMessage) -> None:
        self.line.send(message.SerializeToString())


class Task:
    """A job, and who has it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.worker: Worker | None = None
        self.identity = ""
        "Of its agent's participant."
        self.is_offered = False
        self.due: asyncio.TimerHandle | None = None
        self.refused: set[str] = set()
        "Workers that did not take it."

    @property
    def is_over(self) -> bool:
        return self.job.state.status in _OVER

    def end(self, status: JobStatus) -> None:
        """Nobody has it, and nobody will."""
        self.wait(None)
        self.job.state.status = status
        self.job.state.ended_at = time.time_ns()

    def wait(self, timer: asyncio.TimerHandle | None) -> None:
        """What is to be done in a while is done instead of what was to be."""
        if self.due is not None:
            self.due.cancel()
        self.due = timer


class Dispatcher:
    """The workers, and the jobs of all rooms. All in the house's loop."""

    def __init__(self, key: str, secret: str, house: Around) -> None:
        self._key, self._secret, self._house = key, secret, house
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[str, Task] = {}
        self._dispatches: dict[str, dict[str, AgentDispatch]] = {}
        "Of each room by its name, by their ids."

    # ---- workers -----------------------------------------------------------------------------------------
    def enrol(self, line: Line) -> Worker:
        """A worker that has still to say what it offers."""
        if len(self._workers) >= MAX_WORKERS:
            raise CallerError("The dev room has no room for more workers.", code="resource_exhausted")
        worker = Worker(line)
        self._workers[worker.id] = worker
        return worker

    def take(self, worker: Worker, data: bytes) -> None:
        """The worker said something."""
        message = WorkerMessage()
        try:
            message.ParseFromString(data)
        except DecodeError:
            log.info("the dev room cannot read a worker's message")
            return
        match message.WhichOneof("message"):
            case "register":
                worker.agent_name, worker.kind = message.register.agent_name, message.register.type
                worker.is_registered = True
                told = RegisterWorkerResponse(worker_id=worker.id, server_info=self._house.server_info)
                worker.send(ServerMessage(register=told))
                log.info("a worker has come to the dev room", agent=worker.agent_name, worker=worker.id)
                self._offer_all()
            case "availability":
                self._answered(worker, message)
            case "update_job":
                task = self._tasks.get(message.update_job.job_id)
                if task is not None and task.worker is worker and not task.is_over:
                    self._update(task, message.update_job.status, message.update_job.error)
            case "update_worker":
                worker.load = message.update_worker.load
                was_free, worker.is_free = (
                    worker.is_free,
                    message.update_worker.status == WorkerStatus.WS_AVAILABLE,
                )
                if worker.is_free and not was_free:
                    self._offer_all()
            case "migrate_job":
                for id in message.migrate_job.job_ids:
                    if (task := self._tasks.get(id)) is not None and not task.is_over:
                        task.worker = worker
            case "ping":
                now = time.time_ns() // 1_000_000
                worker.send(
                    ServerMessage(pong=WorkerPong(last_timestamp=message.ping.timestamp, timestamp=now))
                )
            case other:
                log.debug("the dev room does not know a worker's message", message=other)

    def dismiss(self, worker: Worker) -> None:
        """The worker's socket is closed."""
        worker.is_gone = True
        self._workers.pop(worker.id, None)
        for task in list(self._tasks.values()):
            if task.worker is worker and not task.is_over:
                who = self._agent_of(task)
                if who is None:
                    self._again(task)
                elif who.is_dropped:  # a killed process: its sockets closed in this order
                    self._house.gone(who)

    def is_orphan(self, who: Member) -> bool:
        """It is an agent whose worker is gone."""
        if who.info.kind != ParticipantInfo.AGENT:
            return False
        task = self._task_of(who)
        return task is not None and task.worker is not None and task.worker.is_gone

    def is_relieved(self, room: str, identity: str) -> bool:
        """An agent of that name had a job in the room, and has it no longer: another may have it."""
        had = [one for one in self._tasks.values() if one.job.room.name == room and one.identity == identity]
        return bool(had) and all(one.is_over for one in had)

    # ---- what rooms want ---------------------------------------------------------------------------------
    def opened(self, room: Room) -> None:
        """There is a room: workers whose agents go wherever there is one, go there."""
        for name in {one.agent_name for one in self._workers.values() if one.is_registered}:
            if not name:
                self.dispatch(room, AgentDispatch(agent_name=""))

    def want(self, room: Room, wanted: RoomAgentDispatch) -> None:
        """The agent is in the room, or will be; one that is, does not come twice."""
        for dispatch in self._dispatches.get(room.name, {}).values():
            if dispatch.agent_name == wanted.agent_name and any(not t.is_over for t in self._of(dispatch)):
                return
        self.dispatch(
            room,
            AgentDispatch(
                agent_name=wanted.agent_name,
                metadata=wanted.metadata,
                attributes=dict(wanted.attributes),
                restart_policy=wanted.restart_policy,
            ),
        )

    def dispatch(self, room: Room, dispatch: AgentDispatch) -> AgentDispatch:
        """An agent will be in the room as soon as a worker takes the job."""
        mine = self._dispatches.setdefault(room.name, {})
        if len(mine) >= MAX_DISPATCHES:
            raise CallerError("The room has too many dispatches.", code="resource_exhausted")
        dispatch.id, dispatch.room = f"AD_{secrets.token_hex(6)}", room.name
        dispatch.state.created_at = time.time_ns()
        mine[dispatch.id] = dispatch
        self._new(room, dispatch)
        return dispatch

    def _new(self, room: Room, dispatch: AgentDispatch) -> None:
        job = Job(
            id=f"AJ_{secrets.token_hex(6)}",
            dispatch_id=dispatch.id,
            type=JobType.JT_ROOM,
            room=room.info,
            metadata=dispatch.metadata,
            agent_name=dispatch.agent_name,
            attributes=dict(dispatch.attributes),
        )
        task = self._tasks[job.id] = Task(job)
        self._offer(task)

    def dispatches(self, room: str, id: str = "") -> list[AgentDispatch]:
        """Those of the room, or the one of that id, with the state of their jobs."""
        found = [one for one in self._dispatches.get(room, {}).values() if not id or one.id == id]
        for dispatch in found:
            del dispatch.state.jobs[:]
            dispatch.state.jobs.extend(task.job for task in self._of(dispatch))
        return found

    def withdraw(self, room: str, id: str) -> AgentDispatch | None:
        """The dispatch is no more, nor are its jobs."""
        dispatch = self._dispatches.get(room, {}).pop(id, None)
        if dispatch is not None:
            dispatch.state.deleted_at = time.time_ns()
            for task in self._of(dispatch):
                self._terminate(task)
        return dispatch

    def left(self, room: Room, who: Member) -> None:
        """It has left the room: an agent whose worker is gone is to be replaced."""
        if self.is_orphan(who) and (task := self._task_of(who)) is not None:
            self._again(task)

    def closed(self, room: Room) -> None:
        """The room is no more: its jobs end."""
        for dispatch in self._dispatches.pop(room.name, {}).values():
            for task in self._of(dispatch):
                self._terminate(task)

    def close(self) -> None:
        """Every worker is sent away."""
        for worker in list(self._workers.values()):
            worker.line.close()
        for task in self._tasks.values():
            task.wait(None)

    # ---- jobs --------------------------------------------------------------------------------------------
    def _of(self, dispatch: AgentDispatch) -> list[Task]:
        return [one for one in self._tasks.values() if one.job.dispatch_id == dispatch.id]

    def _task_of(self, who: Member) -> Task | None:
        room = who.granted.room
        mine = (t for t in self._tasks.values() if t.job.room.name == room and t.identity == who.identity)
        return next((one for one in mine if not one.is_over), None)

    def _agent_of(self, task: Task) -> Member | None:
        room = self._house.rooms.get(task.job.room.name)
        return None if room is None else room.members.get(task.identity)

    def _offer_all(self) -> None:
        for task in list(self._tasks.values()):
            if task.worker is None and not task.is_over and not task.is_offered:
                task.refused.clear()
                self._offer(task)

    def _offer(self, task: Task) -> None:
        """The job is offered to the least busy of those who could take it; if nobody could, when somebody can."""
        if task.is_over or task.job.room.name not in self._house.rooms:
            return
        able = [
            one
            for one in self._workers.values()
            if one.is_registered and one.is_free and one.agent_name == task.job.agent_name
        ]
        willing = [one for one in able if one.id not in task.refused]
        if not willing:
            task.refused.clear()
            task.wait(self._in(REST, self._offer, task) if able else None)
            return
        worker = min(willing, key=lambda one: one.load)
        task.refused.add(worker.id)
        task.is_offered = True
        task.wait(self._in(ANSWER_WITHIN, self._offer_next, task))
        worker.send(ServerMessage(availability=Availability(job=task.job)))

    def _offer_next(self, task: Task) -> None:
        task.is_offered = False
        self._offer(task)

    def _answered(self, worker: Worker, message: WorkerMessage) -> None:
        answer = message.availability
        task = self._tasks.get(answer.job_id)
        if task is None or task.worker is not None or not task.is_offered:
            return
        if not answer.available:
            if answer.terminate:
                task.end(JobStatus.JS_CANCELLED)
            else:
                self._offer_next(task)
            return
        task.is_offered, task.worker = False, worker
        task.identity = answer.participant_identity or f"agent-{task.job.id}"
        task.job.state.worker_id, task.job.state.participant_identity = worker.id, task.identity
        task.job.state.started_at = time.time_ns()
        room = task.job.room.name
        grants = VideoGrants(room_join=True, room=room, agent=True, can_update_own_metadata=True)
        token = (
            AccessToken(self._key, self._secret)
            .with_identity(task.identity)
            .with_name(answer.participant_name)
            .with_metadata(answer.participant_metadata)
            .with_attributes({**task.job.attributes, **answer.participant_attributes})
            .with_kind("agent")
            .with_ttl(TOKEN_FOR)
            .with_grants(grants)
        )
        # With no address told, the agent comes by the one by which its worker did.
        worker.send(ServerMessage(assignment=JobAssignment(job=task.job, token=token.to_jwt())))
        task.wait(self._in(COME_WITHIN, self._is_missed, task))

    def _is_missed(self, task: Task) -> None:
        is_lost = task.worker is not None and task.worker.is_gone
        if is_lost and not task.is_over and self._agent_of(task) is None:
            self._again(task)

    def _update(self, task: Task, status: JobStatus, error: str) -> None:
        task.job.state.status, task.job.state.error = status, error
        task.job.state.updated_at = time.time_ns()
        if status in _OVER:
            task.end(status)
        if status == JobStatus.JS_FAILED:
            self._retry(task)

    def _again(self, task: Task) -> None:
        """The job is lost with its worker: a new one like it is offered."""
        task.end(JobStatus.JS_FAILED)
        self._renew(task)

    def _retry(self, task: Task) -> None:
        """The agent failed: another is called in a while, a few times."""
        dispatch = self._dispatches.get(task.job.room.name, {}).get(task.job.dispatch_id)
        if dispatch is None or dispatch.restart_policy == JobRestartPolicy.JRP_NEVER:
            return
        failed = sum(1 for one in self._of(dispatch) if one.job.state.status == JobStatus.JS_FAILED)
        if failed <= MAX_FAILURES:
            task.wait(self._in(REST * failed, self._renew, task))

    def _renew(self, task: Task) -> None:
        room = self._house.rooms.get(task.job.room.name)
        dispatch = self._dispatches.get(task.job.room.name, {}).get(task.job.dispatch_id)
        if room is not None and dispatch is not None:
            log.info("an agent of the dev room is lost, another is called", agent=task.job.agent_name)
            self._new(room, dispatch)

    def _terminate(self, task: Task) -> None:
        if task.worker is not None and not task.is_over:
            task.worker.send(ServerMessage(termination=JobTermination(job_id=task.job.id)))
        if not task.is_over:
            task.end(JobStatus.JS_CANCELLED)
        self._tasks.pop(task.job.id, None)

    def _in(self, seconds: float, work: Callable[[Task], None], task: Task) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, work, task)
