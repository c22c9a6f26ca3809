"""`antiphon serve`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from starlette.types import ASGIApp

from antiphon.cli.progress import progress
from antiphon.config import Settings, read_settings
from antiphon.core.errors import SetupError
from antiphon.hosts.front import Front
from antiphon.hosts.opening import open_stage
from antiphon.hosts.rooms import Rooms
from antiphon.hosts.security.security import Security, open_security
from antiphon.hosts.server import RecordedAudit, Server, event_loop, server_config, settle_memory
from antiphon.hosts.stage import Stage
from antiphon.logs import set_up_logging

PAGES_OWN = "tutor"
"The agent that the page calls when its address names none."
APPLICATION = "antiphon.hosts.application"
"Imported when the calls are taken up that a process before this one left."


def serve(
    agents: Annotated[
        list[str] | None,
        typer.Argument(
            help="Whom to serve: tutor, support, booking, or one of yours as my_agent.py:agent; "
            "all of ours when none is named.",
            metavar="[AGENT]…",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = -1,
    tls: Annotated[
        bool,
        typer.Option("--tls", help="Serve https and wss, with a certificate of our own, for development."),
    ] = False,
) -> None:
    """Start the server; open the printed address in a browser and talk."""
    settings = read_settings()
    set_up_logging(settings)
    host = host or settings.host
    port = settings.port if port < 0 else port
    listener = _listen(host, port)
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(_serve(settings, listener, host, agents or (), tls))


async def _serve(
    settings: Settings, listener: socket.socket, host: str, agents: Sequence[str], tls: bool
) -> None:
    files = _certificate(settings.data / "tls", host) if tls else None
    with ExitStack() as shown:
        say = shown.enter_context(progress())
        async with open_stage(settings, say, also=lambda: import_module(APPLICATION), names=agents) as stage:
            security = open_security(settings, host, audit=RecordedAudit(stage), owner_of=stage.owner_of)
            rooms = Rooms(stage, security.gate)
            rooms.address = _own_address(listener, is_tls=tls)
            front = Front(stage, security, lambda: _application(stage, security, rooms))
            server = Server(server_config(front, tls=files), stage)
            try:
                async with asyncio.TaskGroup() as tasks:
                    # Calls that a process before this one left are taken up while the rest is being loaded.
                    serving = tasks.create_task(server.serve(sockets=[listener]), name="server")
                    told = tasks.create_task(_ready(stage, front), name="ready")
                    holding = tasks.create_task(rooms.run(), name="rooms")
                    await asyncio.wait([serving, told], return_when=asyncio.FIRST_COMPLETED)
                    shown.close()
                    settle_memory()
                    if told.done():
                        port = listener.getsockname()[1]
                        name = "localhost" if host in ("::1", "0.0.0.0") else host
                        address = f"{'https' if tls else 'http'}://{name}:{port}"
                        print(f"Antiphon is ready: {address}", flush=True)
                        if PAGES_OWN not in stage.agents:
                            for agent in sorted(stage.agents):
                                print(f"Talk to {agent}: {address}/?agent={agent}", flush=True)
                        if security.start_line:
                            print(security.start_line, flush=True)
                    await asyncio.wait([serving])
                    told.cancel()
                    holding.cancel()
            finally:
                security.close()


async def _ready(stage: Stage, front: Front) -> None:
    await stage.loaded.wait()
    await front.whole()


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    from antiphon.hosts.tls import certificate  # a tenth of a second that a start without --tls need not wait

    return certificate(folder, host)


def _application(stage: Stage, security: Security, rooms: Rooms) -> ASGIApp:
    from antiphon.hosts.application import create_app

    return create_app(stage, security, rooms)


def _own_address(listener: socket.socket, *, is_tls: bool) -> str:
    """Where this process reaches itself."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{'https' if is_tls else 'http'}://{name}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises SetupError in one sentence when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SetupError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what listens there or choose another "
            "port, for example: antiphon serve --port 0"
        ) from None
    return listener
