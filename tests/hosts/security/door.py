"""An application behind the whole of security, visited without a network: any address, any scheme, any header."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.types import ASGIApp, Message

from antiphon.config import Settings
from antiphon.core.errors import CallerError
from antiphon.hosts.security.answers import close_code_of
from antiphon.hosts.security.around import protect
from antiphon.hosts.security.audit import Deed, Detail
from antiphon.hosts.security.gate import Owner
from antiphon.hosts.security.people import Act, Person
from antiphon.hosts.security.security import Security, open_security
from antiphon.hosts.security.tokens import Purpose

HOME = "127.0.0.1"
ABROAD = "203.0.113.7"


class Listed:
    """An audit that keeps what it is told."""

    def __init__(self) -> None:
        self.deeds: list[tuple[str, Deed, str, Detail]] = []

    def record(self, actor: str, act: Deed, target: str, detail: Detail) -> None:
        self.deeds.append((actor, act, target, detail))

    def of(self, act: Deed) -> list[tuple[str, str, Detail]]:
        return [(actor, target, detail) for actor, what, target, detail in self.deeds if what is act]


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A server with security, a few routes of its own, and sessions that belong to people."""

    def __init__(self, home: Path, listens_on: str = HOME, **settings: object) -> None:
        self.audit = Listed()
        self.clock = Clock()
        self.owners = {"s_annas_call": Owner("local", "anna"), "s_clinic_call": Owner("clinic", "carl")}
        self.security: Security = open_security(
            Settings(home=home, secret="s" * 40, **settings),  # type: ignore[arg-type]
            listens_on,
            audit=self.audit,
            owner_of=self._owner,
            clock=self.clock,
        )
        self.app = FastAPI()
        self._add_routes()
        protect(self.app, self.security)

    async def _owner(self, session: str) -> Owner | None:
        return self.owners.get(session)

    def _add_routes(self) -> None:
        app, gate = self.app, self.security.gate

        @app.get("/", response_class=HTMLResponse)
        async def page() -> HTMLResponse:
            return HTMLResponse("<p>page", headers={"Server": "secretive/1.0", "X-Powered-By": "tea"})

        @app.get("/healthz")
        async def healthz() -> str:
            return "ok"

        @app.get("/api/list")
        async def listed(request: Request) -> str:
            return (await gate.allowed(request, Act.LIST)).id

        @app.get("/api/calls/{session}")
        async def read(session: str, request: Request) -> str:
            return (await gate.allowed(request, Act.READ, session)).id

        @app.post("/api/erase")
        async def erase(request: Request) -> str:
            return (await gate.allowed(request, Act.ERASE)).id

        @app.post("/count")
        async def count(request: Request) -> int:
            return len(await request.body())

        @app.post("/swallow")
        async def swallow(request: Request) -> str:
            try:
                await request.body()
            except Exception as error:  # noqa: BLE001  as a framework may
                return f"swallowed {type(error).__name__}"
            return "fine"

        @app.get("/slow")
        async def slow() -> None:
            await asyncio.sleep(60)

        @app.get("/stream")
        async def stream() -> StreamingResponse:
            async def parts():  # type: ignore[no-untyped-def]
                for part in (b"a", b"b", b"c"):
                    await asyncio.sleep(0.04)
                    yield part

            return StreamingResponse(parts())

        @app.get("/broken")
        async def broken() -> None:
            raise RuntimeError("the password is hunter2")

        @app.websocket("/call")
        async def call(socket: WebSocket) -> None:
            await self._entered(socket, Purpose.CALL)

        @app.websocket("/watch/{session}")
        async def watch(socket: WebSocket, session: str) -> None:
            await self._entered(socket, Purpose.WATCH, session)

        @app.websocket("/resume/{session}")
        async def resume(socket: WebSocket, session: str) -> None:
            await self._entered(socket, Purpose.RESUME, session)

    async def _entered(self, socket: WebSocket, purpose: Purpose, session: str | None = None) -> None:
        try:
            entry = await self.security.gate.admit(socket, purpose, session)
        except CallerError as error:
            await socket.accept()
            await socket.close(close_code_of(error), error.code)
            return
        await socket.accept(entry.subprotocol)
        person = entry.person
        await socket.send_json([person.tenant, person.id, person.role.value, entry.session])
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await socket.send_text("heard")

    def visit(
        self, address: str = HOME, url: str = "http://127.0.0.1:8700", **headers: str
    ) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(self.app, client=(address, 5000))
        return httpx2.AsyncClient(transport=transport, base_url=url, headers=headers)


async def browser(
    house: House, address: str = HOME, url: str = "http://127.0.0.1:8700"
) -> httpx2.AsyncClient:
    """A client with the cookies, the origin and the CSRF token that a page of ours has."""
    client = house.visit(address, url, **{"origin": url, "sec-fetch-site": "same-origin"})
    client.headers["x-csrf-token"] = (await client.get("/api/csrf")).json()["token"]
    return client


async def sign_in(client: httpx2.AsyncClient, **said: str) -> str:
    """The token. The client goes on signed in, as a page does."""
    answer = await client.post("/api/signin", json=said)
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf"]["token"]
    return str(answer.json()["token"])


class Socket:
    """A WebSocket by hand: what the server sends is in `sent`."""

    def __init__(
        self, app: ASGIApp, path: str, address: str = HOME, *, offers: tuple[str, ...] = (), **headers: str
    ) -> None:
        path, _, query = path.partition("?")
        given = {"host": "127.0.0.1:8700", **{k.replace("_", "-"): v for k, v in headers.items()}}
        self._scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in given.items()], "client": (address, 5000),
            "server": ("127.0.0.1", 8700), "scheme": "ws", "root_path": "", "subprotocols": list(offers),
            "extensions": {"websocket.http.response": {}}, "http_version": "1.1",
        }  # fmt: skip
        self._app = app
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []

    def send(self, data: str | bytes) -> None:
        kind = "text" if isinstance(data, str) else "bytes"
        self._inbox.put_nowait({"type": "websocket.receive", kind: data})

    async def run(self, *data: str | bytes) -> list[Message]:
        """Everything the server sent until it ended, after `connect`, the data and the client's leaving."""
        self._inbox.put_nowait({"type": "websocket.connect"})
        for item in data:
            self.send(item)
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})

        async def keep(message: Message) -> None:
            self.sent.append(message)

        async with asyncio.timeout(5):
            await self._app(self._scope, self._inbox.get, keep)
        return self.sent

    @property
    def outcome(self) -> str:
        """The first text sent, or the reason of the close, or the status of the refusal."""
        for message in self.sent:
            if message["type"] == "websocket.send":
                return str(message["text"])
            if message["type"] == "websocket.close":
                return f"{message['code']} {message.get('reason', '')}"
            if message["type"] == "websocket.http.response.start":
                return str(message["status"])
        return "nothing"


def bearer(
    house: House, person: Person, purpose: Purpose = Purpose.SIGN_IN, session: str | None = None
) -> str:
    return "Bearer " + house.security.gate.tokens.issue(person, purpose, session, house.clock.now)


async def opened(
    house: House, path: str, address: str = HOME, *, offers: tuple[str, ...] = (), **headers: str
) -> str:
    socket = Socket(house.app, path, address, offers=offers, **headers)
    await socket.run()
    return socket.outcome
