"""A server that speaks as much of Redis' protocol (RESP2) as our copies use, on loopback, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class FakeRedis:
    """What was written to it."""

    url: str = ""
    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    ttl: dict[str, int] = field(default_factory=dict)
    streams: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    unknown: list[list[str]] = field(default_factory=list)
    "Commands it does not know, for the test to look at."

    def answer(self, command: list[str]) -> str:
        """What Redis says to it."""
        match [command[0].upper(), *command[1:]]:
            case ["HSET", key, *pairs]:
                given = dict(zip(pairs[::2], pairs[1::2], strict=True))
                self.hashes.setdefault(key, {}).update(given)
                return f":{len(given)}\r\n"
            case ["SET", key, value, *options]:
                if "NX" in options and key in self.values:
                    return "$-1\r\n"
                self.values[key] = value
                self.ttl[key] = int(options[options.index("EX") + 1])
                return "+OK\r\n"
            case ["EXISTS", key]:
                return f":{int(key in self.values)}\r\n"
            case ["EXPIRE", key, seconds]:
                self.ttl[key] = int(seconds)
                return ":1\r\n"
            case ["XADD", key, *rest]:
                pairs = rest[rest.index("*") + 1 :]
                entries = self.streams.setdefault(key, [])
                entries.append(dict(zip(pairs[::2], pairs[1::2], strict=True)))
                return _bulk(f"{len(entries)}-0")
            case ["CLIENT", *_] | ["SELECT", _]:
                return "+OK\r\n"
            case ["HELLO", *_]:
                return "-ERR unknown command 'HELLO'\r\n"
            case ["PING"]:
                return "+PONG\r\n"
            case _:
                self.unknown.append(command)
                return f"-ERR unknown command '{command[0]}'\r\n"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n")
                command = []
                for _ in range(int(head[1:])):
                    size = int((await reader.readuntil(b"\r\n"))[1:])
                    command.append((await reader.readexactly(size + 2))[:-2].decode())
                writer.write(self.answer(command).encode())
                await writer.drain()
        writer.close()


def _bulk(text: str) -> str:
    return f"${len(text)}\r\n{text}\r\n"


@asynccontextmanager
async def fake_redis(port: int = 0) -> AsyncIterator[FakeRedis]:
    """A fake that listens inside."""
    fake = FakeRedis()
    server = await asyncio.start_server(fake.talk, "127.0.0.1", port)
    fake.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    try:
        yield fake
    finally:
        server.close()
