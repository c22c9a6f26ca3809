"""All of it put together from the settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from antiphon.config import Settings
from antiphon.hosts.security.audit import Audit, LoggedAudit
from antiphon.hosts.security.csrf import Csrf
from antiphon.hosts.security.gate import Gate, Mode, Owner, OwnerOf
from antiphon.hosts.security.limits import Limits
from antiphon.hosts.security.middleware import Rules
from antiphon.hosts.security.oidc import FIREBASE, Oidc, issuer_of
from antiphon.hosts.security.secret import derive, read_secret
from antiphon.hosts.security.spent import SpentHere, SpentInRedis
from antiphon.hosts.security.tokens import Tokens
from antiphon.hosts.security.visitor import Origins, is_loopback, origin_of_url

_FIREBASE_SERVICES = ("https://identitytoolkit.googleapis.com", "https://securetoken.googleapis.com")
"What a page that signs in with Firebase asks."


async def nobody_owns(session: str) -> Owner | None:
    """For servers that keep no sessions: there are none to resume or to watch."""
    return None


@dataclass(frozen=True)
class Security:
    """Who may do what on this server, and how much."""

    gate: Gate
    limits: Limits
    audit: Audit
    rules: Rules

    @property
    def start_line(self) -> str:
        """What the operator has to be told at the start; empty for nothing."""
        if self.gate.mode is Mode.KEY:
            return f"Sign in with the key {self.gate.key} (another at each start; see docs/reference/security.md)"
        return ""

    def close(self) -> None:
        """Nothing is fetched any more."""
        if self.gate.oidc is not None:
            self.gate.oidc.close()


def open_security(
    settings: Settings,
    host: str = "",
    *,
    audit: Audit | None = None,
    owner_of: OwnerOf = nobody_owns,
    clock: Callable[[], float] = time.time,
) -> Security:
    """The security of a server that listens on `host`, by default that of the settings.

    Raises SetupError for settings that contradict each other. To be called in the event loop that serves.
    """
    audit = audit or LoggedAudit()
    issuer = issuer_of(settings)
    oidc = Oidc(issuer) if issuer else None
    is_reachable = not is_loopback(host or settings.host)
    mode = Mode.OIDC if oidc else Mode.KEY if is_reachable else Mode.OPEN
    secret, redis = read_secret(settings), settings.redis_url.get_secret_value()
    limits = Limits(settings, audit, clock)
    origins = Origins(settings.origins, settings.hosts, is_loopback_only=mode is Mode.OPEN)
    gate = Gate(
        mode,
        Tokens(derive(secret, "tokens")),
        Csrf(derive(secret, "csrf")),
        limits,
        origins,
        audit,
        owner_of,
        oidc,
        SpentHere(SpentInRedis.at(redis) if redis else None),
        clock,
    )
    is_firebase = issuer is not None and issuer.url.startswith(FIREBASE)
    rules = Rules(
        origins,
        limits,
        audit,
        max_body=settings.max_body_kb * 1024,
        within=settings.request_seconds,
        connect=(
            *(_FIREBASE_SERVICES if is_firebase else (origin_of_url(issuer.url),) if issuer else ()),
            *((origin_of_url(settings.realtime_api),) if settings.realtime_api else ()),
            *_rooms(settings.livekit_url),
            *origins.sockets(),
        ),
        shows_docs=mode is Mode.OPEN,
    )
    return Security(gate, limits, audit, rules)


def _rooms(url: str) -> tuple[str, ...]:
    """Where pages reach a LiveKit server: by socket, and by requests that say why a socket was refused."""
    secure, plain = url.startswith(("wss:", "https:")), url.partition("://")[2]
    if not plain:
        return ()
    schemes = ("wss", "https") if secure else ("ws", "http")
    return tuple(f"{scheme}://{plain.partition('/')[0]}" for scheme in schemes)
