"""One embedded server for each worker, one database for each test, copied from one that is up to date."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from antiphon.store.database import Database
from antiphon.store.embedded import Embedded
from antiphon.store.migrate import migrate
from antiphon.store.places import take

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"Tests do not pull the plug."

_count = itertools.count()


def wait_for(happened: Callable[[], bool], within: float = 20.0) -> None:
    """What goes on in another process has happened. Fails when it does not."""
    deadline = time.monotonic() + within
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_free(lock: Path) -> bool:
    """No process holds the lock."""
    with lock.open("rb") as opened:
        return take(opened.fileno(), exclusive=True)


@pytest.fixture(scope="session")
def place() -> Iterator[Callable[[], Path]]:
    """Makes folders that the server's user can reach, also where pytest's own are closed to it."""
    root = Path(tempfile.mkdtemp(prefix="antiphon-test-", dir="/tmp"))
    root.chmod(0o711)

    def make() -> Path:
        folder = root / str(next(_count))
        folder.mkdir()
        return folder

    yield make
    for lock in root.glob("*/postgres/supervisor.lock"):
        wait_for(lambda lock=lock: is_free(lock))
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def spare(place: Callable[[], Path]) -> Path:
    """A home for tests that start and stop its server. At the end of each nobody wants it any more."""
    return place()


@pytest.fixture(scope="session")
def server(place: Callable[[], Path]) -> Iterator[Embedded]:
    """A server that runs until the last test has ended."""
    embedded = Embedded(place(), options=FAST)
    with asyncio.Runner() as runner:
        runner.run(embedded.__aenter__())
        runner.run(_make_pattern(embedded.url))
        yield embedded
        runner.run(embedded.__aexit__(None, None, None))


async def _make_pattern(url: str) -> None:
    await execute(url, "create database pattern")
    database = await Database.open(url.replace("/postgres?", "/pattern?"))
    await migrate(database)
    await database.close()


@pytest.fixture
def url(server: Embedded) -> str:
    """An empty database with all tables."""
    name = f"test_{next(_count)}"
    asyncio.run(execute(server.url, f"create database {name} template pattern"))
    return server.url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def bare_url(server: Embedded) -> str:
    """A database without tables."""
    name = f"bare_{next(_count)}"
    asyncio.run(execute(server.url, f"create database {name}"))
    return server.url.replace("/postgres?", f"/{name}?")


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()
