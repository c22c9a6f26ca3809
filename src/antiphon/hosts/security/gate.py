"""Who is at the door, and whether they may come in."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from antiphon.core.errors import CallerError
from antiphon.hosts.security import cookies
from antiphon.hosts.security.audit import Audit, Deed
from antiphon.hosts.security.csrf import Csrf
from antiphon.hosts.security.entry import LOCAL as LOCAL
from antiphon.hosts.security.entry import Entry as Entry
from antiphon.hosts.security.entry import Mode as Mode
from antiphon.hosts.security.entry import Owner as Owner
from antiphon.hosts.security.entry import OwnerOf as OwnerOf
from antiphon.hosts.security.limits import Budget, Kind, Limits
from antiphon.hosts.security.middleware import SAFE
from antiphon.hosts.security.oidc import Oidc
from antiphon.hosts.security.people import Act, Person, Role
from antiphon.hosts.security.spent import SpentHere
from antiphon.hosts.security.tokens import (
    ACT,
    GOT_ELSEWHERE,
    Purpose,
    Token,
    Tokens,
    check_session_id,
    session_id,
)
from antiphon.hosts.security.visitor import Origins, Visitor

SUBPROTOCOL = "antiphon"
IN_SUBPROTOCOL = "antiphon.token."
"A page that cannot set headers offers the subprotocols `antiphon` and this followed by a token."
KEY_IN_SUBPROTOCOL = "openai-insecure-api-key."
"Likewise a page that uses OpenAI's SDK, followed by its key."
SECRET_PREFIX = "ek_"
"Of a client secret, which is a key that a program gives to a page."
_NAME = re.compile(r"\w(?:[\w .@-]{0,62}\w)?")


@dataclass
class Gate:
    """Decides for every route and socket. One for each process."""

    mode: Mode
    tokens: Tokens
    csrf: Csrf
    limits: Limits
    origins: Origins
    audit: Audit
    owner_of: OwnerOf
    oidc: Oidc | None = None
    spent: SpentHere = field(default_factory=SpentHere)
    "Which tokens are worth nothing any more, as all nodes know it."
    clock: Callable[[], float] = time.time
    "Seconds since 1970."
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    "Opens the server in mode KEY. Another at each start."

    # ---- over HTTP -------------------------------------------------------------------------------------
    async def person(self, connection: HTTPConnection) -> Person:
        """Who asks. An unsafe request of a browser has carried its CSRF token. Raises CallerError."""
        visitor = Visitor.of(connection.scope)
        bearer = _bearer(connection)
        if bearer is not None:
            person = (await self._verified(bearer, Purpose.SIGN_IN, visitor)).person
        else:
            person = await self._ambient(connection, visitor)
            self.check_csrf(connection)
        await self.limits.count_person(Kind.REQUESTS, person, visitor.is_local)
        return person

    async def allowed(self, connection: HTTPConnection, act: Act, session: str | None = None) -> Person:
        """Who asks, if they may do that, to that session if one is named. Raises CallerError.

        A session of another tenant looks like one that does not exist.
        """
        person = await self.person(connection)
        await self._authorize(person, act, session)
        return person

    async def admit_page(self, connection: HTTPConnection) -> Entry:
        """Who asks over HTTP for a call of their own. Raises CallerError."""
        person = await self.allowed(connection, Act.CALL)
        visitor = Visitor.of(connection.scope)
        await self._count_call(person, visitor)
        return Entry(person, session_id(), None, visitor.is_local)

    def grant_direct(self, person: Person, session: str, seed: str) -> str:
        """A token for all that the page of that direct call asks for; `seed` comes with it."""
        holder = Person(person.id, person.tenant, Role.CALLER)
        self.audit.record(_actor(person), Deed.TOKEN_ISSUED, session, {"purpose": Purpose.DIRECT.value})
        return self.tokens.issue(holder, Purpose.DIRECT, session, self.clock(), seed=seed)

    async def direct(self, connection: HTTPConnection, session: str) -> Token:
        """The token of that direct call, which came along. Raises CallerError."""
        bearer = _bearer(connection)
        if bearer is None:
            raise CallerError(
                "a token is needed: POST /session/token gives one, to be sent as Authorization: Bearer …",
                field="token",
                code="token_missing",
            )
        visitor = Visitor.of(connection.scope)
        return await self._verified(bearer, Purpose.DIRECT, visitor, check_session_id(session))

    def check_csrf(self, connection: HTTPConnection) -> None:
        """Returns for safe methods, for programs, and for browsers with a good token. Raises CallerError."""
        visitor = Visitor.of(connection.scope)
        if connection.scope.get("method") in SAFE or not visitor.is_browser:
            return
        cookie, header = cookies.read(connection, cookies.Cookie.CSRF), connection.headers.get("x-csrf-token")
        try:
            self.csrf.check(cookie, header, cookies.browser(connection), self.clock())
        except CallerError as error:
            path = str(connection.scope.get("path", ""))
            self.audit.record(visitor.address, Deed.CSRF_REFUSED, path, {"code": error.code})
            raise

    # ---- over WebSockets -------------------------------------------------------------------------------
    async def admit(self, socket: WebSocket, purpose: Purpose, session: str | None = None) -> Entry:
        """Who opens the socket, and for which session. Call it before `accept`. Raises CallerError.

        A token for one session comes in the Authorization header, in a subprotocol or as `?token=`; one from
        signing in only in the header, or in the browser's cookie. With `session`, no other will do.
        """
        visitor = Visitor.of(socket.scope)
        self.origins.check_origin(visitor)
        if session is not None:
            check_session_id(session)
        person, found = await self._who(socket, purpose, session, visitor)
        if purpose is Purpose.CALL:
            await self._count_call(person, visitor)
        offered = socket.scope.get("subprotocols", [])
        return Entry(person, found, SUBPROTOCOL if SUBPROTOCOL in offered else None, visitor.is_local)

    async def admit_program(self, connection: HTTPConnection) -> Entry:
        """Who opens the socket, or posts the offer, with an API key, for a call. Raises CallerError.

        The key is a token from signing in, a client secret or, in mode KEY, the one that was printed at the start.
        In mode OPEN any will do from this machine: programs that can do without a key are rare.
        """
        visitor = Visitor.of(connection.scope)
        person, seed = await self._program(connection, visitor)
        await self._count_call(person, visitor)
        return Entry(person, session_id(), None, visitor.is_local, seed)

    async def program(self, connection: HTTPConnection, *, takes_secrets: bool = True) -> Person:
        """Who asks with an API key, for something that is no call of its own. Raises CallerError."""
        visitor = Visitor.of(connection.scope)
        key = _key_of(connection) or ""
        if key.startswith(SECRET_PREFIX) and not takes_secrets:
            raise CallerError("a client secret opens calls, and nothing else", code="not_allowed")
        person, _ = await self._program(connection, visitor)
        await self.limits.count_person(Kind.REQUESTS, person, visitor.is_local)
        return person

    def grant_secret(self, person: Person, seed: str, seconds: int) -> tuple[str, int]:
        """A client secret of that person's, good for so long, and when it expires, in seconds since 1970."""
        holder = Person(person.id, person.tenant, Role.CALLER)
        now = self.clock()
        self.audit.record(_actor(person), Deed.TOKEN_ISSUED, "", {"purpose": Purpose.SECRET.value})
        token = self.tokens.issue(holder, Purpose.SECRET, None, now, seconds=seconds, seed=seed)
        return SECRET_PREFIX + token, int(now) + seconds

    async def _program(self, connection: HTTPConnection, visitor: Visitor) -> tuple[Person, str]:
        """Who that is, and what their calls begin with."""
        self.origins.check_origin(visitor, is_near=self.mode is Mode.OPEN)
        key = _key_of(connection)
        if key is not None and key.startswith(SECRET_PREFIX):
            token = await self._verified(key.removeprefix(SECRET_PREFIX), Purpose.SECRET, visitor)
            return token.person, token.seed
        if self.mode is Mode.OPEN and self._is_local(visitor):
            return LOCAL, ""
        if key is None:
            raise CallerError("an API key is needed: Authorization: Bearer …", code="invalid_api_key")
        if self.mode is Mode.KEY and hmac.compare_digest(key.encode(), self.key.encode()):
            return Person("program", LOCAL.tenant, Role.CALLER), ""
        person = (await self._verified(key, Purpose.SIGN_IN, visitor)).person
        await self._authorize(person, Act.CALL, None)
        return person, ""

    async def _count_call(self, person: Person, visitor: Visitor) -> None:
        """One more call is within what the person may have. Raises CallerError."""
        await self.limits.count_address(Kind.SESSIONS, visitor.address, visitor.is_local)
        await self.limits.count_person(Kind.SESSIONS, person, visitor.is_local)
        for budget in Budget:
            await self.limits.check_budget(budget, person, visitor.is_local)

    async def _who(
        self, socket: WebSocket, purpose: Purpose, session: str | None, visitor: Visitor
    ) -> tuple[Person, str]:
        bearer = _bearer(socket)
        scoped = bearer if bearer is not None else _token_beside_the_header(socket)
        if scoped is not None:
            is_sign_in = bearer is not None and self.tokens.purpose(bearer) is Purpose.SIGN_IN
            wanted = Purpose.SIGN_IN if is_sign_in else purpose
            token = await self._verified(scoped, wanted, visitor, session)
            if token.session is not None:
                if purpose is Purpose.CALL:
                    await self._spend(token, visitor)  # it opens one call, once
                return token.person, token.session
            person = token.person
        else:
            person = await self._ambient(socket, visitor)
        if purpose is Purpose.CALL:
            if session is not None:
                raise CallerError(
                    "a session is opened with a token for it", field="token", code="token_missing"
                )
            await self._authorize(person, Act.CALL, None)
            return person, session_id()
        if session is None:
            raise CallerError("which session?", field="session", code="bad_session_id")
        await self._authorize(person, ACT[purpose], session)
        return person, session

    # ---- tokens ----------------------------------------------------------------------------------------
    async def grant(self, person: Person, purpose: Purpose, session: str | None) -> tuple[str, str]:
        """A token of the least role that serves the purpose, and the session it is for. Raises CallerError."""
        if purpose in GOT_ELSEWHERE:
            raise CallerError("that is got elsewhere", field="purpose", code="bad_purpose")
        if purpose is Purpose.CALL:
            if session is not None:
                raise CallerError("a call gets its own session", field="session", code="bad_session_id")
            await self._authorize(person, Act.CALL, None)
            session = session_id()
        elif session is None:
            raise CallerError("which session?", field="session", code="bad_session_id")
        else:
            await self._authorize(person, ACT[purpose], check_session_id(session))
        role = Role.SUPERVISOR if purpose is Purpose.WATCH else Role.CALLER
        holder = Person(person.id, person.tenant, role)
        self.audit.record(_actor(person), Deed.TOKEN_ISSUED, session, {"purpose": purpose.value})
        return self.tokens.issue(holder, purpose, session, self.clock()), session

    # ---- signing in ------------------------------------------------------------------------------------
    async def sign_in(
        self, connection: HTTPConnection, id_token: str, key: str, name: str, role: Role
    ) -> tuple[Person, str]:
        """Who they are from here on, and the token that says so. Raises CallerError, ProviderError."""
        visitor = Visitor.of(connection.scope)
        await self.limits.check_failures(visitor.address, visitor.is_local)
        try:
            person = await self._identified(visitor, id_token, key, name, role)
        except CallerError as error:
            self.audit.record(
                visitor.address, Deed.SIGN_IN_FAILED, self.mode.value, {"code": error.code, "why": str(error)}
            )
            await self.limits.count_address(Kind.FAILED_SIGN_INS, visitor.address, visitor.is_local)
            raise
        self.audit.record(_actor(person), Deed.SIGNED_IN, self.mode.value, {"role": person.role.value})
        return person, self.tokens.issue(person, Purpose.SIGN_IN, None, self.clock())

    async def sign_out(self, connection: HTTPConnection) -> None:
        """The sign-in token that came along, if any, is worth nothing any more."""
        text = _bearer(connection) or cookies.read(connection, cookies.Cookie.SIGN_IN)
        if text is None:
            return
        try:
            token = self.tokens.verify(text, Purpose.SIGN_IN, self.clock())
        except CallerError:
            return
        self.tokens.revoke(token, self.clock())
        await self.spent.spend(token.id, token.expires_at)
        self.audit.record(_actor(token.person), Deed.SIGNED_OUT, "", {})

    async def _identified(self, visitor: Visitor, id_token: str, key: str, name: str, role: Role) -> Person:
        if self.oidc is not None:
            if not id_token:
                raise CallerError("an id token is needed", field="id_token", code="token_missing")
            return await self.oidc.verify(id_token)
        if self.mode is Mode.KEY and not hmac.compare_digest(key.encode(), self.key.encode()):
            raise CallerError("that is not the key printed at the start", field="key", code="bad_key")
        if self.mode is Mode.OPEN and not self._is_local(visitor):
            raise CallerError("only from this machine; see docs/reference/security.md", code="not_allowed")
        if not _NAME.fullmatch(name):
            message = "a name has 1 to 64 letters, digits, spaces, or . @ -"
            raise CallerError(message, field="name", code="bad_name")
        return Person(name, LOCAL.tenant, role)

    # ---- below -----------------------------------------------------------------------------------------
    async def _ambient(self, connection: HTTPConnection, visitor: Visitor) -> Person:
        """Whom the browser's cookie names; without one, in mode OPEN, whoever is on this machine."""
        cookie = cookies.read(connection, cookies.Cookie.SIGN_IN)
        is_open = self.mode is Mode.OPEN and self._is_local(visitor)
        if cookie is not None:
            try:
                return (await self._verified(cookie, Purpose.SIGN_IN, visitor)).person
            except CallerError:
                if not is_open:
                    raise
        if is_open:
            return LOCAL
        raise CallerError("sign in first: POST /api/signin", field="token", code="token_missing")

    def _is_local(self, visitor: Visitor) -> bool:
        return visitor.is_local and (visitor.asks_for_loopback or self.origins.names(visitor.host_name))

    async def _authorize(self, person: Person, act: Act, session: str | None) -> None:
        """Raises CallerError."""
        tenant = owner = None
        if session is not None:
            found = await self.owner_of(check_session_id(session))
            if found is None or found.tenant != person.tenant:
                self._deny(person, act, session)
                raise CallerError("there is no such session", field="session", code="unknown_session")
            tenant, owner = found.tenant, found.person
        if not person.may(act, tenant=tenant, owner=owner):
            self._deny(person, act, session or "")
            raise CallerError(f"your role, {person.role}, does not allow that", code="not_allowed")

    def _deny(self, person: Person, act: Act, target: str) -> None:
        self.audit.record(
            _actor(person), Deed.ROLE_DENIED, target, {"act": act.value, "role": person.role.value}
        )

    async def _verified(
        self, text: str, purpose: Purpose, visitor: Visitor, session: str | None = None
    ) -> Token:
        try:
            # A token from signing in opens any session, and what its person may do there is asked elsewhere.
            wanted = None if purpose is Purpose.SIGN_IN else session
            token = self.tokens.verify(text, purpose, self.clock(), wanted)
            if purpose is Purpose.SIGN_IN and await self.spent.is_spent(token.id):
                self.tokens.revoke(token, self.clock())
                raise _revoked()
            return token
        except CallerError as error:
            self._refuse(error, purpose, visitor, session)
            raise

    async def _spend(self, token: Token, visitor: Visitor) -> None:
        """The token is worth nothing from here on, on any node. Raises CallerError when it was not before."""
        self.tokens.revoke(token, self.clock())  # at once: the same token may be at the next door already
        if not await self.spent.spend(token.id, token.expires_at):
            error = _revoked()
            self._refuse(error, token.purpose, visitor, token.session)
            raise error

    def _refuse(self, error: CallerError, purpose: Purpose, visitor: Visitor, session: str | None) -> None:
        detail = {"code": error.code, "purpose": purpose.value}
        self.audit.record(visitor.address, Deed.TOKEN_REFUSED, session or "", detail)


def _revoked() -> CallerError:
    return CallerError("the token is no longer valid", field="token", code="token_revoked")


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, rest = connection.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else None


def _key_of(connection: HTTPConnection) -> str | None:
    """The API key, in the header, or beside it where a page cannot set headers."""
    if (bearer := _bearer(connection)) is not None:
        return bearer
    offered = [
        name for name in connection.scope.get("subprotocols", []) if name.startswith(KEY_IN_SUBPROTOCOL)
    ]
    return offered[0].removeprefix(KEY_IN_SUBPROTOCOL) if offered else None


def _token_beside_the_header(socket: WebSocket) -> str | None:
    offered = [name for name in socket.scope.get("subprotocols", []) if name.startswith(IN_SUBPROTOCOL)]
    return offered[0].removeprefix(IN_SUBPROTOCOL) if offered else socket.query_params.get("token")


def _actor(person: Person) -> str:
    return f"{person.tenant}/{person.id}"
