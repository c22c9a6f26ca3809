"""A server of our own for the length of a conversation."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.config import read_settings
from antiphon.core.errors import SetupError

START_WITHIN_S = 300.0
"Seconds a server may take to come up: its very first start reads all knowledge, a minute on a slow machine."
END_WITHIN_S = 10.0
"Seconds a server may take to end once asked to."
_ADDRESS = re.compile(r"(https?://127\.0\.0\.1:(\d+))\b.*\n")
"The address, in a line that is complete: half a port is a wrong one."


@asynccontextmanager
async def serving(
    *options: str, command: Sequence[str] | None = None, within_s: float = START_WITHIN_S
) -> AsyncIterator[str]:
    """The address of a server of our own, which runs as a child process until the block is left.

    `options` go to `antiphon serve`; `command` stands in for the whole of it. Raises SetupError with the end
    of what the server wrote when it does not come up.
    """
    serve = ("-m", "antiphon", "serve", "--host", "127.0.0.1", "--port", "0", *options)
    argv = (sys.executable, "-u", *serve) if command is None else tuple(command)
    # Files, since a pipe that nobody reads fills up and stalls the child.
    with TemporaryDirectory(prefix="antiphon-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        with out.open("wb") as out_file, err.open("wb") as err_file:
            child = await asyncio.create_subprocess_exec(
                *argv, stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file
            )
        try:
            yield await _address(child, out, err, within_s)
        finally:
            await _end(child)


def share_cache(home: Path) -> None:
    """A server with that home finds what this machine has worked out before: vectors of texts, which take a minute."""
    cache = read_settings().data / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache, target_is_directory=True)


async def _address(child: asyncio.subprocess.Process, out: Path, err: Path, within_s: float) -> str:
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while True:
        is_over = child.returncode is not None
        found = _ADDRESS.search(_text(out))
        if found and await _answers(int(found[2])):
            return found[1]
        if is_over or loop.time() > until:
            how = f"ended with {child.returncode}" if is_over else f"gave no address within {within_s:g} s"
            told = (_text(err) or _text(out)).strip().splitlines()[-20:]
            raise SetupError("\n".join([f"the server {how}; `antiphon doctor` looks for the cause", *told]))
        await asyncio.sleep(0.05)


async def _answers(port: int) -> bool:
    """Whether the port takes connections: an address may be printed a moment before."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


async def _end(child: asyncio.subprocess.Process) -> None:
    """The child is gone: asked to go, and made to if it does not."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
