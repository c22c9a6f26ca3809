"""The command `antiphon`: what a person wants to do, one verb each.

A verb is a module of this package that holds a function of its name, or a `typer.Typer` of its name when it has
verbs of its own. `VERBS` tells them apart without importing any: only the module of the verb that is run is imported,
so that `serve` comes up without the bench, and the list of verbs without all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

import typer

from antiphon.cli.ending import Ending
from antiphon.core.errors import AntiphonError

VERBS: Mapping[str, str] = {
    "serve": "Start the server; open the printed address in a browser and talk.",
    "livekit": "Have our agents join the rooms of a LiveKit server.",
    "talk": "Speak recordings to an agent over the real connection, in real time, and measure what is heard.",
    "duel": "Ask several ways one question at the same instant, and see where the time of each goes.",
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


def command(wanted: str = "") -> typer.Typer:
    """The command, with the verb `wanted` ready to run, and of the others only what they do."""
    app = typer.Typer(no_args_is_help=True, add_completion=False)
    app.callback()(antiphon)
    for name, told in VERBS.items():
        if name != wanted:
            app.command(name, help=told)(_not_loaded)
            continue
        found = getattr(import_module(f"{__name__}.{name}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def antiphon() -> None:
    """Real-time voice agents, self-hosted."""


def _not_loaded() -> None:
    """Stands for a verb that was not called for."""


def main() -> None:
    """Run the command line; errors of ours are one sentence that ends with the next thing to try."""
    ending = Ending()
    try:
        # The command has no options that take a value: what does not begin with a dash is the verb.
        command(next((given for given in sys.argv[1:] if not given.startswith("-")), ""))()
    except AntiphonError as error:
        ending.code = 1
        _tell(str(error))
        sys.exit(1)
    except BaseException as leaving:
        ending.told(leaving)
        raise


def _tell(what: str) -> None:
    from rich.markup import escape

    from antiphon.cli.terminal import err

    # What is to be typed may have brackets, which are no styles: pip install 'antiphon[livekit]'.
    err.print(f"[red]error:[/red] {escape(what)}", highlight=False)
