"""While the store is away the call goes on, and the caller is told what is not kept."""

from __future__ import annotations

import asyncio

from scene import agent

from antiphon.core import events as e
from antiphon.core.notes import PersonAsked, PersonNeeded
from antiphon.core.records import NewSession
from antiphon.session.journal import Header, Journal
from antiphon.session.pledges import CALLED, KEPT, NOT_CALLED, NOT_KEPT
from antiphon.session.session import Providers, Session
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback
from antiphon.testing.records import MemoryRecords, MemoryStore, running
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


def call(caller: Loopback, away: tuple[float, float]) -> tuple[Session, MemoryStore]:
    """The call, during which the store was away from the first of these seconds to the second."""

    async def story() -> tuple[Session, MemoryStore]:
        store = MemoryStore()
        hands = Providers(
            ScriptedVad(), ScriptedRecognizer(["Why?"]), ScriptedTurnDetector([0.98]), ScriptedSynthesizer()
        )
        loop = asyncio.get_running_loop()
        for at, is_away in zip(away, (True, False), strict=True):
            loop.call_at(at, setattr, store, "is_away", is_away)
        async with running(MemoryRecords(store)) as records:
            ledger = records.open(NewSession("s_1", "local", "anna", "test", "test", "token"))

            def journal(header: Header) -> Journal:
                return Journal(header, None, ledger)

            session = Session("s_1", agent("Because."), hands, caller, greets=False, journal=journal)
            await session.run()
            return session, store

    return run(story())


def said(caller: Loopback) -> list[tuple[float, str]]:
    return [(t, item.text.text) for t, item in caller.commands(e.Speak) if isinstance(item, e.Speak)]


def asks(*times: float) -> list[tuple[float, e.UserEvent]]:
    return [(t, e.Typed("Why?", n + 1)) for n, t in enumerate(times)]


def test_a_long_outage_is_told_once_and_its_end_too() -> None:
    caller = Loopback(acts=asks(2, 5, 12, 20, 40), hang_up_at=60)
    session, store = call(caller, (4.0, 34.0))
    lines = said(caller)
    assert [text for _, text in lines].count(NOT_KEPT) == 1
    assert [text for _, text in lines].count(KEPT) == 1
    [told_at] = [t for t, text in lines if text == NOT_KEPT]
    [back_at] = [t for t, text in lines if text == KEPT]
    assert 12 < told_at < 17 and 34 < back_at < 37
    shown = [item.text for t, item in caller.commands(e.Remember) if isinstance(item, e.Remember)]
    assert shown == [line.text for line in session.transcript], "each once, in order"
    during = [t for t, _ in caller.commands(e.Remember) if 5.0 < t < 34.0]
    assert during == [], "nothing is acknowledged that is not kept"
    kept = [row.name for row in store.sessions["s_1"].rows].count("Remember")
    assert kept == len(session.transcript)


def test_a_short_one_is_nobodys_business() -> None:
    caller = Loopback(acts=asks(2, 5, 12), hang_up_at=30)
    call(caller, (4.0, 9.0))
    assert {text for _, text in said(caller)} == {"Because."}


def test_whoever_wants_a_person_is_told_that_none_was_called() -> None:
    caller = Loopback(acts=[(5.0, PersonAsked())], hang_up_at=40)  # type: ignore[list-item]
    call(caller, (4.0, 20.0))
    texts = [text for _, text in said(caller)]
    assert texts == [NOT_CALLED, NOT_KEPT, CALLED, KEPT]
    assert said(caller)[0][0] < 10
    [needed_at] = [t for t, item in caller.shown if isinstance(item, PersonNeeded)]
    assert needed_at > 20
