"""How an application is served, and how a server ends."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import socket
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp

from antiphon.hosts.security.audit import Deed, Detail, LoggedAudit
from antiphon.hosts.stage import Stage
from antiphon.transports.intake import Intake
from antiphon.transports.realtime.lines import LARGEST_EVENT


class Server(uvicorn.Server):
    """uvicorn's, which lets calls come to a moment of quiet before it closes them: SIGTERM once, or Ctrl-C."""

    def __init__(self, config: uvicorn.Config, stage: Stage) -> None:
        super().__init__(config)
        self._stage = stage

    async def main_loop(self) -> None:
        """Serve until told to stop; then turn callers away and wait for those on air. A second signal does not wait."""
        await super().main_loop()
        async with asyncio.TaskGroup() as tasks:
            draining = tasks.create_task(self._stage.drain(), name="server: drain")
            while not draining.done() and not self.force_exit:
                await asyncio.wait([draining], timeout=0.1)
            draining.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Connections are closed. The signal is not raised anew, as uvicorn would: what is written must be flushed."""
        await super().shutdown(sockets)
        self._captured_signals.clear()


class Doorway(Intake):
    """Takes what OpenAI's server takes where its clients come in: 15 MiB of sound in one event, and its frame."""

    largest: ClassVar[dict[str, int]] = {"/v1/realtime": LARGEST_EVENT}


class RecordedAudit:
    """`security.audit.Audit` into the log, the store, and the copy in Redis, as far as there are any."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._log = LoggedAudit()

    def record(self, actor: str, act: Deed, target: str, detail: Detail) -> None:
        self._log.record(actor, act, target, detail)
        tenant, _, person = actor.rpartition("/")
        if self._stage.records is not None:
            self._stage.records.audit(tenant, person, act.value, target, detail)
        if self._stage.mirror is not None:
            told = {"actor": actor, "act": act.value, "target": target}
            self._stage.mirror.act({**told, **{key: str(value) for key, value in detail.items()}})


def server_config(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 0, tls: tuple[Path, Path] | None = None
) -> uvicorn.Config:
    """How the application is served: small frames at once, nothing compressed, dead peers noticed.

    `tls`: the files of a certificate and of its key.
    """
    certificate, key = tls or (None, None)
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        ws=Doorway,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def settle_memory() -> None:
    """What is in memory now stays there: no search for garbage, which halts every call, goes through it again."""
    gc.freeze()
    gc.enable()


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the loop to serve on: uvloop's, where it exists, or None for asyncio's own.

    A frame of sound costs the server a sixth less on uvloop.
    """
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
