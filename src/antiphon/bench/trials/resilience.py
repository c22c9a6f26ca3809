"""What survives when things break.

Scripted servers (their recognizer, agent and voice take no time) on real WebSockets keep their sessions in a real
embedded Postgres. Callers ask typed questions, hear the answers out, and come back with their token whenever the
connection breaks, as the page does; the loudspeaker stops when the connection is lost. Each caller keeps an account. An
*acknowledged line* is one that the server told it remembers; lost is one that is missing after a return, doubled one
that is there twice. No word comes twice in an answer, and each is a tone: words *heard twice* and *skipped* are counted
in the samples that the loudspeaker played, over all connections. Afterwards the store must tell the same story as the
caller: the same lines, one call for a person for each that was asked for, a journal that replays to the same commands,
and a report for every call that was hung up.

*Kill*: the server gets SIGKILL again and again at random instants and is started anew; with a pair of nodes on one
database the callers go to the other one. *Kill → next sound* runs from the signal to the first audible sample, for
callers who were owed an answer; it includes the start of the process and of its database where there is no other.
*Drop*: the connection is aborted and the server lives; seconds are counted from the moment the caller tries again.
*Interruption*: in virtual time, words remembered against the words whose samples the listener's player had played.
*Crowd*: 100 callers at once with the real voice detector; the framework's share is that of the suite `framework`.
*Contest*: two nodes take the same session at the same instant; *outage*: every process of the database is
stopped for some seconds, then goes on; *drain*: SIGTERM while callers talk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from antiphon.bench.figures import Detail, Figure, Goal, Kind, Outcome, Statistic, least, most, p50_p95
from antiphon.bench.trials.resilience_crowd import Crowd, crowd
from antiphon.bench.trials.resilience_cuts import Cuts, interrupt
from antiphon.bench.trials.resilience_drops import Dropped, contend, drain, drop, outage
from antiphon.bench.trials.resilience_kills import Killed, kill
from antiphon.bench.trials.returning import Account
from antiphon.bench.trials.soak import GROWTH_GOAL, growth
from antiphon.bench.trials.trial import Progress, Setup

TITLE = "Resilience"
CALLS = 200
"Calls while servers are killed, half of them with another node up."
CUTS = 500
CROWD = 100
LONG_S = 600.0
"Seconds of a crowd from which on the growth of memory says something."
AWAY_S = 8.0
SOUND_ALONE, SOUND_PAIR, SHARE = p50_p95(2.0, 4.0), p50_p95(0.5, 1.0), Goal(Statistic.P95, 50)


async def run(setup: Setup) -> Outcome:
    """Everything broke `setup.repeats` times for `CALLS`, and a crowd talked for `setup.seconds`."""
    begun = time.monotonic()
    calls = setup.repeats or CALLS
    callers = max(1, CROWD * calls // CALLS)

    def tell(doing: str, done: int = 0, total: int = 0) -> None:
        setup.tell(Progress("resilience", done, total, doing))

    half = max(1, calls // 2)
    alone = await kill(calls - half, pair=False, tell=lambda n: tell("kill", n, calls - half))
    pair = await kill(half, pair=True, tell=lambda n: tell("kill, two nodes", n, half))
    dropped = await drop(max(1, calls // 10), tell=lambda n: tell("drop", n, calls // 10))
    tell("interruption")
    cuts = await asyncio.to_thread(interrupt, max(10, CUTS * calls // CALLS))
    tell("contest")
    contest = await contend(max(1, calls // 10))
    tell("outage")
    away = await outage(max(1, calls // 25), AWAY_S)
    tell("drain")
    drained = await drain(max(1, calls // 25))
    full = await crowd(
        callers, setup.seconds, setup.speakers()[0], lambda n: tell("crowd", n, round(setup.seconds))
    )
    return Outcome(
        "resilience",
        TITLE,
        __doc__ or "",
        (
            *_kill_figures("kill", alone, SOUND_ALONE),
            *_kill_figures("kill, two nodes", pair, SOUND_PAIR),
            *_drop_figures("drop", dropped),
            Figure("drop: given up with a report", "", (float(dropped.given_up),), (least(1),), Kind.LEVEL),
            *_cut_figures(cuts),
            _count(
                "contest: sessions that exactly one node went on with", contest.given_up, least(contest.drops)
            ),
            *_drop_figures("outage", away),
            Figure("outage: its end → acknowledged", "s", tuple(away.late_s), p50_p95(1.0, 3.0)),
            *_drop_figures("drain", drained),
            Figure("drain: SIGTERM → process ended", "s", tuple(drained.took_s), (Goal(Statistic.P95, 25),)),
            *_crowd_figures(full),
        ),
        details=tuple(
            detail
            for name, accounts in (
                ("kill", alone.accounts),
                ("kill, two nodes", pair.accounts),
                ("drop", dropped.accounts),
                ("outage", away.accounts),
                ("drain", drained.accounts),
            )
            for detail in _details(name, accounts)
        ),
        failures=tuple(
            f"{name}: {fault}"
            for name, faults in (
                ("kill", alone.faults),
                ("kill, two nodes", pair.faults),
                ("drop", dropped.faults),
                ("contest", contest.faults),
                ("outage", away.faults),
                ("drain", drained.faults),
                ("crowd", full.faults),
            )
            for fault in faults
        ),
        seconds=round(time.monotonic() - begun, 1),
    )


def _kill_figures(name: str, killed: Killed, goals: tuple[Goal, ...]) -> list[Figure]:
    accounts = killed.accounts
    sounds = tuple(after for account in accounts for after in account.sound_after_s)
    return [
        _count(f"{name}: calls held", len(accounts)),
        _count(f"{name}: servers killed", killed.kills),
        *law_figures(name, accounts),
        Figure(f"{name} → next sound", "s", sounds, goals),
        Figure(f"{name}: start of the process", "s", tuple(killed.starts_s)),
    ]


def _drop_figures(name: str, dropped: Dropped) -> list[Figure]:
    accounts = dropped.accounts
    back = tuple(after for account in accounts for after in account.ready_after_s)
    figures = law_figures(name, accounts)
    if name == "drop":
        figures += [
            Figure("drop: back → ready", "s", back, p50_p95(0.5, 1.0)),
            Figure("drop: back → next sound", "s", tuple(s for a in accounts for s in a.sound_after_s)),
        ]
    return figures


def law_figures(name: str, accounts: Sequence[Account]) -> list[Figure]:
    """What must be zero, and how often it was put to the test."""
    return [
        _count(f"{name}: times that callers came back", sum(account.returns for account in accounts)),
        _count(f"{name}: acknowledged lines lost", sum(account.lost for account in accounts), most(0)),
        _count(f"{name}: acknowledged lines doubled", sum(account.doubled for account in accounts), most(0)),
        _count(f"{name}: words heard twice", sum(account.repeated for account in accounts), most(0)),
        _count(f"{name}: words skipped", sum(account.skipped for account in accounts), most(0)),
    ]


def _cut_figures(cuts: Cuts) -> list[Figure]:
    return [
        _count("interruptions in virtual time", cuts.interrupted),
        _count("interruption: |remembered − heard|, words in all", sum(cuts.differences), most(0)),
    ]


def _crowd_figures(full: Crowd) -> list[Figure]:
    goals = (most(GROWTH_GOAL),) if full.seconds >= LONG_S else ()
    name = f"crowd of {full.callers}"
    return [
        Figure(f"{name}: framework share", "ms", tuple(full.share_ms), (SHARE,)),
        _count(f"{name}: turns", full.said),
        _count(f"{name}: turns without an answer", full.said - full.answered, most(0)),
        _count(f"{name}: sessions that the store holds whole", full.kept, least(full.callers)),
        Figure(f"{name}: lag of the server's loop", "ms", tuple(full.lag_ms)),
        Figure(f"{name}: memory growth", "MiB/h", growth(full.readings), goals, Kind.LEVEL),
    ]


def _count(name: str, count: int, *goals: Goal) -> Figure:
    return Figure(name, "", (float(count),), goals, Kind.LEVEL)


def _details(name: str, accounts: Sequence[Account]) -> list[Detail]:
    return [
        {
            "trial": name,
            "session": account.session,
            "questions": len(account.asked),
            "lines": len(account.told),
            "returns": account.returns,
            "lost": account.lost,
            "doubled": account.doubled,
            "heard_twice": account.repeated,
            "skipped": account.skipped,
        }
        for account in accounts
    ]
