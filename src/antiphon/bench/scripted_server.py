"""A real server whose agent and providers follow a script: what is left to measure is Antiphon itself.

    python -m antiphon.bench.scripted_server --home DIR [--ears instant|silero|real] [--reply TEXT] …

It serves on a port of this machine and prints the address, as `antiphon serve` does; with `--store` it keeps its
sessions as that does. `/bench/state` tells what only the process knows of itself, and forgets the loop's lags
that it told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Guardrail, Verdict
from antiphon.config import Settings
from antiphon.core.audio import Pcm, silence
from antiphon.hosts.application import create_app
from antiphon.hosts.keeping import running
from antiphon.hosts.rooms import Rooms
from antiphon.hosts.security.security import Security, open_security
from antiphon.hosts.server import Server, event_loop, server_config, settle_memory
from antiphon.hosts.stage import RESUME_WITHIN, Stage
from antiphon.ports import Heard, Recognition, Recognizer, Records, TurnDetector, VoiceActivityDetector
from antiphon.providers import registry
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.local_silero import SileroVad
from antiphon.providers.local_smart_turn import SmartTurn
from antiphon.providers.vectors import VectorCache
from antiphon.session.session import Providers
from antiphon.store.opening import open_records
from antiphon.testing.scripted import ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

AGENT = "scripted"
EARS = ("instant", "silero", "real")
LAG_EVERY_S = 0.1
"How often the loop is asked whether it is late. Each time costs 10 µs."


class Allowing:
    """A guardrail that allows everything at once."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


class InstantRecognizer:
    """Understands `text` whatever was said, at once, and keeps nothing."""

    def __init__(self, text: str, rate: int = 16_000) -> None:
        self.rate = rate
        self._text = text

    def open(self) -> Recognition:
        return InstantRecognition(self._text)


class InstantRecognition:
    def __init__(self, text: str) -> None:
        self._text = text
        self._has_heard = False

    def push(self, pcm: Pcm) -> None:
        self._has_heard = True

    async def partial(self) -> Heard | None:
        return Heard(self._text) if self._has_heard else None

    async def settle(self) -> Heard:
        return Heard(self._text if self._has_heard else "")

    async def close(self) -> None:
        return


class InstantTurnDetector:
    """Is as sure as it was told to be, at once."""

    def __init__(self, completeness: float, rate: int = 16_000) -> None:
        self.rate = rate
        self._completeness = completeness

    async def completeness(self, utterance: Pcm) -> float:
        return self._completeness


class Lags:
    """How late the event loop is: at every `LAG_EVERY_S`, milliseconds behind schedule."""

    def __init__(self) -> None:
        self.ms: deque[float] = deque(maxlen=100_000)

    def start(self) -> None:
        """From now on; call it on the running loop."""
        loop = asyncio.get_running_loop()

        def check(due: float) -> None:
            now = loop.time()
            self.ms.append(round((now - due) * 1000, 3))
            loop.call_at(now + LAG_EVERY_S, check, now + LAG_EVERY_S)

        loop.call_later(LAG_EVERY_S, check, loop.time() + LAG_EVERY_S)


PERSON = "person"
"A question with this word makes the agent call for one."


def scripted_agent(sentences: Sequence[str]) -> Agent:
    """Says the sentences to whatever it is asked."""

    async def recite(question: Question) -> Grounding:
        why = "asked for" if PERSON in question.text else ""
        return Grounding(tuple(sentences), is_certain=True, escalate=why)

    return Agent(AGENT, "", (Specialist("only", "", recite),), Allowing())


def reciting_agent(replies: Sequence[Sequence[str]], guardrail: Guardrail) -> Agent:
    """Says the reply whose number is asked for."""

    async def recite(question: Question) -> Grounding:
        number = "".join(filter(str.isdigit, question.text))
        return Grounding(tuple(replies[int(number or 0) % len(replies)]), is_certain=True)

    return Agent(AGENT, "", (Specialist("only", "", recite),), guardrail)


async def guard(kind: str, home: Path) -> Guardrail:
    """The guardrail, ready to be asked."""
    if kind == "none":
        return Allowing()
    guardrail = LocalGuardrail(MiniLM(), VectorCache(home / "cache"))
    await guardrail.check_output("Hello there.")
    return guardrail


def scripted_app(stage: Stage, lags: Lags, security: Security, rooms: Rooms) -> FastAPI:
    """The server's application, which also tells its state."""
    app = create_app(stage, security, rooms)

    async def state(request: Request) -> JSONResponse:
        told, lags.ms = list(lags.ms), deque(maxlen=lags.ms.maxlen)
        tasks = len(asyncio.all_tasks())
        return JSONResponse(
            {"pid": os.getpid(), "sessions": len(stage.sessions), "tasks": tasks, "lag_ms": told}
        )

    # Before the others: the page, where it is built, takes every path that is left.
    app.router.routes.insert(0, Route("/bench/state", state))
    return app


