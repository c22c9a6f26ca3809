"""`antiphon duel`."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from antiphon import __version__
from antiphon.bench.figures import BenchReport
from antiphon.bench.machine import machine
from antiphon.bench.page import html
from antiphon.bench.race import VIAS, Raced, race
from antiphon.bench.serving import serving
from antiphon.bench.showing_duels import show_comparison, show_duel, show_duels
from antiphon.bench.trials.duel import QUESTION, outcome
from antiphon.bench.voices import BundledVoice
from antiphon.bench.wav import read_wav
from antiphon.bench.ways import WAYS
from antiphon.cli.progress import progress
from antiphon.cli.terminal import out
from antiphon.config import read_settings
from antiphon.store.duel import Duel
from antiphon.store.duels import Duels


def duel(
    wav: Annotated[
        Path | None, typer.Argument(help="The recording; without one, a question of ours.")
    ] = None,
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    via: Annotated[str, typer.Option(help=f"Which ways, comma-separated: {', '.join(WAYS)}.")] = ",".join(
        VIAS
    ),
    url: Annotated[str, typer.Option(help="A running server; without it one is started for the duel.")] = "",
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="How often it is run.")] = 1,
    key: Annotated[str, typer.Option(help="A token or an API key, for a server that wants one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the duel as JSON and nothing else.")] = False,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page with plots there.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Keep it below that folder instead of the data folder.")
    ] = None,
    list_them: Annotated[
        bool, typer.Option("--list", help="List the duels that are kept; run none.")
    ] = False,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ID ID", help="Compare two that are kept; run none.")
    ] = None,
) -> None:
    """Ask several ways one question at the same instant, and see where the time of each goes."""
    kept = Duels(save or read_settings().data)
    if list_them:
        _list(kept.kept(), as_json)
    elif compare is not None:
        _compare(kept.get(compare[0]), kept.get(compare[1]), as_json)
    else:
        names = [name for name in via.split(",") if name]
        raced = asyncio.run(_duel(wav, agent, names, url, rounds, key))
        _tell(kept.save(raced.duel, raced.utterance, raced.sounds), as_json, html_file)


def _tell(duel: Duel, as_json: bool, html_file: Path | None) -> None:
    """It is shown, as asked for. Leaves with 1 when a lane has no answer."""
    if as_json:
        print(json.dumps(duel.told(), ensure_ascii=False, indent=2))
    else:
        show_duel(out, duel)
    if html_file is not None:
        html_file.write_text(html(_report(duel)), encoding="utf-8")
    if any(lane.error for lane in duel.lanes):
        raise typer.Exit(1)


async def _duel(wav: Path | None, agent: str, vias: list[str], url: str, rounds: int, key: str) -> Raced:
    """The duel of the recording, or of a question of ours."""
    sound, text = (read_wav(wav), "") if wav is not None else (await BundledVoice().say(QUESTION), QUESTION)
    async with AsyncExitStack() as stack:
        say = stack.enter_context(progress())
        if not url:
            say("starting a server for this duel", 0, rounds)
            url = await stack.enter_async_context(serving())
        return await race(
            sound,
            url=url,
            agent=agent,
            text=text,
            vias=vias,
            rounds=rounds,
            key=key,
            on_progress=lambda at: say(f"round {at.round}: {at.doing}", at.round - 1, at.total),
        )


def _report(duel: Duel) -> BenchReport:
    """The duel as a bench's report, for its page."""
    here = machine()
    return BenchReport(duel.started_at, __version__, here, here, (outcome(duel),), duel.url)


def _list(duels: list[Duel], as_json: bool) -> None:
    if as_json:
        print(json.dumps([duel.told() for duel in duels], ensure_ascii=False, indent=2))
    else:
        show_duels(out, duels)


def _compare(one: Duel, other: Duel, as_json: bool) -> None:
    if as_json:
        print(json.dumps([one.told(), other.told()], ensure_ascii=False, indent=2))
    else:
        show_comparison(out, one, other)
