"""A worker is killed in the middle of a sentence; another takes its job, and the conversation goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from room_people import WITHIN, Worker, server, student, until
from room_reciter import VERSE

from antiphon.config import Settings
from antiphon.core.errors import CallerError
from antiphon.core.events import Remember, Role
from antiphon.core.records import SERVICE
from antiphon.hosts.keeping import running
from antiphon.hosts.security.tokens import session_id
from antiphon.ports import Records
from antiphon.session.journal import decode_entry
from antiphon.store.opening import open_records

RECITER = str(Path(__file__).with_name("room_reciter.py"))


@pytest.mark.models
def test_another_worker_goes_on_with_the_word_after_the_last_one_heard(place: Callable[[], Path]) -> None:
    async def story() -> None:
        home = place()
        async with server() as keys:
            workers = {node: Worker(keys, home, node, RECITER) for node in ("one", "two")}
            try:
                await until(lambda: all(one.is_ready for one in workers.values()), 2 * WITHIN)
                name = session_id()
                opening = open_records(Settings(home=home).data / "postgres", node="test")
                async with running(opening) as records, student(keys, name, agent="reciter") as ann:
                    await _said(records, name, "Good day.")
                    await ann.write("Recite, please.")
                    greeting = ann.loud["agent"]
                    await until(lambda: ann.loud["agent"] > greeting + 150)
                    first = (await records.get(SERVICE, name)).node
                    workers[first].kill()
                    killed_at = asyncio.get_running_loop().time()
                    await asyncio.sleep(1.0)  # what was on its way to the student has been heard
                    heard = ann.loud["agent"]
                    await until(lambda: ann.loud["agent"] > heard)
                    took = asyncio.get_running_loop().time() - killed_at
                    print(f"the voice was back after {took:.1f} s")
                    lines = await _said(records, name, "our island.")
                    said = [line.text for line in lines if line.role is Role.AGENT][:3]
                    assert said[0] == "Good day."
                    assert " ".join(said[1:]) == " ".join(VERSE)
                    assert (await records.get(SERVICE, name)).node == next(n for n in workers if n != first)
            finally:
                for one in workers.values():
                    one.stop()

    asyncio.run(asyncio.wait_for(story(), 4 * WITHIN))


async def _said(records: Records, session: str, end: str) -> list[Remember]:
    """What is kept of what was said, once a line of it ends so; or all there is after a long wait."""
    lines: list[Remember] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(WITHIN):
            while not any(line.text.endswith(end) for line in lines):
                await asyncio.sleep(0.2)
                with suppress(CallerError):  # there is no such session yet
                    lines = await _lines(records, session)
    return lines


async def _lines(records: Records, session: str) -> list[Remember]:
    """What is kept of what was said."""
    rows = [row async for row in records.entries(SERVICE, session)]
    return [item for row in rows[1:] if isinstance(item := decode_entry(row).item, Remember)]
