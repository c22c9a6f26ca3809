"""Rooms in which nobody says anything, or nobody is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from room_people import agent_in, server, student, supervisor, until
from room_scene import pair, stage

from antiphon.core import events as e
from antiphon.hosts.livekit_room.waits import Waits
from antiphon.hosts.security.tokens import session_id
from antiphon.session.session import Session

PROMPTS = ("Are you still there?", "Is anybody there?")


def said(session: Session) -> list[str]:
    return [line.text for line in session.transcript]


def test_a_student_who_publishes_nothing_is_asked_twice_and_left(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair(prompts=PROMPTS))
        name = session_id()
        async with server() as keys, student(keys, name) as ann:
            async with agent_in(at, keys, name, Waits(prompt=1.5, quiet=15.0)) as stay:
                await until(lambda: name in at.sessions)
                session = at.sessions[name]
                await until(stay.done)
            assert said(session)[0] == "Hello there."
            assert session.conversation.is_over
            assert said(session)[1:] == list(PROMPTS)
            assert not any(line.role is e.Role.USER for line in session.transcript)
            await until(lambda: not ann.room.remote_participants)

    asyncio.run(story())


def test_a_student_who_only_writes_is_talked_with_and_not_left(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        name = session_id()
        waits = Waits(quiet=12.0)
        async with server() as keys, student(keys, name) as ann, agent_in(at, keys, name, waits) as stay:
            await until(lambda: name in at.sessions and said(at.sessions[name]))
            session = at.sessions[name]
            loop = asyncio.get_running_loop()
            began, turns = loop.time(), 0
            while loop.time() - began < 16.0:
                turns += 1
                await ann.write(f"sums {turns}")
                await until(lambda wanted=turns: len(said(session)) == 1 + 2 * wanted)
                await asyncio.sleep(1.0)
                assert not stay.done()
            await until(stay.done)

    asyncio.run(story())


def test_an_agent_waits_for_somebody_and_a_supervisor_is_nobody_to_talk_with(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        name = session_id()
        async with server() as keys, supervisor(keys, name) as mia:
            async with agent_in(at, keys, name, Waits(student=3.0)) as stay:
                await until(lambda: mia.room.remote_participants)
                await until(stay.done)
            assert not at.sessions
            await until(lambda: not mia.room.remote_participants)

    asyncio.run(story())
