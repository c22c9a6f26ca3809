"""A caller's day that is used up during a call: they are told, taken leave of, and it is on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from house import parrot
from manor import ANNA, manor
from nodes import journal_of

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.transcript import Line
from antiphon.hosts.security import meter
from antiphon.hosts.security.audit import Deed, Detail
from antiphon.hosts.security.limits import Budget, Limits
from antiphon.hosts.security.meter import FAREWELLS, REASONS, USED_UP, WARNINGS, Meter
from antiphon.hosts.stage import Call, Caller, Stage
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.session.session import Ending, Providers
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.records import MemoryRecords, MemoryStore, running
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


async def nothing(question: Question) -> Grounding:
    return Grounding(())


AGENT = replace(parrot(), specialists=(Specialist("only", "", nothing),), apology="Pardon?")


class Listed:
    """An audit that keeps what it is told."""

    def __init__(self) -> None:
        self.deeds: list[tuple[str, Deed, str]] = []

    def record(self, actor: str, act: Deed, target: str, detail: Detail) -> None:
        self.deeds.append((actor, act, target))


class Dear:
    """A model whose every answer costs a dollar."""

    name = "openai/gpt-4.1-mini"
    supplies_facts = True

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        yield "That is a good question. "
        yield Usage(self.name, 2_500_000, 0)


@dataclass
class Day:
    """One caller's calls, in virtual time, on a server with a keeper."""

    home: Path
    callers: Sequence[Loopback]
    settings: dict[str, object] = field(default_factory=dict)
    model: Dear | None = None
    used_before: float = 0.0
    "Seconds of sound."
    endings: dict[int, tuple[Ending, float]] = field(default_factory=dict)
    "How and when each call ended, seconds from the start."
    calls: list[Call] = field(default_factory=list)
    audit: Listed = field(default_factory=Listed)
    store: MemoryStore = field(default_factory=MemoryStore)

    async def live(self) -> Day:
        clock = asyncio.get_running_loop().time
        settings = Settings(home=self.home, journals=False, **self.settings)  # type: ignore[arg-type]
        self.limits = Limits(settings, self.audit, clock)
        await self.limits.charge(Budget.AUDIO, ANNA, self.used_before)
        hands = Providers(
            ScriptedVad(),
            ScriptedRecognizer(["Tell me."], delay=0.05),
            ScriptedTurnDetector([0.98]),
            ScriptedSynthesizer(),
            self.model,
        )
        async with running(MemoryRecords(self.store)) as records, asyncio.TaskGroup() as tasks:
            stage = Stage(settings, {"parrot": AGENT}, hands, records)
            keeping = tasks.create_task(stage.keep())
            await asyncio.gather(*(self._hold(stage, number) for number in range(len(self.callers))))
            keeping.cancel()
        return self

    async def _hold(self, stage: Stage, number: int) -> None:
        caller = self.callers[number]
        call = stage.open("parrot", caller, greets=False, caller=Caller(ANNA.id, ANNA.tenant))
        call.meter = Meter(self.limits, ANNA, lambda: caller.now, lambda: call.report.spent)
        self.calls.append(call)
        ending = await stage.perform(call)
        await call.meter.charge(is_over=True)
        self.endings[number] = ending, caller.now

    def said(self, number: int = 0) -> list[Line]:
        return list(self.calls[number].session.transcript)


def day(home: Path, *callers: Loopback, **more: object) -> Day:
    settings = more.pop("settings", {"limit_audio_minutes": 2})
    return run(Day(home, callers, settings, **more).live())  # type: ignore[arg-type]


def sayings(caller: Loopback, text: str) -> list[float]:
    """When that line began to be spoken."""
    return [t for t, item in caller.commands(e.Speak) if isinstance(item, e.Speak) and text in item.text.text]


def test_the_minutes_of_a_day_end_a_call_in_good_time_and_aloud(tmp_path: Path) -> None:
    caller = Loopback([Saying(20, 1.0)], hang_up_at=1000)
    found = day(tmp_path, caller)
    [(ending, ended_at)] = found.endings.values()
    assert ending is Ending.ENDED
    [warned_at] = sayings(caller, WARNINGS[Budget.AUDIO])
    assert 60 <= warned_at <= 66, "told about a minute before"
    [parted_at] = sayings(caller, FAREWELLS[Budget.AUDIO])
    assert 120 <= parted_at <= 122
    assert found.said()[-1].text.endswith("You can call again this time tomorrow. Goodbye.")
    assert not found.said()[-1].is_cut, "heard to its last word"
    assert ended_at < 120 + 25
    assert (ANNA.tenant + "/" + ANNA.id, Deed.LIMIT_HIT, "audio") in found.audit.deeds


