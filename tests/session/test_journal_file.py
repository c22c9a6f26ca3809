"""A journal's file on a disk that is full for a while."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scene import agent, hold
from structlog.testing import capture_logs

from antiphon.core import events as e
from antiphon.session import journal_file
from antiphon.session.journal import read
from antiphon.session.journal_file import JournalFile, rewrite
from antiphon.session.session import Session
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Files of this process grow to `size` bytes and no further, as on a disk that is full there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with capture_logs():  # the log of a test is a file too
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def lines(path: Path) -> list[str]:
    text = path.read_text()
    assert text == "" or text.endswith("\n"), "only whole lines"
    return text.splitlines()


def test_what_had_no_room_follows_in_order(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a" / "s.jsonl")
    for number in range(10):
        file.write(f"early {number}")
    file.flush()
    with no_file_beyond(150):
        for number in range(50):
            file.write(f"late {number}")
            file.flush()
        kept = lines(tmp_path / "a" / "s.jsonl")
        assert 10 <= len(kept) < 60
    file.write("last")
    file.close()
    told = [f"early {n}" for n in range(10)] + [f"late {n}" for n in range(50)] + ["last"]
    assert lines(tmp_path / "a" / "s.jsonl") == told


def test_a_disk_that_stays_full_has_whole_lines_and_nobody_raises(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with no_file_beyond(100):
        file = JournalFile(path)
        for number in range(100):
            file.write(f"line {number}")
        file.close()
    assert lines(path) == [f"line {n}" for n in range(len(lines(path)))]
    file.write("after the end")
    file.flush()


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with no_file_beyond(0):
        file = JournalFile(path)
        for _ in range(journal_file.MOST_WAITING // 1000 + 100):
            file.write("x" * 1000)
    file.write("given up")
    file.close()
    assert lines(path) == []


def test_a_folder_that_cannot_be_costs_no_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    file = JournalFile(tmp_path / "file" / "s.jsonl")
    file.write("line")
    file.close()
    rewrite(tmp_path / "file" / "s.jsonl", ["line"])


def test_what_goes_on_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    for goes_on in (False, True):
        file = JournalFile(path, goes_on=goes_on)
        file.write(f"{goes_on}")
        file.close()
    assert lines(path) == ["False", "True"]


def test_half_a_character_is_written_somehow(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "s.jsonl")
    file.write("half \ud800 a character")
    file.close()
    rewrite(tmp_path / "t.jsonl", ["half \ud800 a character"])
    assert lines(tmp_path / "s.jsonl") == lines(tmp_path / "t.jsonl") == ["half ? a character"]


def test_a_call_goes_on_while_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    caller = Loopback(acts=[(0.5, e.Typed("Why?")), (6.0, e.Typed("Again?"))], hang_up_at=12)

    async def story() -> Session:
        with ExitStack() as full:
            full.enter_context(no_file_beyond(0))
            asyncio.get_running_loop().call_later(4.0, full.close)
            return await hold(caller, agent("Because."), path=path)

    session = run(story())
    assert [line.text for line in session.transcript] == ["Why?", "Because.", "Again?", "Because."]
    session.journal.close()
    header, entries = read(path)
    assert header.session == "s"
    assert sum(isinstance(entry.item, e.Remember) for entry in entries) == 4
