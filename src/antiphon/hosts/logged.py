"""Whose log line it is: everything that runs for a call, libraries too, names it in every line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar

from structlog.typing import EventDict, WrappedLogger

Named = Callable[[], Mapping[str, object]]

_CALL: ContextVar[Named | None] = ContextVar("antiphon_call", default=None)


def lines_name(call: Named) -> None:
    """From here on the lines of this task, and of those that it starts, have what `call()` tells at that moment."""
    _CALL.set(call)


def name_call(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor: what is known of the call, where the line itself does not say so."""
    call = _CALL.get()
    return event if call is None else {**call(), **event}
