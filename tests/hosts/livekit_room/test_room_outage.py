"""The server of rooms is gone for a while: the conversation waits, and goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from room_people import WITHIN, apart, student, until, worker
from room_scene import check_journal, pair, stage

from antiphon.core import events as e
from antiphon.hosts.livekit_room.waits import Waits
from antiphon.hosts.security.tokens import session_id
from antiphon.testing.records import MemoryRecords, running

LONG = "sums " + " ".join(f"number{n}" for n in range(30))
"The answer repeats it, which takes some six seconds; no word comes twice."
OUT = 6.0
"Seconds the server is gone, of which the agent waits one until it gives its connection up."


def test_a_conversation_outlives_the_server_of_its_room(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        at.resume_within = 1.0  # callers of other ways are given up long before this room's server is back
        async with running(MemoryRecords()) as records, apart() as place:
            at.records = records
            async with worker(at, place.keys, Waits(server=1.0, prompt=3.0)):
                keeping = asyncio.create_task(at.keep())
                name = session_id()
                async with student(place.keys, name) as ann:
                    await until(lambda: name in at.sessions and at.sessions[name].transcript.lines)
                    before, heard = at.sessions[name], ann.loud["agent"]
                    await ann.write(LONG)
                    await until(lambda: ann.loud["agent"] > heard + 80)

                    place.kill()
                    await until(lambda: name not in at.sessions)
                    await asyncio.sleep(OUT)
                    assert records.store.sessions[name].record.status == "live"
                    await place.start()
                    await ann.come_back()
                    await until(lambda: name in at.sessions)
                    after = at.sessions[name]
                    assert after is not before
                    await until(lambda: after.transcript.lines[-1].text.endswith("That is all."))
                    await ann.write("dates two")
                    await until(
                        lambda: "You said dates two That is all." in [ln.text for ln in after.transcript]
                    )
                    lines = [(line.role, line.text) for line in after.transcript]
                    assert lines[:2] == [(e.Role.AGENT, "Hello there."), (e.Role.USER, LONG)]
                    cut, rest = (text for role, text in lines[2:4] if role is e.Role.AGENT)
                    assert f"{cut} {rest}" == f"You said {LONG} That is all."
                    assert lines[4:] == [
                        (e.Role.USER, "dates two"),
                        (e.Role.AGENT, "You said dates two That is all."),
                    ]
                    assert list(records.store.sessions) == [name], "it is one conversation"
                await until(lambda: name not in at.sessions)
                keeping.cancel()
        check_journal(tmp_path, name)

    asyncio.run(asyncio.wait_for(story(), 3 * WITHIN))
