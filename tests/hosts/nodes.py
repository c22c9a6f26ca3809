"""Nodes in this process that share one store, and callers who come back to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from antiphon.bench.scripted_server import (
    AGENT,
    InstantRecognizer,
    InstantTurnDetector,
    scripted_agent,
)
from antiphon.config import Settings
from antiphon.core.events import Remember
from antiphon.core.records import SERVICE
from antiphon.hosts.application import create_app
from antiphon.hosts.server import Server, server_config
from antiphon.hosts.stage import Stage
from antiphon.session.journal import Entry, decode_entry, decode_header, replay
from antiphon.session.session import Providers
from antiphon.testing.records import MemoryRecords, MemoryStore, running
from antiphon.testing.scripted import ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

REPLY = "Seven boats left this quiet harbour before anyone woke.|Only gulls knew where they had gone."
"About 2.4 s of speech; no word comes twice."


class Node:
    """One server of its own on loopback, with a stage that tests can look at."""

    def __init__(self, stage: Stage, server: Server, address: str) -> None:
        self.stage = stage
        self.server = server
        self.address = address
        self.url = f"http://{address}"


@asynccontextmanager
async def node(home: Path, store: MemoryStore, name: str = "one", **more: float) -> AsyncIterator[Node]:
    """A running server; its sessions are in `store`. `more` are fields of its stage."""
    providers = Providers(
        ScriptedVad(), InstantRecognizer("Hello."), InstantTurnDetector(0.98), ScriptedSynthesizer(0.025)
    )
    async with running(MemoryRecords(store, name)) as records:
        agents = {AGENT: scripted_agent(REPLY.split("|"))}
        stage = Stage(
            Settings(home=home / name, secret=SecretStr("s" * 32)), agents, providers, records, **more
        )  # type: ignore[arg-type]
        server = Server(server_config(create_app(stage), port=0), stage)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            try:
                yield Node(stage, server, f"127.0.0.1:{port}")
            finally:
                server.should_exit = server.force_exit = True
                await serving


async def journal_of(store: MemoryStore, session: str) -> list[Entry]:
    """The session's entries, which replay to the same commands."""
    lines = [line async for line in MemoryRecords(store).entries(SERVICE, session)]
    entries = [decode_entry(line) for line in lines[1:]]
    assert replay(decode_header(lines[0]), entries).differences == ()
    return entries


def remembered(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.item.role.value, entry.item.text) for entry in entries if isinstance(entry.item, Remember)]
