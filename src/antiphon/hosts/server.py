"""The HTTP server: health, metrics, sessions, the page, and the hosts' sockets."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from antiphon import __version__
from antiphon.hosts.orchestrate import orchestrate
from antiphon.hosts.stage import Stage
from antiphon.transports.intake import Intake


def create_app(stage: Stage) -> FastAPI:
    """The application that serves `stage`."""
    app = FastAPI(
        title="Antiphon", version=__version__, docs_url="/api/docs", openapi_url="/api/openapi.json"
    )

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok", "version": __version__}

    @app.get("/readyz")
    async def readyz() -> Response:
        """The server takes new callers; 503 while it does not."""
        if stage.is_full:
            return JSONResponse({"status": "draining" if stage.is_draining else "full"}, 503)
        return JSONResponse({"status": "ready", "agents": sorted(stage.agents)})

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

    @app.get("/api/sessions")
    async def sessions() -> list[dict[str, object]]:
        """The sessions on air."""
        return [
            {
                "id": s.id,
                "agent": s.agent.name,
                "phase": s.conversation.phase.value,
                "turn": s.conversation.turn,
                "lines": len(s.transcript),
                "started_at": s.journal.header.started_at,
            }
            for s in stage.sessions.values()
        ]

    @app.websocket("/orchestrate")
    async def orchestrate_socket(socket: WebSocket) -> None:
        await orchestrate(socket, stage)

    static = Path(str(files("antiphon.hosts") / "static"))
    if (static / "index.html").exists():
        app.mount("/", StaticFiles(directory=static, html=True), name="page")
    return app


def server_config(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How the application is served: small frames at once, nothing compressed, dead peers noticed."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        ws=Intake,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
    )


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the loop to serve on: uvloop's, where it exists, or None for asyncio's own.

    A frame of sound costs the server a sixth less on uvloop.
    """
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
