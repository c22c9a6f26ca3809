"""A disk that is slow to say yes: what the caller heard is known to whoever goes on, also after a kill."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from scene import agent
from test_going_on import SENTENCES, asked

from antiphon.agent.definition import Grounding
from antiphon.core import events as e
from antiphon.core.records import StoreUnavailable
from antiphon.session.journal import Journal, decode_entry, decode_header
from antiphon.session.past import past
from antiphon.session.session import Providers, Session
from antiphon.testing import clock
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

BATCH = 0.03
"Seconds between two commits when nobody waits, as in `store.writer`."
WHO = agent(*SENTENCES, grounding=Grounding(SENTENCES, is_certain=True))


@dataclass
class LateLedger:
    """Every commit takes `lag` seconds, and the next begins when it has ended."""

    lag: float
    lines: list[tuple[str, float]] = field(default_factory=list)
    "With the time at which each was written."
    commits: list[tuple[float, int]] = field(default_factory=list)
    "When they ended, and how many lines were durable then."
    is_away: bool = False
    epoch: int = 1
    urgent: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Condition = field(default_factory=asyncio.Condition)

    def write(self, line: str) -> None:
        self.lines.append((line, asyncio.get_running_loop().time()))

    def close(self, report: object = None, *, ended_at: object = None) -> None:
        return

    @property
    def committed(self) -> int:
        return self.commits[-1][1] if self.commits else 0

    async def durable(self, within: float = 2.0) -> None:
        wanted = len(self.lines)
        while self.committed < wanted:
            if self.is_away:
                raise StoreUnavailable("away")
            self.urgent.set()
            async with self.ended:
                await self.ended.wait()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(BATCH):
                    await self.urgent.wait()
            except TimeoutError:
                pass
            self.urgent.clear()
            count = len(self.lines)
            await asyncio.sleep(self.lag)
            if not self.is_away:
                self.commits.append((loop.time(), count))
            async with self.ended:
                self.ended.notify_all()

    def durable_at(self, t: float) -> list[str]:
        """What a process that died then left behind."""
        count = max((count for at, count in self.commits if at <= t), default=0)
        return [line for line, _ in self.lines[:count]]


async def converse(ledger: LateLedger, caller: Loopback, lines: list[str], heard: int = 0) -> None:
    """The caller is answered and hangs up. With `lines`, the session goes on from them."""
    found = past(decode_header(lines[0]), map(decode_entry, lines[1:])) if lines else None
    session = Session(
        "s",
        WHO,
        Providers(
            ScriptedVad(), ScriptedRecognizer(), ScriptedTurnDetector(), ScriptedSynthesizer(0.01), None
        ),
        caller,
        greets=False,
        journal=lambda header: Journal(header, ledger=ledger, goes_on=found is not None),
        past=found,
        returned=e.CallerReturned(found.conversation.turn, heard) if found else None,
    )
    committing = asyncio.create_task(ledger.run())
    await session.run()
    committing.cancel()


def lived(lag: float, caller: Loopback, lines: list[str] | None = None, heard: int = 0) -> LateLedger:
    async def story() -> LateLedger:
        ledger = LateLedger(lag)
        await converse(ledger, caller, lines or [], heard)
        return ledger

    return clock.run(story())


@pytest.mark.parametrize("lag", [0.005, 0.03, 0.07])
def test_no_word_is_heard_twice_or_never_whenever_the_process_dies(lag: float) -> None:
    whole = lived(lag, asked())
    items = [(decode_entry(line).item, at) for line, at in whole.lines[1:]]
    deaths, heard = 0, ""
    for place, (item, at) in enumerate(items):
        if not isinstance(item, e.Played):
            continue
        follows = items[place + 1][0]
        heard = follows.heard if isinstance(follows, e.ShowHeard) else heard
        if heard == SENTENCES[-1]:
            break
        again = Loopback(acts=[(0.1, e.Typed("Who left?", 1))], hang_up_at=12.0)
        after = lived(lag, again, whole.durable_at(at), heard=item.samples)
        spoken = [
            i.text.text
            for i in (decode_entry(line).item for line, _ in after.lines)
            if isinstance(i, e.Speak)
        ]
        assert " ".join(filter(None, [heard, *spoken])) == " ".join(SENTENCES), at
        deaths += 1
    assert deaths >= 10


def waited(lag: float, is_away: bool = False) -> float:
    """Seconds from the first sound that is made to the first that leaves."""

    async def story() -> float:
        ledger, caller = LateLedger(lag, is_away=is_away), asked()
        await converse(ledger, caller, [])
        made = next(t for t, news in caller.shown if isinstance(news, e.SpeechSynthesized))
        return caller.first_sound[1] - made

    return clock.run(story())


def test_the_first_sound_waits_for_one_commit_and_never_for_long() -> None:
    assert waited(0.005) <= 0.011
    assert 0.05 <= waited(0.1) <= 0.151
    assert waited(3.0) == pytest.approx(0.15, abs=0.001)
    assert waited(3.0, is_away=True) <= 0.001


def test_a_pause_in_the_first_instant_holds_sound_that_still_waits() -> None:
    """The caller speaks while the first sound waits for its commit: nothing leaves before it is known why."""

    async def story() -> None:
        ledger = LateLedger(0.1)
        caller = Loopback(acts=[(0.5, e.Typed("Who left?", 1))], hang_up_at=6.0)
        held = asyncio.create_task(converse(ledger, caller, []))
        while not any(isinstance(news, e.SpeechSynthesized) for _, news in caller.shown):
            await asyncio.sleep(0.001)
        caller.say(e.InterruptAsked())
        await held
        assert 1 not in caller.first_sound
        said = [n for _, n in caller.shown if isinstance(n, e.Remember) and n.role is e.Role.AGENT]
        assert said == []

    clock.run(story())
