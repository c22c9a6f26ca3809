"""What every store of records must do, as a check for the tests of a store.

It takes a way to open the records of a node, by the node's name, on storage that all nodes share and that is
empty at first; the records must be running. It raises AssertionError with what is wrong.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, datetime, timedelta

from antiphon.core.errors import CallerError
from antiphon.core.records import (
    SERVICE,
    Change,
    Escalation,
    Fenced,
    NewSession,
    SessionRecord,
    Standing,
    Viewer,
)
from antiphon.ports import Ledger, Records
from antiphon.testing.promises import claim, refused

Open = Callable[[str], AbstractAsyncContextManager[Records]]

TEACHER = Viewer("teacher", "school", Standing.SUPERVISOR)
HEAD = Viewer("head", "school", Standing.ADMIN)
STRANGER = Viewer("spy", "elsewhere", Standing.ADMIN)

LINES = (
    '{"header":{"session":"s","agent":"tutor","format":1}}',
    '{"t":0.1,"e":"Joined"}',
    '{"t":0.30000000000000004,"e":"Typed","text":"what is 7 × 8? 🙂 \\"quoted\\" \\\\ \\n"}',
    '{"t":1e-07,"e":"Typed","text":"a NUL \\u0000 and half a \\ud83d pair"}',
    '{"t":123456.78901234567,"n":"TurnMeasured","turn":1,"response_ms":0.1,"parts_ms":{"a":5e-324,"b":1e+22}}',
    '{"t":2.0,"n":"TurnMeasured","turn":1,"response_ms":NaN,"parts_ms":{}}',
    '{"t":2.5,"n":"RouteDecided","turn":1,"specialist":"math","confidence":0.9,"reason":"numbers"}',
    '{"t":3,"c":"Remember","turn":1,"role":"agent","text":"Fifty-six.","is_cut":false}',
    '{"t":3.5,"tick":true}',
)


async def _fenced(ledger: Ledger, otherwise: str) -> None:
    try:
        ledger.write('{"t":9.0,"e":"Typed","text":"too late"}')
        await ledger.durable()
    except Fenced:
        return
    raise AssertionError(otherwise)


def _new(name: str, owner: str = "pupil", tenant: str = "school", agent: str = "tutor") -> NewSession:
    return NewSession(name, tenant, owner, agent, "orchestrate", f"token of {name}")


async def _lines(records: Records, name: str, viewer: Viewer = SERVICE) -> list[str]:
    async with aclosing(records.entries(viewer, name)) as lines:
        return [line async for line in lines]


def _read(line: str) -> object:
    """The line as data in which a NaN equals itself."""
    return json.loads(line, parse_constant=str, parse_int=float)


async def check_records(open_records: Open) -> None:
    """Everything below, on one storage."""
    async with open_records("north") as north, open_records("south") as south:
        await _check_entries(north)
        await _check_tokens(north, south)
        await _check_claims(north, south)
        await _check_views(north)
        await _check_jobs(north)
        await _check_escalations(north, south)
        await _check_forgetting(north, south)


async def _check_jobs(records: Records) -> None:
    ledger = records.open(_new("jobs"))
    for line in (
        '{"t":1.0,"n":"JobChanged","job":"j.1","number":1,"status":"pending","question":"Who?","call":"call_1"}',
        '{"t":1.5,"n":"JobChanged","job":"j.2","number":2,"status":"pending","question":"And when?"}',
        '{"t":2.0,"n":"JobChanged","job":"j.1","number":1,"status":"running","turn":3,"question":"Who?"}',
        '{"t":3.0,"n":"JobChanged","job":"j.1","number":1,"status":"done","turn":3,"text":"You.","is_ready":true}',
    ):
        ledger.write(line)
    await ledger.durable()
    for viewer in (Viewer("pupil", "school"), TEACHER):
        jobs = await records.jobs(viewer, "jobs")
        told = [
            (j.id, j.number, j.status, j.turn, j.question, j.safe_text, j.tts_ready, j.call) for j in jobs
        ]
        claim(
            told
            == [
                ("j.1", 1, "done", 3, "Who?", "You.", True, "call_1"),
                ("j.2", 2, "pending", 0, "And when?", "", False, ""),
            ],
            f"jobs are told as {told}",
        )
        claim(all(j.created_at < j.expires_at for j in jobs), "a job expires before it is asked for")
    await records.expire_jobs()
    claim(len(await records.jobs(TEACHER, "jobs")) == 2, "a job expires before its time")
    claim(not await _theirs(records), "a stranger sees another tenant's jobs")


async def _theirs(records: Records) -> object:
    try:
        return await records.jobs(STRANGER, "jobs")
    except CallerError:
        return ()


async def _check_entries(records: Records) -> None:
    ledger = records.open(_new("exact"))
    for line in LINES:
        ledger.write(line)
    try:
        ledger.write("not a journal's line")
    except CallerError:
        pass
    else:
        raise AssertionError("a line that is none was taken")
    await ledger.durable()
    got = await _lines(records, "exact")
    claim(len(got) == len(LINES), f"{len(LINES)} entries were written and {len(got)} came back")
    for wrote, read in zip(LINES, got, strict=True):
        claim(_read(wrote) == _read(read), f"an entry came back changed: {wrote} as {read}")

    ledger.close({"turns": 1, "cost": 0.1, "said": "\x00"})
    await ledger.durable()
    record = await records.get(SERVICE, "exact")
    claim(record.status == "ended" and record.ended_at is not None, "a closed session is not ended")
    claim(record.report is not None and record.report["cost"] == 0.1, "the report came back changed")
    try:
        ledger.write(LINES[1])
    except CallerError:
        return
    raise AssertionError("a closed session was written to")


async def _check_tokens(north: Records, south: Records) -> None:
    later, now = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC)
    spent = await asyncio.gather(*(node.spend("a", later) for node in (north, south) * 4))
    claim(spent.count(True) == 1, "a token was spent more than once, or not at all")
    claim(await south.is_spent("a") and not await south.is_spent("b"), "nodes do not know what others spent")
    await north.spend("old", now - timedelta(seconds=1))
    await north.spend("c", later)
    claim(not await north.is_spent("old"), "tokens that have expired are kept")
    claim(await north.is_spent("a"), "a token that was spent is worth something again")


async def _check_claims(north: Records, south: Records) -> None:
    first = north.open(_new("moved"))
    for line in LINES:
        first.write(line)
    await first.durable()
    await refused(south.claim("moved", "a guess"), "cannot_resume", "a wrong token resumed a session")
    await refused(south.claim("nothing", "a guess"), "cannot_resume", "a session that is none was resumed")
    await refused(
        south.claim("exact", "token of exact"), "cannot_resume", "a session that has ended was resumed"
    )

    second, record, lines = await south.claim("moved", "token of moved")
    claim((second.epoch, record.epoch, record.node) == (2, 2, "south"), "a claim does not move the session")
    claim([_read(line) for line in lines] == [_read(line) for line in LINES], "a claim loses the journal")
    await _fenced(first, "who lost a session could write to it")
    try:
        first.write(LINES[1])
    except Fenced:
        pass
    else:
        raise AssertionError("who knows that it lost a session may go on")
    second.write('{"t":4.0,"e":"Typed","text":"still there?"}')
    await second.durable()
    claim(len(await _lines(north, "moved")) == len(LINES) + 1, "entries of a fenced node are in the journal")

    claims = await asyncio.gather(*(node.claim("moved", "token of moved") for node in (north, south) * 3))
    best = max(ledger.epoch for ledger, _, _ in claims)
    claim(sorted(ledger.epoch for ledger, _, _ in claims) == [3, 4, 5, 6, 7, 8], "two claims won one epoch")
    for ledger, _, _ in claims:
        if ledger.epoch < best:
            await _fenced(ledger, "two nodes hold one session")
        else:
            ledger.write(LINES[1])
            await ledger.durable()

    await north.announce("https://first.example")
    await north.announce("https://north.example")
    found = await south.address(north.node), await south.address(south.node), await south.address("'; --")
    claim(found == ("https://north.example", "", ""), f"nodes do not know where the others are: {found}")

    other = north.open(NewSession("moved", "school", "thief", "tutor", "orchestrate", "another token"))
    await _fenced(other, "the id of a session was used a second time")


async def _check_views(records: Records) -> None:
    ledgers = [records.open(_new(f"page-{i}", owner="reader", agent="booking")) for i in range(7)]
    foreign = records.open(_new("foreign", tenant="elsewhere", owner="reader"))
    for ledger in (*ledgers, foreign):
        ledger.write(LINES[1])
        await ledger.durable()

    found: list[SessionRecord] = []
    before = ""
    while True:
        page = await records.list(TEACHER, before=before, limit=3, agent="booking")
        claim(len(page.sessions) <= 3, "a page is longer than asked for")
        found += page.sessions
        before = page.next
        if not before:
            break
    claim(
        sorted(s.id for s in found) == [f"page-{i}" for i in range(7)], "pages leave out or repeat sessions"
    )
    moments = [(s.started_at, s.id) for s in found]
    claim(moments == sorted(moments, reverse=True), "pages are not newest first")
    for cursor in ("garbage", "2020-01-01T00:00:00+00:00~", "~x", "'; drop table sessions; --"):
        await refused(records.list(TEACHER, before=cursor), "invalid", f"{cursor!r} was taken for a place")
    ended = await records.list(TEACHER, status="ended")
    claim([s.id for s in ended.sessions] == ["exact"], "sessions are not filtered by status")

    reader = Viewer("reader", "school")
    sees = {
        SERVICE: {"page-0", "foreign", "moved"},
        HEAD: {"page-0", "moved"},
        TEACHER: {"page-0", "moved"},
        reader: {"page-0"},
        STRANGER: {"foreign"},
        Viewer("reader", "elsewhere"): {"foreign"},
        Viewer("", ""): set(),
    }
    for viewer, expected in sees.items():
        listed = {s.id for s in (await records.list(viewer, limit=500)).sessions}
        for name in ("page-0", "foreign", "moved"):
            told = f"{viewer.standing} {viewer.user!r} of {viewer.tenant!r} and {name}"
            claim((name in listed) == (name in expected), f"the list is wrong for {told}")
            if name in expected:
                await records.get(viewer, name)
                claim(bool(await _lines(records, name, viewer)), f"no entries for {told}")
            else:
                await refused(records.get(viewer, name), "unknown_session", f"leaked: {told}")
                await refused(_lines(records, name, viewer), "unknown_session", f"entries leaked: {told}")
    await refused(records.get(HEAD, "\x00'; --/../x"), "unknown_session", "a wild id was found")


async def _check_escalations(north: Records, south: Records) -> None:
    pupil = Viewer("pupil", "school")
    async with aclosing(south.watch(TEACHER)) as changes, aclosing(south.watch(STRANGER)) as others:
        claim(await anext(changes) == Change(), "who begins to watch is not told to read all")
        await anext(others)
        ledger = north.open(_new("upset"))
        ledger.write('{"t":1.0,"n":"PersonNeeded","turn":2,"reason":"a real person please"}')
        ledger.write('{"t":2.0,"n":"PersonNeeded","turn":3,"reason":"again"}')
        await ledger.durable()
        async with asyncio.timeout(5):
            while (await anext(changes)).table != "escalation_events":
                pass
        waiting = [e for e in await south.escalations(TEACHER) if e.session == "upset"]
        claim(len(waiting) == 1, "one session waits for a person more than once, or not at all")
        call = waiting[0]
        claim((call.turn, call.reason) == (2, "a real person please"), "an escalation is told wrong")

        claim([e.id for e in await north.escalations(pupil)] == [call.id], "callers do not see their own")
        claim(not await north.escalations(STRANGER), "an escalation of another tenant is seen")
        await refused(north.claim_escalation(pupil, call.id), "forbidden", "a caller claimed an escalation")
        await refused(anext(north.watch(pupil)), "forbidden", "a caller watches others")
        await refused(
            north.claim_escalation(STRANGER, call.id),
            "unknown_escalation",
            "a stranger claimed an escalation",
        )
        claimed = await north.claim_escalation(TEACHER, call.id)
        claim((claimed.status, claimed.claimed_by) == ("claimed", "teacher"), "claiming does not claim")
        await north.claim_escalation(TEACHER, call.id)
        await refused(
            south.claim_escalation(HEAD, call.id), "already_attended", "two people claimed one call"
        )
        async with asyncio.timeout(5):
            while (await anext(changes)).id != call.id:
                pass
        closed = await north.close_escalation(TEACHER, call.id, "talked")
        claim((closed.status, closed.outcome) == ("closed", "talked"), "closing does not close")
        await refused(north.close_escalation(HEAD, call.id), "already_attended", "one call was closed twice")
        claim(not await north.escalations(TEACHER), "closed escalations are still open")
        claim(len(await north.escalations(TEACHER, open_only=False)) == 1, "closed escalations are gone")

    told: list[str] = []

    async def fail(escalation: Escalation) -> None:
        raise ConnectionError("nobody answers")

    async def send(escalation: Escalation) -> None:
        told.append(escalation.id)

    failing = north.open(_new("upset-2"))
    failing.write('{"t":1.0,"n":"PersonNeeded","turn":1,"reason":"unsafe"}')
    await failing.durable()
    results = await asyncio.gather(*(node.tell_next(send) for node in (north, south, north, south)))
    claim(sorted(results) == [False, False, True, True], "escalations are told more than once, or not")
    claim(len(set(told)) == 2, "one escalation was told twice")
    failing.write('{"t":2.0,"n":"RouteDecided","turn":1,"specialist":"x","confidence":1,"reason":""}')
    await failing.durable()
    claim(not await north.tell_next(fail), "what was told is told again")


async def _check_forgetting(north: Records, south: Records) -> None:
    live = north.open(_new("private", owner="shy"))
    for line in LINES:
        live.write(line)
    await live.durable()
    north.audit("school", "shy", "signed in", "session:private", {"address": "::1"})
    claim(await north.flush(), "what was written does not settle")
    await refused(north.erase("school", ""), "invalid", "nobody was erased")
    claim((await south.erase("elsewhere", "shy")).sessions == 0, "another tenant erased a person")
    erased = await south.erase("school", "shy")
    claim((erased.sessions, erased.entries) == (1, len(LINES)), f"erasing erased {erased}")
    record = await north.get(SERVICE, "private")
    claim((record.owner, record.status, record.report) == ("", "erased", None), "a person was not erased")
    claim(not await _lines(north, "private"), "what an erased person said is still there")
    await _fenced(live, "an erased session goes on")

    quiet = north.open(_new("quiet"))
    quiet.write(LINES[1])
    await quiet.durable()
    claim(await north.mark_lost(3600.0) == 0, "a session that just spoke is lost")
    await asyncio.sleep(0.01)
    claim(await north.mark_lost(0.0) >= 1, "a silent session is not lost")
    claim((await north.get(SERVICE, "quiet")).status == "lost", "a lost session does not say so")
    again, _, _ = await south.claim("quiet", "token of quiet")
    again.write(LINES[2])
    await again.durable()
    claim((await north.get(SERVICE, "quiet")).status == "live", "a resumed session is still lost")
    await _check_lost(north, south)

    claim(await north.prune(datetime.now(UTC) - timedelta(days=1)) == 0, "young sessions were pruned")
    claim(await north.prune(datetime.now(UTC) + timedelta(seconds=60)) > 5, "old sessions were not pruned")
    claim(not (await north.list(SERVICE)).sessions, "pruned sessions are still listed")


async def _check_lost(north: Records, south: Records) -> None:
    """Sessions that nobody holds any more are brought to their ends, each by one node."""
    for name in ("left-1", "left-2"):
        ledger = north.open(_new(name))
        for line in LINES:
            ledger.write(line)
        await ledger.durable()
    await asyncio.sleep(0.01)
    await north.mark_lost(0.0)
    claim(await south.claim_lost(3600.0) is None, "a session was given up as soon as it was lost")
    ledger.write(LINES[2])
    await ledger.durable()
    claim((await south.get(SERVICE, "left-2")).status == "live", "who holds a session cannot keep it")
    ended: dict[str, Ledger] = {}
    while (found := await south.claim_lost(0.0)) is not None and found[1].id not in ended:
        ended[found[1].id] = found[0]
        if found[1].id == "left-1":
            claim(len(found[2]) == len(LINES), "who brings a session to its end does not have its journal")
            seen_at = found[1].seen_at
            found[0].close({"turns": 1}, ended_at=seen_at)
            await found[0].durable()
    claim("left-1" in ended and "left-2" not in ended, f"given up: {sorted(ended)}")
    record = await north.get(SERVICE, "left-1")
    claim(
        (record.status, record.ended_at) == ("ended", seen_at), "a lost session did not end when it was lost"
    )
    claim(record.report == {"turns": 1}, "a lost session has no report")
