"""The trials of resilience, as small as can be: real processes, real sockets, a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from antiphon.bench.figures import Statistic
from antiphon.bench.trials import resilience
from antiphon.bench.trials.resilience_cuts import interrupt
from antiphon.bench.trials.resilience_drops import contend, drain, drop, outage
from antiphon.bench.trials.resilience_kills import kill
from antiphon.bench.trials.returning import Account


def nothing_is_lost(accounts: Sequence[Account], faults: Sequence[str]) -> None:
    assert list(faults) == []
    for account in accounts:
        assert account.asked
        assert (account.lost, account.doubled, account.repeated, account.skipped) == (0, 0, 0, 0)


def test_a_server_that_is_killed_loses_and_doubles_nothing() -> None:
    killed = asyncio.run(kill(2, pair=False, each=1))
    nothing_is_lost(killed.accounts, killed.faults)
    assert killed.kills > 0
    assert sum(account.returns for account in killed.accounts) >= killed.kills


def test_callers_go_on_at_the_other_node_at_once() -> None:
    killed = asyncio.run(kill(2, pair=True, each=2))
    nothing_is_lost(killed.accounts, killed.faults)
    sounds = [after for account in killed.accounts for after in account.sound_after_s]
    assert sounds
    # No process has to start in between: that alone takes longer.
    assert min(sounds) < min(killed.starts_s, default=2.0)


def test_a_line_that_breaks_loses_nothing_and_who_stays_away_is_given_up() -> None:
    dropped = asyncio.run(drop(2, each=1, resume_within_s=2.0))
    nothing_is_lost(dropped.accounts, dropped.faults)
    assert dropped.drops > 0
    assert dropped.given_up == 1


def test_one_of_two_nodes_goes_on_and_the_other_is_fenced() -> None:
    contest = asyncio.run(contend(1))
    assert contest.faults == []
    assert contest.given_up == 1


def test_calls_go_on_without_a_database_and_are_acknowledged_late() -> None:
    away = asyncio.run(outage(2, away_s=3.0, each=1))
    nothing_is_lost(away.accounts, away.faults)
    assert away.late_s
    assert all(account.returns == 0 for account in away.accounts)


def test_a_server_that_is_told_to_end_lets_its_callers_finish() -> None:
    drained = asyncio.run(drain(2, rounds=1, each=1))
    nothing_is_lost(drained.accounts, drained.faults)
    assert max(drained.took_s) < 25


def test_what_is_remembered_is_what_was_heard_at_every_interruption() -> None:
    cuts = interrupt(50)
    assert cuts.interrupted >= 50
    assert sum(cuts.differences) == 0
    assert max(cuts.heard) > min(cuts.heard)


def test_a_loss_is_counted_and_breaks_the_goal() -> None:
    account = Account(lost=1, repeated=2)
    rows = resilience.law_figures("kill", [account, Account()])
    told = {row.name: row.statistic(Statistic.VALUE) for row in rows}
    assert told["kill: acknowledged lines lost"] == 1
    assert told["kill: words heard twice"] == 2
    assert [row.name for row in rows if row.has_passed is False] == [
        "kill: acknowledged lines lost",
        "kill: words heard twice",
    ]
