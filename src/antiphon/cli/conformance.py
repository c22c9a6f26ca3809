"""`antiphon conformance`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from antiphon.bench.conformance.running import Conformance
from antiphon.bench.conformance.running import conformance as run_checks
from antiphon.bench.conformance.showing import show_conformance
from antiphon.cli.progress import progress
from antiphon.cli.terminal import out


def conformance(
    url: Annotated[str, typer.Argument(help="The server: http://127.0.0.1:8700, wss://host/v1/realtime.")],
    key: Annotated[str, typer.Option(help="Its API key, if it wants one.")] = "none",
    model: Annotated[str, typer.Option(help="What to ask it for; of ours, the name of an agent.")] = "tutor",
    only: Annotated[
        list[str] | None, typer.Option(help="Checks, P0 or P1; comma-separated or repeated.")
    ] = None,
    within: Annotated[float, typer.Option(help="Seconds that an event may take to come.")] = 20.0,
    at_once: Annotated[int, typer.Option(min=1, help="Checks that run side by side.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what came of it there.")] = None,
) -> None:
    """Check that a server speaks OpenAI's Realtime protocol as its clients need it."""
    names = [name for given in only or [] for name in given.split(",") if name]
    found = asyncio.run(_run(url, key, model, names, within, at_once))
    show_conformance(out, found)
    if json_file is not None:
        json_file.write_text(found.json(), encoding="utf-8")
    raise typer.Exit(found.exit_code)


async def _run(
    url: str, key: str, model: str, only: Sequence[str], within: float, at_once: int
) -> Conformance:
    with progress() as say:
        return await run_checks(
            url, key=key, model=model, only=only, within_s=within, at_once=at_once, on_progress=say
        )
