"""The line breaks while the server lives: a network that drops, a server that drains, a database that is away."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.bench.caller import Caller
from antiphon.bench.line import CallDropped, open_line
from antiphon.bench.machine import family
from antiphon.bench.nodes import Node, nodes, reachable
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.resilience_kills import (
    CHAR_MS,
    QUESTIONS,
    REPLY,
    Kept,
    disagreements,
    kept,
    questions,
)
from antiphon.bench.trials.returning import Account, Returning
from antiphon.core.errors import AntiphonError
from antiphon.store.embedded import Embedded
from antiphon.wire import native

ONE = ("one",)
OPTIONS: dict[str, str | float] = {"store": "embedded", "reply": REPLY, "char_ms": CHAR_MS}
GONE_S = (0.0, 3.0)
"How long a caller is gone. Longer changes nothing until the server gives them up."


@dataclass(slots=True)
class Dropped:
    """What came of calls whose connections broke."""

    accounts: list[Account] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    drops: int = 0
    given_up: int = 0
    "Callers who did not come back, and whose session was ended with a report."
    concluded_s: list[float] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    "Of what the trial is about: a drain, an outage."
    late_s: list[float] = field(default_factory=list)
    "From the end of an outage to the acknowledgement of all that was said in it."


async def drop(
    calls: int,
    *,
    each: int = QUESTIONS,
    seed: int = 2,
    resume_within_s: float = 4.0,
    tell: Callable[[int], None] = lambda done: None,
) -> Dropped:
    """The callers' connections were aborted at random instants; some came back before the server knew it.

    One more caller never came back, `resume_within_s` being the server's patience.
    """
    chance, result = random.Random(seed), Dropped()
    async with nodes(ONE, resume_within=resume_within_s, **OPTIONS) as [node]:

        async def hold(call: int) -> None:
            cut_at = [0.0]
            caller = Returning(
                [node.url],
                REPLY,
                lost_at=lambda: cut_at[0],
                plays_on=call % 2 == 1,
                jitter_s=(0.01, 0.04, 0.12)[call % 3],
            )
            async with asyncio.TaskGroup() as group:
                cutting = group.create_task(cut(caller, cut_at), name="scissors")
                result.accounts.append(await caller.talk(questions(call, each)))
                cutting.cancel()
            tell(len(result.accounts))

        async def cut(caller: Returning, cut_at: list[float]) -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.2, 4.0))
                if caller.caller is None:
                    continue
                caller.away_s = chance.choice((0.0, chance.uniform(*GONE_S)))
                result.drops += 1
                cut_at[0] = time.monotonic() + caller.away_s
                await caller.caller.drop()

        async with asyncio.TaskGroup() as group:
            group.create_task(_leave(node, result), name="one who does not come back")
            for call in range(calls):
                group.create_task(hold(call), name=f"caller {call}")
        await _check(node.home, result)
    return result


async def _leave(node: Node, result: Dropped) -> None:
    """A caller's network is gone for good in the middle of an answer."""
    caller = await dial(node.url)
    await caller.type("Who left?", 1)
    await caller.agent_speaks()
    await caller.drop()
    await caller.__aexit__(CallDropped, None, None)
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        found = (await kept(node.home, [caller.ready.session])).get(caller.ready.session, Kept())
        if found.status == "ended" and found.has_report:
            result.given_up += 1
            result.concluded_s.append(time.monotonic() - begun)
            return
        await asyncio.sleep(0.5)
    result.faults.append(f"{caller.ready.session} was never given up: {found.status}")


async def dial(url: str, session: str = "", resume: str = "") -> Caller:
    """A caller who is connected. Raises AntiphonError."""
    line = await open_line(url)
    caller = Caller(line, native.Hello(AGENT, greet=False, session=session, resume=resume))
    await caller.__aenter__()
    return caller


async def _check(home: Path, result: Dropped) -> None:
    held = await kept(home, [account.session for account in result.accounts])
    for account in result.accounts:
        result.faults += account.faults
        result.faults += disagreements(account, held.get(account.session, Kept()))


async def drain(calls: int, rounds: int = 2, *, each: int = QUESTIONS, seed: int = 3) -> Dropped:
    """The server was told to end while callers talked, and started anew each time."""
    chance, result = random.Random(seed), Dropped()
    async with nodes(ONE, **OPTIONS) as [node]:

        async def hold(call: int) -> None:
            caller = Returning([node.url], REPLY, lost_at=lambda: node.killed_at)
            result.accounts.append(await caller.talk(questions(call, each)))

        async with asyncio.TaskGroup() as group:
            for call in range(calls):
                group.create_task(hold(call), name=f"caller {call}")
            for _ in range(rounds):
                await asyncio.sleep(chance.uniform(1.0, 3.0))
                node.ask_to_stop()
                if not await asyncio.to_thread(_is_unready, node.url):
                    result.faults.append("/readyz did not answer 503 while the server drained")
                result.took_s.append(await node.wait())
                result.drops += 1
                await node.start()
        await _check(node.home, result)
    goodbyes = sum(account.goaways for account in result.accounts)
    if goodbyes == 0:
        result.faults.append("nobody was told to go away")
    return result


