"""The command `antiphon`: what a person wants to do, one verb each."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from antiphon import __version__
from antiphon.bench import doctor as examiner
from antiphon.bench.figures import BenchReport
from antiphon.bench.live import LiveCall
from antiphon.bench.page import html
from antiphon.bench.serving import serving
from antiphon.bench.showing import show_bench
from antiphon.bench.suites import DEFAULT, SUITES
from antiphon.bench.suites import bench as run_suites
from antiphon.bench.talk import Report, questions
from antiphon.bench.talk import talk as bench_talk
from antiphon.config import Settings, read_settings
from antiphon.core.errors import AntiphonError, CallerError, SetupError
from antiphon.core.records import SERVICE, Erased, SessionRecord
from antiphon.hosts.archive import archive, conversation
from antiphon.hosts.erasing import erase_person
from antiphon.hosts.forking import MAY_CHANGE, Fork, changed
from antiphon.hosts.forking import fork as ask_again
from antiphon.hosts.opening import Say, open_stage
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.security import open_security
from antiphon.hosts.server import RecordedAudit, Server, create_app, event_loop, server_config, settle_memory
from antiphon.hosts.showing import show_fork, show_sessions
from antiphon.logs import set_up_logging
from antiphon.session import journal

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Real-time voice agents, self-hosted.")
out = Console()
err = Console(stderr=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = -1,
) -> None:
    """Start the server; open the printed address in a browser and talk."""
    settings = read_settings()
    set_up_logging(settings)
    host = host or settings.host
    port = settings.port if port < 0 else port
    listener = _listen(host, port)
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(_serve(settings, listener, host))


async def _serve(settings: Settings, listener: socket.socket, host: str) -> None:
    with ExitStack() as progress:
        async with open_stage(settings, progress.enter_context(_progress())) as stage:
            security = open_security(settings, host, audit=RecordedAudit(stage), owner_of=stage.owner_of)
            server = Server(server_config(create_app(stage, security)), stage)
            try:
                async with asyncio.TaskGroup() as tasks:
                    # Calls that a process before this one left are taken up while the rest is being loaded.
                    serving = tasks.create_task(server.serve(sockets=[listener]), name="server")
                    told = tasks.create_task(stage.loaded.wait(), name="ready")
                    await asyncio.wait([serving, told], return_when=asyncio.FIRST_COMPLETED)
                    progress.close()
                    settle_memory()
                    if told.done():
                        port = listener.getsockname()[1]
                        shown = "localhost" if host in ("::1", "0.0.0.0") else host
                        print(f"Antiphon is ready: http://{shown}:{port}", flush=True)
                        if security.start_line:
                            print(security.start_line, flush=True)
                    told.cancel()
            finally:
                security.close()


@app.command()
def talk(
    wavs: Annotated[list[Path], typer.Argument(help="Recordings; each is one turn.", metavar="WAV…")],
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    via: Annotated[str, typer.Option(help="Architecture to go through.")] = "orchestrate",
    url: Annotated[str, typer.Option(help="A running server; without it one is started for the call.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the measures as JSON and nothing else.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Save the call: left the caller, right the agent.")
    ] = None,
    greet: Annotated[bool, typer.Option(help="Let the agent speak first.")] = False,
) -> None:
    """Speak recordings to an agent over the real connection, in real time, and measure what is heard."""
    report = asyncio.run(_talk(wavs, agent, via, url, save, greet, quiet=as_json))
    if as_json:
        print(report.json())
    else:
        _tell(report)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


async def _talk(
    wavs: list[Path], agent: str, via: str, url: str, save: Path | None, greet: bool, quiet: bool
) -> Report:
    questions(wavs, via)
    async with AsyncExitStack() as stack:
        if not url:
            if not quiet:
                err.print("starting a server for this call …", style="dim")
            url = await stack.enter_async_context(serving())
        follow = None if quiet else stack.enter_context(LiveCall(out)).follow
        return await bench_talk(
            wavs, url=url, agent=agent, via=via, save=save, greet=greet, on_progress=follow
        )


def _tell(report: Report) -> None:
    """What went wrong, and where the call was saved; the call itself was shown while it went on."""
    for error in report.errors:
        out.print(f"[red]{error}[/red]", highlight=False)
    if report.recording:
        out.print(f"saved {report.recording}")


@app.command()
def bench(
    suite: Annotated[
        list[str] | None, typer.Option(help=f"Which: {', '.join(SUITES)}; comma-separated or repeated.")
    ] = None,
    url: Annotated[str, typer.Option(help="A running server to measure; empty: servers of our own.")] = "",
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    sessions: Annotated[str, typer.Option(help="Callers at once, for the load.")] = "1,4,8,16",
    repeats: Annotated[int, typer.Option(help="Trials of each kind; 0: as many as the suite needs.")] = 0,
    seconds: Annotated[float, typer.Option(help="How long each step of a load lasts.")] = 60.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the measures there.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page with plots there.")] = None,
) -> None:
    """Measure what callers notice: waits, interruptions, pauses, memory of what was heard, load."""
    names = [name for given in suite or [] for name in given.split(",") if name]
    counts = [int(number) for number in sessions.split(",") if number.strip().isdigit()]
    report = asyncio.run(_bench(names or DEFAULT, url, agent, counts, repeats or None, seconds))
    show_bench(out, report)
    if json_file is not None:
        json_file.write_text(report.json(), encoding="utf-8")
    if html_file is not None:
        html_file.write_text(html(report), encoding="utf-8")
    raise typer.Exit(report.exit_code)


async def _bench(
    names: Sequence[str],
    url: str,
    agent: str,
    sessions: Sequence[int],
    repeats: int | None,
    seconds: float,
) -> BenchReport:
    with _progress() as say:
        return await run_suites(
            names,
            url=url,
            agent=agent,
            sessions=sessions,
            repeats=repeats,
            seconds=seconds,
            on_progress=lambda at: say(f"{at.suite} {at.doing}", at.done, at.total),
        )


@app.command()
def doctor() -> None:
    """Look for what could keep Antiphon from running well here, and say what to do about it."""
    with err.status("examining this machine"):
        findings = examiner.examine(read_settings())
    examiner.render(findings, out)
    raise typer.Exit(examiner.exit_code(findings))


Kept = Annotated[str, typer.Argument(help="A session's id, or a journal's file.", metavar="SESSION")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
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


@app.command()
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


async def _fork(
    settings: Settings, header: journal.Header, entries: Sequence[journal.Entry], turn: int
) -> Fork:
    alone = settings.model_copy(update={"store": "off", "webhook_url": ""})
    with _progress() as say:
        async with open_stage(alone, say) as stage:
            if header.agent not in stage.agents:
                raise CallerError(f"its agent {header.agent!r} is not to be had here")
            agent, model = stage.agents[header.agent], stage.providers.model
            return await ask_again(header, entries, turn, agent, model)


@app.command()
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


@app.command()
def replay(session: Kept) -> None:
    """Hold a conversation again from its journal and check that it comes out the same."""
    header, entries = conversation(read_settings(), session)
    result = journal.replay(header, entries)
    out.print(
        f"{header.session} · {header.agent}: {result.events} events, {result.commands} commands, "
        f"{result.seconds:.1f} s of conversation"
    )
    for difference in result.differences:
        out.print(f"[red]at {difference.t:.3f} s[/red] the journal has {difference.recorded}")
        out.print(f"             replay gave {difference.replayed}")
    if result.differences:
        out.print(f"[red]{len(result.differences)} commands differ[/red]")
        raise typer.Exit(1)
    out.print("[green]the same, command for command[/green]")


@app.command()
def version() -> None:
    """Say which version this is."""
    print(__version__)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises SetupError in one sentence when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SetupError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what listens there or choose another "
            "port, for example: antiphon serve --port 0"
        ) from None
    return listener


@contextmanager
def _progress() -> Iterator[Say]:
    """A progress bar on a terminal; silence elsewhere."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def say(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield say


def main() -> None:
    """Run the command line; errors of ours are one sentence that ends with the next thing to try."""
    try:
        app(standalone_mode=False)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except typer.Abort:
        sys.exit(130)
    except AntiphonError as error:
        err.print(f"[red]error:[/red] {error}", highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            err.print(f"[red]error:[/red] {error.format_message()}", highlight=False)
            sys.exit(error.exit_code)
        raise


if __name__ == "__main__":
    main()
