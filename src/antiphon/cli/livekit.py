"""`antiphon livekit`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Annotated

import typer

from antiphon.cli.progress import progress
from antiphon.config import Settings, read_settings
from antiphon.core.errors import SetupError
from antiphon.hosts.opening import open_stage
from antiphon.hosts.server import settle_memory
from antiphon.logs import set_up_logging

livekit = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Have our agents join the rooms of a LiveKit server."
)


@livekit.callback()
def agents() -> None:
    """Have our agents join the rooms of a LiveKit server."""


@livekit.command()
def worker(
    agents: Annotated[
        list[str] | None,
        typer.Argument(
            help="Whom to bring into rooms: tutor, support, booking, or one of yours as my_agent.py:agent; "
            "all of ours when none is named.",
            metavar="[AGENT]…",
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="learning-orchestrator or learning-english; both when none is named.", metavar="NAME"
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(help="Port of the health page; a second agent's is the next one. 0 takes free ones."),
    ] = -1,
    host: Annotated[str, typer.Option(help="Address of the health page.")] = "127.0.0.1",
) -> None:
    """Wait for the LiveKit server of LIVEKIT_URL to send our agents into rooms."""
    settings = read_settings()
    set_up_logging(settings)
    with asyncio.Runner() as runner, suppress(asyncio.CancelledError):
        port = settings.livekit_health_port if port < 0 else port
        runner.run(_work(settings, agents or (), tuple(name or ()), port, host))


async def _work(
    settings: Settings, agents: Sequence[str], names: tuple[str, ...], port: int, host: str
) -> None:
    try:
        from antiphon.hosts.livekit_room.tokens import RoomKeys
        from antiphon.hosts.livekit_room.worker import NAMES, run_workers
    except ImportError as error:
        raise SetupError(f"{error}; install it with: pip install 'antiphon[livekit]'") from None
    keys = RoomKeys.of(settings)
    if keys is None:
        raise SetupError(
            "LIVEKIT_URL names no server; set it, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or use the dev room of "
            "antiphon serve"
        )
    if unknown := [name for name in names if name not in NAMES]:
        raise SetupError(f"no agent is called {unknown[0]!r}; there are: {', '.join(NAMES)}")
    wanted = tuple(name for name in NAMES if not names or name in names)
    waiting = set(wanted)

    def ready(name: str) -> None:
        waiting.discard(name)
        if not waiting:
            print(f"Antiphon's agents are ready for {keys.url}: {', '.join(wanted)}", flush=True)

    with ExitStack() as shown:
        say = shown.enter_context(progress())
        async with open_stage(settings, say, names=agents) as stage:
            await stage.loaded.wait()
            shown.close()
            settle_memory()
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(
                    run_workers(stage, keys, wanted, ready=ready, host=host, port=port), name="workers"
                )
                for one in (signal.SIGTERM, signal.SIGINT):
                    asyncio.get_running_loop().add_signal_handler(one, working.cancel)
