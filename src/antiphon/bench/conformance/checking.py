"""A check: something that a server must do, by name, and how to find out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from antiphon.bench.conformance.connection import Connection, Server
from antiphon.bench.conformance.expecting import Unmet as Unmet
from antiphon.bench.conformance.expecting import demand as demand


class Level(StrEnum):
    """How much depends on it."""

    P0 = "P0"
    "A client in common use fails without it."
    P1 = "P1"
    "OpenAI's server does it, and programs may rely on it."


Run = Callable[[Server], Awaitable[None]]
Audit = Callable[[list[Connection]], None]


@dataclass(frozen=True, slots=True)
class Check:
    """Raises `Unmet` when the server does not do it. `told`: what is checked, and who needs it."""

    name: str
    level: Level
    told: str
    run: Run


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Likewise of everything that was seen in the other checks."""

    name: str
    level: Level
    told: str
    look: Audit


CHECKS: dict[str, Check] = {}
"In the order in which they are run."
AUDITS: dict[str, Afterwards] = {}


def check(level: Level) -> Callable[[Run], Run]:
    """The function is a check of its name; its docstring tells what is checked."""

    def note(run: Run) -> Run:
        name = _name(run)
        CHECKS[name] = Check(name, level, _told(run), run)
        return run

    return note


def audit(level: Level) -> Callable[[Audit], Audit]:
    """The function looks at what was seen, when all checks have been run."""

    def note(look: Audit) -> Audit:
        name = _name(look)
        AUDITS[name] = Afterwards(name, level, _told(look), look)
        return look

    return note


def _name(function: object) -> str:
    return str(getattr(function, "__name__", ""))


def _told(function: object) -> str:
    return " ".join((function.__doc__ or "").split())