async def ears(
    kind: str, text: str, completeness: float
) -> tuple[VoiceActivityDetector, Recognizer, TurnDetector]:
    """The detector, the recognizer and the turn detector, ready to be asked."""
    if kind == "instant":
        return ScriptedVad(), InstantRecognizer(text), InstantTurnDetector(completeness)
    if kind == "silero":
        return SileroVad(), InstantRecognizer(text), InstantTurnDetector(completeness)
    recognizer, turns = registry.recognizer(), SmartTurn()
    recognition = recognizer.open()
    recognition.push(silence(1.0, recognizer.rate))
    await recognition.settle()
    await recognition.close()
    await turns.completeness(silence(1.0, turns.rate))
    return SileroVad(), recognizer, turns


@asynccontextmanager
async def kept(options: argparse.Namespace) -> AsyncIterator[Records | None]:
    """Where the sessions are kept, running; None when nowhere."""
    if options.store == "off":
        yield None
        return
    url = "" if options.store == "embedded" else options.store
    async with running(open_records(options.home / "postgres", url, node=options.node)) as records:
        yield records


async def serve(options: argparse.Namespace) -> None:
    """Serve until told to end."""
    vad, recognizer, turns = await ears(options.ears, options.hears, options.completeness)
    voice = ScriptedSynthesizer(seconds_per_char=options.char_ms / 1000)
    agent = scripted_agent(options.reply.split("|"))
    if options.replies is not None:
        replies = json.loads(options.replies.read_text(encoding="utf-8"))
        agent = reciting_agent(replies, await guard(options.guard, options.home))
    settings = Settings(home=options.home, journals=options.journals, max_sessions=1000)
    async with kept(options) as records, asyncio.TaskGroup() as tasks:
        providers = Providers(vad, recognizer, turns, voice)
        stage = Stage(settings, {AGENT: agent}, providers, records, resume_within=options.resume_within)
        keeping = tasks.create_task(stage.keep(), name="stage: keep")
        lags = Lags()
        lags.start()
        listener = socket.create_server(("127.0.0.1", options.port), backlog=256)
        security = open_security(settings, "127.0.0.1", owner_of=stage.owner_of)
        rooms = Rooms(stage, security.gate)
        rooms.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        holding = tasks.create_task(rooms.run(), name="stage: rooms")
        server = Server(server_config(scripted_app(stage, lags, security, rooms)), stage)
        settle_memory()
        sys.stdout.write(f"The script is ready: {rooms.address}\n")
        sys.stdout.flush()
        end_with_parent(server)
        await server.serve(sockets=[listener])
        keeping.cancel()
        holding.cancel()


def end_with_parent(server: Server) -> None:
    """From now on the server ends when the process that started it does: a bench may be killed itself."""
    loop, parent = asyncio.get_running_loop(), os.getppid()

    def check() -> None:
        if os.getppid() != parent:
            server.should_exit = True
        else:
            loop.call_later(1.0, check)

    check()


def command(home: Path, **options: str | float) -> tuple[str, ...]:
    """What starts such a server as a process of its own."""
    argv = [sys.executable, "-u", "-m", "antiphon.bench.scripted_server", "--home", str(home)]
    for name, value in options.items():
        argv += [f"--{name.replace('_', '-')}", str(value)]
    return tuple(argv)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A server whose agent and providers follow a script.")
    parser.add_argument("--home", type=Path, required=True, help="where its journals lie")
    parser.add_argument("--ears", choices=EARS, default="instant")
    parser.add_argument("--hears", default="Hello.", help="what callers are understood to say")
    parser.add_argument("--completeness", type=float, default=0.98, help="how sure it is of a turn's end")
    parser.add_argument("--reply", default="Yes.", help="what it answers; | separates sentences")
    parser.add_argument("--replies", type=Path, help="a file of lists of sentences: which, the question says")
    parser.add_argument("--guard", choices=("none", "local"), default="none", help="who checks the replies")
    parser.add_argument("--char-ms", type=float, default=50.0, help="milliseconds of tone for each letter")
    parser.add_argument("--journals", type=int, default=1, help="0 writes none")
    parser.add_argument("--port", type=int, default=0, help="where it listens; 0 takes a free one")
    parser.add_argument("--store", default="off", help="where sessions are kept: off, embedded, or a URL")
    parser.add_argument("--node", default="", help="its name among others")
    parser.add_argument("--resume-within", type=float, default=RESUME_WITHIN, help="seconds to come back in")
    # The loop that callers get: figures of another one would be about a server that nobody runs.
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(serve(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
