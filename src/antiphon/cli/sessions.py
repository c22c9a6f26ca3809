"""`antiphon sessions`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from antiphon.cli.arguments import AsJson
from antiphon.cli.terminal import out
from antiphon.config import read_settings
from antiphon.core.records import SERVICE, SessionRecord
from antiphon.hosts.archive import archive
from antiphon.hosts.showing import show_sessions


def sessions(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    status: Annotated[str, typer.Option(help="Only those that are live, ended, lost or erased.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the sessions that are kept, newest first."""

    async def listed() -> Sequence[SessionRecord]:
        async with archive(read_settings()) as records:
            return (await records.list(SERVICE, limit=limit, status=status)).sessions

    found = asyncio.run(listed())
    if as_json:
        print(json.dumps([asdict(record) for record in found], default=str))
    else:
        show_sessions(out, found)
