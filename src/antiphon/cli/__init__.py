"""The command `antiphon`: what a person wants to do, one verb each.

A verb is a module of this package that holds a function of its name, or a `typer.Typer` of its name when it has
verbs of its own. `VERBS` tells them apart without importing any: the module is imported when its verb is run, so
that `serve` comes up without the bench, and the list of verbs without all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from antiphon.core.errors import AntiphonError

if TYPE_CHECKING:
    from typer import _click as click

VERBS: Mapping[str, str] = {
    "serve": "Start the server; open the printed address in a browser and talk.",
    "talk": "Speak recordings to an agent over the real connection, in real time, and measure what is heard.",
    "bench": "Measure what callers notice: waits, interruptions, pauses, memory of what was heard, load.",
    "conformance": "Check that a server speaks OpenAI's Realtime protocol as its clients need it.",
    "doctor": "Look for what could keep Antiphon from running well here, and say what to do about it.",
    "sessions": "List the sessions that are kept, newest first.",
    "fork": "Ask the caller's lines again under other settings, in text, and show what differs.",
    "erase": "Erase everything a person said and was told, and what they are known by. It cannot be undone.",
    "replay": "Hold a conversation again from its journal and check that it comes out the same.",
    "flow": "Look at the steps of a conversation.",
    "version": "Say which version this is.",
}
"What each verb does, in the order in which they are listed: the first line of what its function says."


class Verbs(TyperGroup):
    """The verbs of `VERBS`, each of them imported when it is called for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, told in VERBS.items():
            self.add_command(TyperCommand(name, help=told))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments begin with, ready to run, and the rest of them."""
        name, verb, rest = super().resolve_command(ctx, args)
        return name, None if name is None else load(name), rest if verb else args


def load(name: str) -> click.Command:
    """The verb, with all its arguments. Its module is imported."""
    found = getattr(import_module(f"{__name__}.{name}"), name)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False)


@app.callback()
def antiphon() -> None:
    """Real-time voice agents, self-hosted."""


def main() -> None:
    """Run the command line; errors of ours are one sentence that ends with the next thing to try."""
    try:
        # Outside its standalone mode typer hands back the code of a typer.Exit.
        sys.exit(app(standalone_mode=False))
    except typer.Abort:
        sys.exit(130)
    except AntiphonError as error:
        _tell(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            _tell(error.format_message())
            sys.exit(error.exit_code)
        raise


def _tell(what: str) -> None:
    from antiphon.cli.terminal import err

    err.print(f"[red]error:[/red] {what}", highlight=False)
