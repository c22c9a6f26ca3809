"""A disk that is slow to say yes: what the caller heard is known to whoever goes on, also after a kill."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from scene import agent
from test_going_on import SENTENCES, asked

from antiphon.agent.definition import Grounding
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import SoundSent
from antiphon.core.playout import Playout
from antiphon.core.records import StoreUnavailable
from antiphon.session.journal import Item, Journal, decode_entry, decode_header
from antiphon.session.past import past
from antiphon.session.session import Providers, Session
from antiphon.testing import clock
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

EVERY = 0.037
"Seconds between two instants at which the process dies while the agent is heard; eight times as long in silence."
BATCH = 0.03
"Seconds between two commits when nobody waits, as in `store.writer`."
WHO = agent(*SENTENCES, grounding=Grounding(SENTENCES, is_certain=True))


@dataclass
class LateLedger:
    """Every commit takes as long as `lag` says, seconds, and the next begins when it has ended."""

    lag: Callable[[], float]
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

    async def durable(self, within: float | None = 2.0, *, is_urgent: bool = True) -> None:
        wanted = len(self.lines)
        while self.committed < wanted:
            if self.is_away:
                raise StoreUnavailable("away")
            if is_urgent:
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
            await asyncio.sleep(self.lag())
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


def lived(
    lag: Callable[[], float], caller: Loopback, lines: list[str] | None = None, heard: int = 0
) -> LateLedger:
    async def story() -> LateLedger:
        ledger = LateLedger(lag)
        await converse(ledger, caller, lines or [], heard)
        return ledger

    return clock.run(story())


@dataclass(eq=False)
class Listener(Loopback):
    """A caller who knows at every moment how much was heard."""

    knew: list[tuple[float, int]] = field(default_factory=list)
    "The loop's time, and the samples of the first turn that the loudspeaker had played by then."

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._note(), name="listener")
            await super().run(emit, hear)

    async def _note(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(EVERY)
            self.knew.append((loop.time(), self.played.get(1, 0)))


def words(lines: list[str]) -> Playout:
    """The ledger of the first turn's words."""
    playout = Playout()
    for item in (decode_entry(line).item for line in lines[1:]):
        match item:
            case e.Speak(1, sentence, text):
                playout.speak(sentence, text.text)
            case e.SpeechSynthesized(1, sentence, samples, marks, is_last):
                playout.queued(sentence, samples, marks, is_last)
            case _:
                pass
    return playout


def always(lag: float) -> Callable[[], float]:
    return lambda: lag


def at_random(seed: int, most: float) -> Callable[[], float]:
    chance = random.Random(seed)
    return lambda: chance.uniform(0.0, most)


@pytest.mark.parametrize(
    "lag",
    [
        *(always(seconds) for seconds in (0.005, 0.07, 0.3, 2.0)),
        *(at_random(seed, 0.3) for seed in range(2)),
        *(at_random(seed, 2.0) for seed in range(4)),
    ],
)
def test_no_word_is_heard_twice_or_never_whenever_the_process_dies(lag: Callable[[], float]) -> None:
    caller = Listener(acts=[(0.5, e.Typed("Who left?", 1))], hang_up_at=12.0)
    whole = lived(lag, caller)
    heard, in_the_middle = words([line for line, _ in whole.lines]), set()
    before = -1
    for number, (at, samples) in enumerate(caller.knew):
        if samples == before and number % 8:
            continue
        before = samples
        lines = whole.durable_at(at)
        if not lines:  # no caller has been told how to come back
            assert samples == 0
            continue
        heard.played(samples)
        if not heard.unheard:
            break
        again = Loopback(acts=[(0.1, e.Typed("Who left?", 1))], hang_up_at=12.0)
        after = lived(lag, again, lines, heard=samples)
        said = [item.text.text for item in items(after) if isinstance(item, e.Speak)]
        assert " ".join(filter(None, [heard.heard, *said])) == " ".join(SENTENCES), (at, samples)
        in_the_middle |= {heard.heard} if samples else set()
    assert len(in_the_middle) >= 10


def items(ledger: LateLedger) -> list[Item]:
    return [decode_entry(line).item for line, _ in ledger.lines]


def waited(lag: float, is_away: bool = False) -> float:
    """Seconds from the first sound that is made to the first that leaves."""

    async def story() -> float:
        ledger, caller = LateLedger(always(lag), is_away=is_away), asked()
        await converse(ledger, caller, [])
        made = next(t for t, news in caller.shown if isinstance(news, e.SpeechSynthesized))
        return caller.first_sound[1] - made

    return clock.run(story())


def test_the_first_sound_waits_for_its_commit_and_for_no_store_that_is_away() -> None:
    assert waited(0.005) <= 0.011
    assert 0.1 <= waited(0.1) <= 0.201
    assert 1.0 <= waited(1.0) <= 2.001
    assert waited(3.0, is_away=True) <= 0.001


def test_a_slow_disk_makes_no_hole_in_what_is_heard() -> None:
    """Once the voice is heard it goes on: what follows is committed while there is still some to hear."""

    def seconds(lag: float) -> float:
        caller = Listener(acts=[(0.5, e.Typed("Who left?", 1))], hang_up_at=6.0)
        lived(always(lag), caller)
        whole = caller.knew[-1][1]
        return sum(EVERY for _, samples in caller.knew if 0 < samples < whole)

    assert seconds(0.1) <= seconds(0.005) + 2 * EVERY
    assert seconds(0.3) <= seconds(0.005) + 2 * EVERY


def test_a_pause_in_the_first_instant_holds_sound_that_still_waits() -> None:
    """The caller speaks while the first sound waits for its commit: nothing leaves before it is known why."""

    async def story() -> None:
        ledger = LateLedger(always(0.1))
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
