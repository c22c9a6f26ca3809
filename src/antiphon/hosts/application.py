"""All that is served over HTTP: health, metrics, sessions, signing in, the page; and the hosts' sockets."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from antiphon import __version__
from antiphon.hosts.api import create_api
from antiphon.hosts.chaos_routes import create_chaos
from antiphon.hosts.direct.opening import direct_calls
from antiphon.hosts.direct.routes import create_direct
from antiphon.hosts.duels import create_duels
from antiphon.hosts.flow_routes import create_flows
from antiphon.hosts.knowledge_routes import create_knowledge
from antiphon.hosts.orchestrate import orchestrate
from antiphon.hosts.page_events import create_events
from antiphon.hosts.questions import create_questions
from antiphon.hosts.realtime_api import realtime
from antiphon.hosts.realtime_calls import Calls
from antiphon.hosts.realtime_secrets import Seeds, create_secret
from antiphon.hosts.room_routes import create_rooms
from antiphon.hosts.rooms import PATH, Rooms
from antiphon.hosts.security.around import protect
from antiphon.hosts.security.security import Security, open_security
from antiphon.hosts.stage import Stage
from antiphon.hosts.supervise import supervise
from antiphon.hosts.trace_routes import create_trace
from antiphon.hosts.ways import create_ways


def create_app(stage: Stage, security: Security | None = None, rooms: Rooms | None = None) -> FastAPI:
    """The application that serves `stage`. Without `security`, that of a machine of one's own: see `Mode.OPEN`.

    `rooms` are to be run beside it; without them there is no dev room.
    """
    security = security or open_security(stage.settings, "127.0.0.1", owner_of=stage.owner_of)
    if security.gate.spent.shared is None:
        security.gate.spent.shared = stage.records
    app = FastAPI(
        title="Antiphon", version=__version__, docs_url="/api/docs", openapi_url="/api/openapi.json"
    )
    protect(app, security)
    app.include_router(create_api(stage, security.gate))
    app.include_router(create_events(stage))
    routers = (create_trace, create_duels, create_questions, create_knowledge, create_flows, create_chaos)
    for create in routers:
        app.include_router(create(stage, security.gate))

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        """The process is alive. `telemetry`: what became of its spans, if sessions are traced."""
        return {"status": "ok", "version": __version__, **telemetry(stage)}

    @app.get("/readyz")
    async def readyz() -> Response:
        """The server takes new callers; 503 while it does not. `keeps` is false while what is said waits in memory:
        calls go on, so that a store that is away for all nodes at once takes none of them out of service."""
        if stage.is_full:
            return JSONResponse({"status": "draining" if stage.is_draining else "full"}, 503)
        if not stage.loaded.is_set():
            return JSONResponse({"status": "loading"}, 503)
        told: dict[str, object] = {"status": "ready", "agents": sorted(stage.agents)}
        if (records := stage.records) is not None:
            told |= {"keeps": not records.away, "waiting": records.waiting}
        return JSONResponse(told | telemetry(stage))

    @app.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(stage.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/agents")
    async def agents() -> list[dict[str, object]]:
        """Whom one can talk to."""
        return [
            {"name": a.name, "title": a.title or a.name, "suggestions": list(a.suggestions)}
            for a in stage.agents.values()
        ]

    @app.websocket("/orchestrate")
    async def orchestrate_socket(socket: WebSocket) -> None:
        await orchestrate(socket, stage, security.gate)

    seeds = Seeds(security.gate.clock)
    calls = Calls(stage, security.gate, seeds)
    app.include_router(create_direct(direct_calls(stage, security.gate, seeds), security.gate))

    @app.websocket("/v1/realtime")
    async def realtime_socket(socket: WebSocket) -> None:
        if (beside := socket.query_params.get("call_id")) is not None:
            await calls.sideband(socket, beside)
        else:
            await realtime(socket, stage, security.gate, seeds)

    @app.post("/v1/realtime/client_secrets")
    async def client_secrets(request: Request) -> Response:
        """A key that a page may have, as OpenAI's API makes them."""
        return await create_secret(request, stage, security.gate, seeds)

    @app.post("/v1/realtime/calls", status_code=201)
    async def create_call(request: Request) -> Response:
        """The SDP answer to an offer, as OpenAI's API gives it; the call follows."""
        return await calls.create(request)

    @app.post("/v1/realtime/calls/{id}/hangup")
    async def hang_up(request: Request, id: str) -> Response:
        """The call ends."""
        return await calls.hang_up(request, id)

    rooms = rooms or Rooms(stage, security.gate)
    app.include_router(create_rooms(rooms, security.gate))
    app.include_router(create_ways(stage.settings, rooms))
    app.mount(PATH, rooms, name="dev room")

    @app.websocket("/supervise")
    async def supervise_socket(socket: WebSocket) -> None:
        await supervise(socket, stage, security.gate)

    static = Path(str(files("antiphon.hosts") / "static"))
    if (static / "index.html").exists():

        @app.get("/duel", include_in_schema=False)
        @app.get("/watch", include_in_schema=False)
        @app.get("/flow", include_in_schema=False)
        @app.get("/knowledge", include_in_schema=False)
        @app.get("/health", include_in_schema=False)
        async def view() -> FileResponse:
            """One of the views: the same page, which looks at its address."""
            return FileResponse(static / "index.html")

        app.mount("/", StaticFiles(directory=static, html=True), name="page")
    return app


def telemetry(stage: Stage) -> dict[str, object]:
    """What health pages say of traces: nothing where there are none."""
    return {} if stage.tracing is None else {"telemetry": stage.tracing.health()}