def test_how_it_ended_is_on_disk_with_a_report(tmp_path: Path) -> None:
    found = day(tmp_path, Loopback(hang_up_at=1000))
    [held] = found.store.sessions.values()
    assert held.record.status == "ended"
    assert held.record.report is not None
    assert held.record.report["ended"] == REASONS[Budget.AUDIO]
    entries = asyncio.run(journal_of(found.store, held.record.id))
    assert any(entry.item == e.EndConversation(REASONS[Budget.AUDIO]) for entry in entries[-3:])


def test_nobody_is_cut_off_in_mid_word(tmp_path: Path) -> None:
    caller = Loopback([Saying(118.0, 4.0)], hang_up_at=1000)
    found = day(tmp_path, caller)
    assert [line.role.value for line in found.said()][-3:] == ["user", "agent", "agent"], "answered first"
    assert not any(line.is_cut for line in found.said())


def test_who_talks_without_end_is_spoken_over(tmp_path: Path) -> None:
    caller = Loopback([Saying(100.0, 400.0)], hang_up_at=1000)
    found = day(tmp_path, caller)
    [(ending, ended_at)] = found.endings.values()
    assert ending is Ending.ENDED
    assert ended_at < 120 + 20 + 12


def test_two_calls_of_one_person_use_one_day(tmp_path: Path) -> None:
    callers = [Loopback(hang_up_at=1000), Loopback(hang_up_at=1000)]
    found = day(tmp_path, *callers)
    for ending, ended_at in found.endings.values():
        assert ending is Ending.ENDED
        assert 60 <= ended_at < 60 + 5 + 12


def test_who_begins_with_seconds_is_told_at_once(tmp_path: Path) -> None:
    caller = Loopback(hang_up_at=1000)
    found = day(tmp_path, caller, used_before=90.0)
    assert sayings(caller, WARNINGS[Budget.AUDIO])[0] < 3
    assert found.endings[0][1] < 30 + 12


def test_money_that_is_spent_during_a_call_ends_it(tmp_path: Path) -> None:
    asks: list[tuple[float, e.UserEvent]] = [(5.0 + 20 * n, e.Typed("Why?", n + 1)) for n in range(40)]
    caller = Loopback(acts=asks, hang_up_at=1000)
    model = Dear()
    found = day(tmp_path, caller, settings={"limit_spend": 10.5}, model=model)
    answers = [line for line in found.said() if "good question" in line.text]
    assert len(answers) == 11, "the one that was begun is finished"
    assert len(sayings(caller, WARNINGS[Budget.SPEND])) == 1
    assert found.said()[-1].text.startswith(FAREWELLS[Budget.SPEND])
    assert found.endings[0][0] is Ending.ENDED


def test_what_a_call_uses_is_charged_once(tmp_path: Path) -> None:
    found = day(tmp_path, Loopback(hang_up_at=30.5))
    assert found.endings[0][0] is Ending.HUNG_UP
    left = run(found.limits.left(Budget.AUDIO, ANNA))
    assert left.amount == pytest.approx(120 - 31, abs=1)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "in an hour"), (3601, "in two hours"), (68400, "in nineteen hours"), (86400, "this time tomorrow")],
)
def test_when_one_may_call_again_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert meter.when(seconds) == said


@pytest.mark.anyio
async def test_over_the_wire_it_is_told_and_closed_with_a_reason(tmp_path: Path) -> None:
    async with manor(tmp_path, limit_audio_minutes=1, limit_loopback=True) as house:
        await house.security.limits.charge(Budget.AUDIO, ANNA, 58.0)
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(house.stage.keep())
            async with house.call() as (caller, _):
                for _ in range(150):
                    await caller.socket.send(bytes(640))
                    await asyncio.sleep(0.02)
                said = await caller.until("remembered", within=20.0, role="agent")
                while not str(said["text"]).endswith("Goodbye."):
                    said = await caller.until("remembered", within=20.0, role="agent")
                assert (await caller.until("ended"))["reason"] == REASONS[Budget.AUDIO]
                assert await caller.parted() == (USED_UP, REASONS[Budget.AUDIO])
            keeping.cancel()
        async with house.party("/orchestrate", ANNA) as again:
            await again.send(type="hello", agent="parrot")
            assert (await again.parted())[0] == 4429


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
