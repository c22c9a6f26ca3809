"""The routes of direct calls. What is refused is raised as CallerError, for `security.answers` to tell."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from antiphon.core import events as e
from antiphon.core.errors import CallerError
from antiphon.core.notes import JobChanged, Note
from antiphon.core.records import Job
from antiphon.hosts.direct.calls import DirectCalls, OnAir
from antiphon.hosts.news_stream import Leave, NewsStream, Post
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.tokens import Token
from antiphon.transports.direct.transport import PLAY_RATE
from antiphon.wire import direct as wire
from antiphon.wire.native import MAX_TYPED

MOST_SECONDS = 25.0
"Of one wait for a job: proxies cut longer ones."


class Wish(BaseModel):
    """Whom the page wants to talk to."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(default="tutor", max_length=80)
    greet: bool = True


class ProvidersCall(BaseModel):
    """The call that the page has with its provider."""

    model_config = ConfigDict(extra="forbid")
    call_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,120}$")


class Asked(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")
    session_id: str = Field(max_length=80)
    question: str = Field(min_length=1, max_length=MAX_TYPED, pattern=r"\S")
    call_id: str = Field(default="", max_length=120)


class Sound(BaseModel):
    """What is to be heard: a job, or whoever speaks in the agent's place."""

    model_config = ConfigDict(extra="forbid")
    job_id: str = Field(default="", max_length=120)
    live: str = Field(default="", max_length=80, description="A session's id.")


class Played(BaseModel):
    """How far the page's player is."""

    model_config = ConfigDict(extra="forbid")
    turn: int = Field(ge=0, le=2**31 - 1)
    samples: int = Field(ge=0, le=2**40)
    cleared: bool = False


def create_direct(calls: DirectCalls, gate: Gate) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["direct"])

    @router.post("/session/token")
    async def open_call(request: Request, wish: Wish) -> Response:
        """A call of your own, and a key for the provider that hears you."""
        return _opened(gate, await calls.open(request, wish.agent, greets=wish.greet))

    @router.post("/session/{id}/resume")
    async def resume(id: str, request: Request, at: Played) -> Response:
        """The call goes on here, after the connection or its server was lost."""
        token = await gate.direct(request, id)
        return _opened(gate, await calls.resume(request, token, at.turn, at.samples))

    @router.post("/session/{id}/call", status_code=204)
    async def stand_by(id: str, request: Request, beside: ProvidersCall) -> None:
        """We stand beside your call with the provider from here on."""
        calls.stand_by(await gate.direct(request, id), beside.call_id)

    @router.get("/session/{id}/events")
    async def events(id: str, request: Request) -> Response:
        """Server-sent events: what a screen shows of the call, and its jobs."""
        on = calls.of(await gate.direct(request, id))
        return _Events(on)

    @router.post("/session/{id}/played", status_code=204)
    async def played(id: str, request: Request, at: Played) -> None:
        """How far your player is."""
        on = calls.of(await gate.direct(request, id))
        on.transport.played(at.turn, at.samples, is_final=at.cleared)

    @router.post("/session/{id}/interrupt", status_code=204)
    async def interrupt(id: str, request: Request) -> None:
        """The agent stops."""
        calls.of(await gate.direct(request, id)).transport.interrupt()

    @router.post("/session/{id}/close", status_code=204)
    async def close(id: str, request: Request) -> None:
        """The call is over."""
        calls.of(await gate.direct(request, id)).transport.hang_up("bye")

    @router.post("/orchestrate/jobs", status_code=202)
    async def ask(request: Request, asked: Asked) -> dict[str, str]:
        """The question will be answered; its job can be waited for, and its sound fetched."""
        token = await gate.direct(request, asked.session_id)
        return {"job_id": (await calls.ask(token, asked.question, asked.call_id)).job}

    @router.get("/orchestrate/jobs/{id}")
    async def job(id: str, request: Request) -> dict[str, object]:
        """What has become of it."""
        return _told(await calls.job(await _of_job(gate, request, id), id))

    @router.get("/orchestrate/jobs/{id}/wait")
    async def wait(
        id: str,
        request: Request,
        until: Literal["tts_ready", "over"] = "over",
        seconds: Annotated[float, Query(ge=0, le=MOST_SECONDS)] = 20.0,
    ) -> dict[str, object]:
        """The same, once it can be heard or is over, at the latest after so many seconds."""
        token = await _of_job(gate, request, id)
        return _told(await calls.wait(token, id, until == "over", seconds))

    @router.post("/tts/stream")
    async def sound(request: Request, wanted: Sound) -> Response:
        """The approved answer in sound, sentence by sentence as it is made: PCM16, mono."""
        if wanted.live:
            on = calls.of(await gate.direct(request, wanted.live))
            return _streamed(on.transport.live(), 0)
        token = await _of_job(gate, request, wanted.job_id)
        await calls.wait(token, wanted.job_id, False, MOST_SECONDS)
        on, pieces = calls.sound(token, wanted.job_id)
        job = on.transport.jobs.get(wanted.job_id)
        return _streamed(pieces, job.turn if job is not None else 0)

    return router


async def _of_job(gate: Gate, request: Request, job: str) -> Token:
    """The token of the call that the job is of. Raises CallerError."""
    session, _, number = job.removeprefix("j_").rpartition(".")
    if not job.startswith("j_") or not number:
        raise CallerError("that is no job's id", field="job_id", code="unknown_job")
    return await gate.direct(request, "s_" + session)


def _opened(gate: Gate, opened: tuple[OnAir, Callable[[], Awaitable[None]]]) -> Response:
    """What the page needs to know of its call, which follows."""
    on, carry_on = opened
    session, key = on.call.session, on.key
    person = on.person
    told = {
        "session_id": session.id,
        "token": gate.grant_direct(person, session.id, on.call.resume_token),
        "agent": session.agent.name,
        "title": session.agent.title or session.agent.name,
        "suggestions": list(session.agent.suggestions),
        "client_secret": {"value": key.value, "expires_at": key.expires_at},
        "realtime_url": key.calls_url,
        "model": key.model,
        "play_rate": PLAY_RATE,
    }
    return JSONResponse(told, background=BackgroundTask(carry_on))


def _streamed(pieces: AsyncGenerator[bytes, None], turn: int) -> Response:
    headers = {
        "x-sample-rate": str(PLAY_RATE),
        "x-turn": str(turn),
        "x-offset": "0",
        "cache-control": "no-store",
    }
    return StreamingResponse(pieces, headers=headers, media_type="audio/pcm")


def _told(job: Job) -> dict[str, object]:
    return {
        "job_id": job.id,
        "session_id": job.session,
        "status": job.status,
        "turn": job.turn,
        "question": job.question,
        "safe_text": job.safe_text,
        "tts_ready": job.tts_ready,
        "created_at": job.created_at.isoformat(timespec="milliseconds"),
        "expires_at": job.expires_at.isoformat(timespec="milliseconds"),
    }


class _Events(NewsStream):
    """The news of a direct call, for as long as its page reads them: meanwhile it is there."""

    def __init__(self, on: OnAir) -> None:
        session, transport = on.call.session, on.transport

        def more(post: Post) -> Leave:
            def tell(t: float, news: e.Event | e.Command | Note) -> None:
                if isinstance(news, JobChanged):
                    post(wire.encode(wire.told(news)))

            for job in transport.jobs:
                post(wire.encode(wire.told(job)))
            session.watchers.append(tell)
            reading = transport.reading()
            reading.__enter__()

            def leave() -> None:
                reading.__exit__()
                session.watchers.remove(tell)

            return leave

        super().__init__(session, more)
