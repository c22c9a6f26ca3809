"""Signing in and out, and tokens for pages and programs."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from antiphon.core.errors import CallerError
from antiphon.hosts.security import cookies
from antiphon.hosts.security.cookies import Cookie
from antiphon.hosts.security.gate import Gate, Mode
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.tokens import LIFETIME, Purpose

BANNERS = {
    Mode.OPEN: "Development: whoever uses this machine may do everything. Set an issuer before others use it.",
    Mode.KEY: "Development: one key lets everybody in, as whoever they say they are. Set an issuer.",
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Body):
    """With an issuer its id token; without one a name and a role, and the key if others can reach the server."""

    id_token: str = Field(default="", max_length=16384)
    key: str = Field(default="", max_length=256)
    name: str = Field(default="local", max_length=64)
    role: Role = Role.CALLER


class Ask(_Body):
    """A token to call; or, for a session there is, to resume or to watch it."""

    purpose: Purpose
    session: str | None = Field(default=None, max_length=80)


class Who(BaseModel):
    id: str
    tenant: str
    role: Role


class CsrfAnswer(BaseModel):
    token: str
    "To be sent as X-CSRF-Token with every POST, PUT, PATCH and DELETE."
    refresh_in: float
    "Seconds after which to ask again."


class Me(BaseModel):
    person: Who | None
    mode: Mode
    is_dev: bool
    banner: str | None
    issuer: str | None
    audience: str | None


class SignedIn(BaseModel):
    person: Who
    token: str
    expires_in: int
    csrf: CsrfAnswer
    is_dev: bool
    banner: str | None


class Granted(BaseModel):
    token: str
    session: str
    purpose: Purpose
    expires_in: int


def create_router(gate: Gate) -> APIRouter:
    """The routes. Their refusals are `answers.answer`'s to tell."""
    router = APIRouter(prefix="/api", tags=["people"])
    banner = BANNERS.get(gate.mode)

    @router.post("/signin")
    async def signin(body: SignIn, request: Request, response: Response) -> SignedIn:
        """Sign in. The answer sets the cookie; programs keep the token and send it as `Authorization: Bearer`."""
        gate.check_csrf(request)
        person, token = await gate.sign_in(request, body.id_token, body.key, body.name, body.role)
        cookies.put(request, response, Cookie.SIGN_IN, token)
        csrf = _fresh_csrf(gate, request, response)
        seconds = LIFETIME[Purpose.SIGN_IN]
        return SignedIn(
            person=_who(person),
            token=token,
            expires_in=seconds,
            csrf=csrf,
            is_dev=banner is not None,
            banner=banner,
        )

    @router.post("/signout", status_code=204)
    async def signout(request: Request, response: Response) -> None:
        """Sign out. The token that came along is refused from here on."""
        gate.check_csrf(request)
        await gate.sign_out(request)
        for cookie in Cookie:
            cookies.remove(request, response, cookie)

    @router.get("/me")
    async def me(request: Request) -> Me:
        """Who you are here, and how to sign in if you are nobody yet."""
        try:
            person = _who(await gate.person(request))
        except CallerError as error:
            if not error.code.startswith("token_"):
                raise
            person = None
        issuer = gate.oidc.issuer if gate.oidc else None
        return Me(
            person=person,
            mode=gate.mode,
            is_dev=banner is not None,
            banner=banner,
            issuer=issuer.url if issuer else None,
            audience=issuer.audience if issuer else None,
        )

    @router.get("/csrf")
    async def csrf(request: Request, response: Response) -> CsrfAnswer:
        """The token for X-CSRF-Token; another once 80 % of its 300 s have passed."""
        browser = cookies.browser(request)
        if browser is None:
            return _fresh_csrf(gate, request, response)
        token = gate.csrf.refreshed(cookies.read(request, Cookie.CSRF), browser, gate.clock())
        return _told(gate, request, response, token)

    @router.post("/tokens")
    async def tokens(body: Ask, request: Request) -> Granted:
        """A short-lived token for one session: yours to call or to resume, or one to watch."""
        person = await gate.person(request)
        token, session = await gate.grant(person, body.purpose, body.session)
        seconds = LIFETIME[body.purpose]
        return Granted(token=token, session=session, purpose=body.purpose, expires_in=seconds)

    return router


def _who(person: Person) -> Who:
    return Who(id=person.id, tenant=person.tenant, role=person.role)


def _fresh_csrf(gate: Gate, request: Request, response: Response) -> CsrfAnswer:
    """The browser has another session id: what was planted or seen before is of no use."""
    browser = cookies.new_browser()
    cookies.put(request, response, Cookie.BROWSER, browser)
    return _told(gate, request, response, gate.csrf.issue(browser, gate.clock()))


def _told(gate: Gate, request: Request, response: Response, token: str) -> CsrfAnswer:
    cookies.put(request, response, Cookie.CSRF, token)
    return CsrfAnswer(token=token, refresh_in=gate.csrf.refresh_in(token, gate.clock()))
