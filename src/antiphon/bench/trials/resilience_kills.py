"""Servers are killed at random instants while callers talk, and started anew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.bench.nodes import Node, nodes
from antiphon.bench.scripted_server import PERSON
from antiphon.bench.trials.returning import Account, Returning
from antiphon.core.errors import CallerError
from antiphon.core.events import Remember
from antiphon.core.notes import PersonNeeded
from antiphon.core.records import SERVICE
from antiphon.session.journal import decode_entry, decode_header, replay
from antiphon.store.opening import open_records

CHAR_MS = 25
REPLY = (
    "Seven boats left this quiet harbour before anyone woke.|"
    "Their lanterns drew long yellow lines over black water.|"
    "When morning came, only gulls knew where they had gone."
)
"No word comes twice, so that one heard twice is known."
QUESTIONS = 3
AT_ONCE = 8
"Callers at a time."
SETTLE_S = 0.5
"Seconds after which what a server wrote last can be read."
LIVES_S = (0.3, 4.0)
"How long a server lives, from the moment it takes calls."


@dataclass(slots=True)
class Kept:
    """What the store holds of one session."""

    lines: list[tuple[int, str, str, bool]] = field(default_factory=list)
    persons: int = 0
    differences: int = 0
    status: str = ""
    has_report: bool = False


@dataclass(slots=True)
class Killed:
    """What came of calls whose servers were killed."""

    accounts: list[Account] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)
    kills: int = 0
    starts_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


async def kill(
    calls: int,
    *,
    pair: bool,
    each: int = QUESTIONS,
    seed: int = 1,
    at_once: int = AT_ONCE,
    tell: Callable[[int], None] = lambda done: None,
) -> Killed:
    """`calls` calls were held while servers were killed; with a `pair`, callers find the other one up."""
    chance, result = random.Random(seed), Killed()
    names = ("one", "two") if pair else ("one",)
    waiting = list(range(calls))
    async with nodes(names, store="embedded", reply=REPLY, char_ms=CHAR_MS) as found:

        def lost_at() -> float:
            return max(node.killed_at for node in found)

        async def line(number: int) -> None:
            while waiting:
                call = waiting.pop(0)
                urls = [node.url for node in found]
                caller = Returning(
                    urls,
                    REPLY,
                    lost_at=lost_at,
                    plays_on=call % 2 == 1,
                    jitter_s=(0.01, 0.04, 0.12)[call % 3],
                )
                result.accounts.append(await caller.talk(questions(call, each)))
                tell(len(result.accounts))

        async with asyncio.TaskGroup() as group:
            killing = group.create_task(_kill_again_and_again(found, chance, result), name="killer")
            lines = [group.create_task(line(n), name=f"line {n}") for n in range(min(at_once, calls))]
            await asyncio.wait(lines)
            killing.cancel()
        for node in found:
            result.starts_s += node.starts_s[1:]
        result.kept = await kept(found[0].log.parent, [a.session for a in result.accounts])
    for account in result.accounts:
        result.faults += account.faults
        result.faults += disagreements(account, result.kept.get(account.session, Kept()))
    return result


def questions(call: int, each: int = QUESTIONS) -> list[str]:
    """What one caller asks: every line is another one, and the last of them calls for a person."""
    asked = [f"Question {number} of caller {call}?" for number in range(1, each)]
    return [*asked, f"May caller {call} speak to a {PERSON}?"]


async def _kill_again_and_again(found: Sequence[Node], chance: random.Random, result: Killed) -> None:
    """Until cancelled. Of a pair, the one that most callers are on is killed, and is back before the next."""
    while True:
        for node in found:
            await asyncio.sleep(chance.uniform(*LIVES_S))
            await node.kill()
            result.kills += 1
            if len(found) > 1:
                await asyncio.sleep(0.5)
            await node.start()


async def kept(home: Path, sessions: Sequence[str]) -> dict[str, Kept]:
    """What the embedded database in `home` holds of those of the sessions that it knows."""
    found: dict[str, Kept] = {}
    async with open_records(home / "postgres") as records:
        for session in sessions:
            try:
                record = await records.get(SERVICE, session)
                if record.status == "live":  # its end may be on its way to the disk
                    await asyncio.sleep(SETTLE_S)
                    record = await records.get(SERVICE, session)
            except CallerError:
                continue
            lines = [line async for line in records.entries(SERVICE, session)]
            entries = [decode_entry(line) for line in lines[1:]]
            items = [entry.item for entry in entries]
            found[session] = Kept(
                [(i.turn, i.role.value, i.text, i.is_cut) for i in items if isinstance(i, Remember)],
                sum(isinstance(item, PersonNeeded) for item in items),
                len(replay(decode_header(lines[0]), entries).differences),
                record.status,
                record.report is not None,
            )
    return found


def disagreements(account: Account, held: Kept) -> list[str]:
    """Where the store tells another story than the caller."""
    told = [(line.turn, line.role, line.text, line.is_cut) for line in account.told]
    faults = []
    if held.lines != told:
        faults.append(f"{account.session}: the caller was told {told}, the store has {held.lines}")
    if held.persons != sum(PERSON in text for text in account.asked):
        faults.append(f"{account.session}: a person was called {held.persons} times")
    if held.differences:
        faults.append(f"{account.session}: its journal replays with {held.differences} differences")
    if account.has_hung_up and (held.status != "ended" or not held.has_report):
        faults.append(f"{account.session}: {held.status} {'with' if held.has_report else 'without'} a report")
    return faults
