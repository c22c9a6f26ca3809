"""Whom the gate lets in: what it knows of them, and how they become known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from antiphon.hosts.security.people import Person, Role

LOCAL = Person("local", "local", Role.ADMIN)
"Whoever uses this machine, where nobody signs in."


class Mode(StrEnum):
    """How people become known."""

    OPEN = "open"
    "No issuer, and we listen on this machine only: whoever is on it may do everything, as `local`."
    KEY = "key"
    "No issuer, and others can reach us: a name and the key that was printed at the start."
    OIDC = "oidc"
    "An issuer says who they are."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a session is."""

    tenant: str
    person: str


OwnerOf = Callable[[str], Awaitable[Owner | None]]
"The owner of the session with that id; None when there is no such session."


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who was let in by a WebSocket."""

    person: Person
    session: str
    "The one they may open, take up or watch. Before a call without a token, one that nobody has yet."
    subprotocol: str | None
    "To be passed to `accept`."
    is_local: bool
    "For `Limits`."
    seed: str = ""
    "What the client secret says that its calls begin with."