def _is_unready(url: str) -> bool:
    """Whether `/readyz` says 503 within a second."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        try:
            with opener.open(f"{url}/readyz", timeout=1):
                time.sleep(0.02)
        except urllib.error.HTTPError as error:
            return error.code == 503
        except OSError:
            return False
    return False


def _signal(processes: Sequence[int], number: signal.Signals) -> None:
    """The processes have the signal, but for those that have ended: a database's servants come and go."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


async def outage(calls: int, away_s: float = 5.0, *, each: int = QUESTIONS) -> Dropped:
    """The database stood still for `away_s` seconds while callers talked: its processes were stopped, then went on."""
    result = Dropped()
    async with _database() as (home, url, pid), nodes(ONE, **{**OPTIONS, "store": url}) as [node]:
        accounts: list[Account] = []
        frozen: list[float] = []

        async def hold(call: int) -> None:
            caller = Returning([node.url], REPLY)
            accounts.append(caller.account)
            await caller.talk(questions(call, each))

        async with asyncio.TaskGroup() as group:
            for call in range(calls):
                group.create_task(hold(call), name=f"caller {call}")
            await asyncio.sleep(1.5)
            stopped = family(pid)
            _signal(stopped, signal.SIGSTOP)
            try:
                begun = time.monotonic()
                await asyncio.sleep(away_s)
            finally:
                _signal(stopped, signal.SIGCONT)
            frozen += [begun, time.monotonic()]
        result.accounts, result.drops = accounts, 1
        result.took_s.append(frozen[1] - frozen[0])
        for account in accounts:
            result.late_s += [at - frozen[1] for at in account.told_at if at > frozen[1]][:1]
            said = [at for at in account.told_at if frozen[0] + 0.5 < at < frozen[1]]
            if said:
                result.faults.append(f"{account.session}: {len(said)} lines acknowledged without a database")
        await _check(home, result)
    return result


@asynccontextmanager
async def _database() -> AsyncIterator[tuple[Path, str, int]]:
    """A database of the trial's own: its home, its address and its process."""
    with TemporaryDirectory(prefix="antiphon-bench-", ignore_cleanup_errors=True) as folder:
        home = reachable(folder)
        async with Embedded(home / "postgres") as embedded:
            data = embedded.folder / "server"
            pid = int(next(data.rglob("postmaster.pid")).read_text().split("\n")[0])
            yield home, embedded.url, pid


async def contend(rounds: int, *, seed: int = 4) -> Dropped:
    """Two nodes claimed one session at the same instant, again and again: one goes on, the other is fenced."""
    result = Dropped()
    async with nodes(("one", "two"), **OPTIONS) as found:
        for number in range(rounds):
            try:
                await _contend(found, number, result)
            except (AntiphonError, TimeoutError) as error:
                result.faults.append(f"round {number}: {error or 'nothing came of it'}")
            result.drops += 1
    return result


async def _contend(found: list[Node], number: int, result: Dropped) -> None:
    begun = await dial(found[0].url)
    session, token = begun.ready.session, begun.ready.resume
    await begun.type(f"Question {number}?", 1)
    await begun.agent_speaks()
    await begun.drop()
    await begun.__aexit__(CallDropped, None, None)
    callers = await asyncio.gather(*(dial(node.url, session, token) for node in found))
    for caller in callers:
        # A caller's word makes the node write: who does not hold the session any more learns it then.
        with suppress(CallDropped):
            await caller.type("And then?", 2)
    async with asyncio.timeout(20):
        ends = [asyncio.create_task(_ended(caller), name="end") for caller in callers]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(ends, timeout=0.5)
        for end in ends:
            end.cancel()
    open_ones = [caller for caller in callers if caller.dropped is None]
    codes = [caller.dropped.code for caller in callers if caller.dropped is not None]
    if len(open_ones) != 1 or codes != [4409]:
        result.faults.append(f"round {number}: {len(open_ones)} go on, the others were closed with {codes}")
    for caller in callers:
        if caller.dropped is None:
            await caller.wait_for(
                lambda c=caller: any(  # type: ignore[misc]
                    isinstance(m.message, native.Remembered) and m.message.text == "And then?"
                    for m in c.messages
                ),
                10,
            )
            result.given_up += 1
        await caller.__aexit__(CallDropped if caller.dropped else None, None, None)


async def _ended(caller: Caller) -> None:
    with suppress(CallDropped):
        await caller.wait_for(lambda: False)
