"""More people than one: a second student, a supervisor who drops, and a room that has a name of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from livekit.api import TokenVerifier
from room_people import KEY, SECRET, WITHIN, agent_in, server, student, until
from room_scene import pair, stage

from antiphon.core import events as e
from antiphon.core.records import Escalation
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.finding import HOST, room_of, way_to
from antiphon.hosts.livekit_room.room import TAKEN, TAKEN_TEXT
from antiphon.hosts.livekit_room.tokens import RoomKeys
from antiphon.hosts.livekit_room.waits import Waits
from antiphon.hosts.security.tokens import session_id
from antiphon.testing.records import MemoryRecords, running


@contextmanager
def dropping(keys: RoomKeys, room: str) -> Iterator[None]:
    """A supervisor has taken over, or will in a moment; in the end they are gone, and said no goodbye."""
    program = str(Path(__file__).with_name("room_supervisor.py"))
    person = subprocess.Popen([sys.executable, program, keys.url, tokens.supervisor(keys, room, "mia")])
    try:
        yield
    finally:
        person.kill()
        person.wait()


def test_the_first_student_is_talked_with_and_the_second_is_told_so(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        name = session_id()
        async with server() as keys, student(keys, name) as ann, agent_in(at, keys, name, Waits()) as stay:
            await until(lambda: name in at.sessions and at.sessions[name].transcript.lines)
            session = at.sessions[name]
            async with student(keys, name, "bob") as bob:
                await until(lambda: bob.texts.get(TAKEN) == [TAKEN_TEXT])
                assert TAKEN not in ann.texts
                heard = bob.loud.get("agent", 0)
                await bob.write("dates of bob")
                await bob.room.local_participant.publish_data(
                    json.dumps({"type": "interrupt"}), topic="antiphon.caller"
                )
                await ann.write("sums of ann")
                await until(lambda: len(session.transcript) == 3)
                assert [line.text for line in session.transcript][1:] == [
                    "sums of ann",
                    "You said sums of ann That is all.",
                ]
                await until(lambda: bob.loud.get("agent", 0) > heard)  # they hear what is said to the first
            await asyncio.sleep(0.5)
            assert not stay.done(), "a listener who leaves ends nothing"
            await ann.write("sums again")
            await until(lambda: len(session.transcript) == 5)
            await ann.leave()
            await until(stay.done)
            assert session.conversation.is_over

    asyncio.run(story())


def test_a_supervisor_who_drops_hands_back_and_the_agent_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        name = session_id()
        async with server() as keys, student(keys, name) as ann, agent_in(at, keys, name, Waits()):
            await until(lambda: name in at.sessions and at.sessions[name].transcript.lines)
            session = at.sessions[name]
            with dropping(keys, name):
                await until(lambda: session.supervision.taken_over_by == "mia")
                await ann.write("sums for a person")
                await until(lambda: any(line.role is e.Role.USER for line in session.transcript))
                await asyncio.sleep(1.0)
                assert session.transcript.lines[-1].text == "sums for a person", "the agent is silent"
            await until(lambda: not session.supervision.taken_over_by)
            await ann.write("dates for the agent")
            await until(lambda: session.transcript.lines[-1].speaker == "dates")
            assert session.transcript.lines[-1].text.endswith("dates for the agent That is all.")

    asyncio.run(story())


def test_a_call_for_a_person_leads_into_the_room_whatever_its_name(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        room = "Mathematics, room 4"
        async with running(MemoryRecords()) as at.records, server() as keys, student(keys, room):
            first = keys.session(room)
            for number in range(2):  # who is talked with again after the end begins another conversation
                async with agent_in(at, keys, room, Waits()):
                    await until(lambda: at.sessions)
                    (id,) = at.sessions
                    assert (id == first) is (number == 0)
                    async with asyncio.timeout(WITHIN):
                        while await room_of(keys, id) != room:
                            await asyncio.sleep(0.1)
                    call = Escalation("e", id, "school", 1, "asked", "open", datetime.now(UTC), host=HOST)
                    told = await way_to(keys, call, "on-call")
                    claims = TokenVerifier(KEY, SECRET).verify(told["livekit_token"])
                    assert claims.video is not None
                    assert claims.video.room == told["livekit_room"] == room
                    assert await way_to(keys, replace(call, host="orchestrate"), "on-call") == {}
                await until(lambda: not at.sessions)
            assert await room_of(keys, "s_of_nobody") == "s_of_nobody"

    asyncio.run(story())
