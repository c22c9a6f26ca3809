"""`antiphon erase`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from antiphon.cli.terminal import out
from antiphon.config import read_settings
from antiphon.core.records import Erased
from antiphon.hosts.archive import archive
from antiphon.hosts.erasing import erase_person
from antiphon.hosts.security.audit import Deed


def erase(
    user: Annotated[str, typer.Argument(help="The user's id.")],
    tenant: Annotated[str, typer.Option(help="The user's tenant.")] = "local",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase everything a person said and was told, and what they are known by. It cannot be undone."""
    if not yes:
        typer.confirm(f"Erase everything of {user} in the tenant {tenant}?", abort=True)

    async def erased() -> Erased:
        settings = read_settings()
        async with archive(settings) as records:
            found = await erase_person(records, tenant, user, settings.data)
            records.audit(tenant, "command line", Deed.ERASED.value, user, asdict(found))
            return found

    found = asyncio.run(erased())
    out.print(f"{found.sessions} sessions with {found.entries} entries are erased")
