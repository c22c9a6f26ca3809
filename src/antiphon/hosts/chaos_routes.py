"""Switches by which a developer breaks a part of the running server, to see and hear what callers notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from antiphon.core.errors import CallerError
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act
from antiphon.hosts.stage import Stage
from antiphon.providers.resilience.chain import chain_of
from antiphon.providers.resilience.hindrance import Hindrance

DELAY_S = 2.5
"Seconds that whoever is slowed down takes longer to begin: more than anybody waits for without a word."
LOST = "the connection was dropped to see what happens"


@dataclass(frozen=True, slots=True)
class Switch:
    """One thing that can be broken, and mended again."""

    name: str
    title: str
    hindrance: Hindrance
    fails: bool
    "It fails; otherwise it is slow."

    @property
    def is_on(self) -> bool:
        return self.hindrance.fails if self.fails else self.hindrance.delay_s > 0

    def turn(self, is_on: bool) -> None:
        if self.fails:
            self.hindrance.fails = is_on
        else:
            self.hindrance.delay_s = DELAY_S if is_on else 0.0


class Turned(BaseModel):
    """How a switch is to stand."""

    model_config = ConfigDict(extra="forbid")
    is_on: bool


def create_chaos(stage: Stage, gate: Gate) -> APIRouter:
    """The routes, for administrators of a server with `ANTIPHON_CHAOS`. What is refused is raised as CallerError."""
    router = APIRouter(prefix="/api/chaos", tags=["chaos"])

    async def allowed(request: Request) -> Callable[[str], None]:
        person = await gate.allowed(request, Act.DISTURB)
        if not stage.settings.chaos:
            raise CallerError("nothing is broken on purpose here: set ANTIPHON_CHAOS=true", code="no_chaos")
        return lambda what: gate.audit.record(f"{person.tenant}/{person.id}", Deed.DISTURBED, what, {})

    @router.get("")
    async def switches(request: Request) -> dict[str, object]:
        """What can be broken, and what is."""
        await allowed(request)
        return {"switches": [_told(switch) for switch in switches_of(stage)]}

    @router.put("/{name}")
    async def turn(name: str, turned: Turned, request: Request) -> dict[str, object]:
        """A part fails or dawdles from now on, or no longer."""
        record = await allowed(request)
        switch = next((one for one in switches_of(stage) if one.name == name), None)
        if switch is None:
            raise CallerError(f"there is no switch {name!r}", field="name", code="unknown_switch")
        switch.turn(turned.is_on)
        record(f"{name} {'on' if turned.is_on else 'off'}")
        return _told(switch)

    @router.post("/drop")
    async def drop(request: Request) -> dict[str, object]:
        """Every caller's connection counts as lost. Who can come back does, and goes on."""
        record = await allowed(request)
        on_air = list(stage.sessions.values())
        for session in on_air:
            session.lose(LOST)
        record(f"{len(on_air)} connections")
        return {"dropped": len(on_air)}

    return router


def switches_of(stage: Stage) -> list[Switch]:
    """Two for each provider that there is: one that makes it fail, one that makes it slow."""
    hands = stage.providers
    found: list[Switch] = []
    for name, title, provider in (
        ("recognizer", "the recognizer", hands.recognizer),
        ("model", "the language model", hands.model),
        ("voice", "the voice", hands.synthesizer),
    ):
        if (chain := chain_of(provider)) is not None:
            found.append(Switch(f"{name}_fails", f"{title} fails", chain.hindrance, True))
            found.append(
                Switch(f"{name}_slow", f"{title} begins {DELAY_S:g} s later", chain.hindrance, False)
            )
    return found


def _told(switch: Switch) -> dict[str, object]:
    return {"name": switch.name, "title": switch.title, "is_on": switch.is_on}
