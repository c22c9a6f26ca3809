"""`antiphon fork`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from antiphon.cli.arguments import AsJson, Kept
from antiphon.cli.progress import progress
from antiphon.cli.terminal import out
from antiphon.config import Settings, read_settings
from antiphon.core.errors import CallerError
from antiphon.hosts.archive import conversation
from antiphon.hosts.forking import MAY_CHANGE, Fork, changed
from antiphon.hosts.forking import fork as ask_again
from antiphon.hosts.opening import open_stage
from antiphon.hosts.showing import show_fork
from antiphon.session.journal import Entry, Header


def fork(
    session: Kept,
    turn: Annotated[int, typer.Option(min=1, help="From which turn on.")] = 1,
    llm: Annotated[str, typer.Option(help="Language models, as ANTIPHON_LLM; none: no model.")] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=f"One of {', '.join(MAY_CHANGE)}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the caller's lines again under other settings, in text, and show what differs."""
    pairs = [change.partition("=") for change in changes or []]
    if bad := next((name for name, sign, _ in pairs if not sign), None):
        raise CallerError(f"--set {bad}: write it as NAME=VALUE")
    wanted = {name.lower(): value for name, _, value in pairs} | ({"llm": llm} if llm else {})
    settings = changed(read_settings(), wanted)
    header, entries = conversation(settings, session)
    found = asyncio.run(_fork(settings, header, entries, turn))
    if as_json:
        print(json.dumps({**asdict(found), "differences": found.differences}))
    else:
        show_fork(out, found)


async def _fork(settings: Settings, header: Header, entries: Sequence[Entry], turn: int) -> Fork:
    alone = settings.model_copy(update={"store": "off", "webhook_url": ""})
    with progress() as say:
        async with open_stage(alone, say) as stage:
            if header.agent not in stage.agents:
                raise CallerError(f"its agent {header.agent!r} is not to be had here")
            agent, model = stage.agents[header.agent], stage.providers.model
            return await ask_again(header, entries, turn, agent, model)
