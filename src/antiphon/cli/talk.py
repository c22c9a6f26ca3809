"""`antiphon talk`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from antiphon.bench.live import LiveCall
from antiphon.bench.serving import serving
from antiphon.bench.talk import Report, questions
from antiphon.bench.talk import talk as bench_talk
from antiphon.bench.ways import WAYS
from antiphon.cli.terminal import err, out


def talk(
    wavs: Annotated[list[Path], typer.Argument(help="Recordings; each is one turn.", metavar="WAV…")],
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    via: Annotated[str, typer.Option(help=f"Architecture to go through: {', '.join(WAYS)}.")] = "orchestrate",
    url: Annotated[str, typer.Option(help="A running server; without it one is started for the call.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the measures as JSON and nothing else.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Save the call: left the caller, right the agent.")
    ] = None,
    greet: Annotated[bool, typer.Option(help="Let the agent speak first.")] = False,
    key: Annotated[str, typer.Option(help="A token or an API key, for a server that wants one.")] = "",
) -> None:
    """Speak recordings to an agent over the real connection, in real time, and measure what is heard."""
    report = asyncio.run(_talk(wavs, agent, via, url, save, greet, key, quiet=as_json))
    if as_json:
        print(report.json())
    else:
        _tell(report)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


async def _talk(
    wavs: list[Path],
    agent: str,
    via: str,
    url: str,
    save: Path | None,
    greet: bool,
    key: str,
    *,
    quiet: bool,
) -> Report:
    questions(wavs, via)
    async with AsyncExitStack() as stack:
        if not url:
            if not quiet:
                err.print("starting a server for this call …", style="dim")
            url = await stack.enter_async_context(serving())
        follow = None if quiet else stack.enter_context(LiveCall(out)).follow
        return await bench_talk(
            wavs, url=url, agent=agent, via=via, save=save, greet=greet, key=key, on_progress=follow
        )


def _tell(report: Report) -> None:
    """What went wrong, and where the call was saved; the call itself was shown while it went on."""
    for error in report.errors:
        out.print(Text(error, "red"))
    if report.recording:
        out.print(f"saved {report.recording}", markup=False)
