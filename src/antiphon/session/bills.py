"""Who pays: what providers say they did for a turn becomes a note of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from antiphon.core.events import TurnId
from antiphon.core.notes import ModelUsed, ServiceUsed
from antiphon.ports import BILLS, Usage, Used


@contextmanager
def billed(turn: Callable[[], TurnId], tell: Callable[[ModelUsed | ServiceUsed], None]) -> Iterator[None]:
    """What is used inside, and by tasks that are started inside, is told as a note of the turn it then is."""

    def note(used: Used | Usage) -> None:
        match used:
            case Used(kind, service, seconds, characters, tokens, requests, is_estimate):
                told = (round(seconds, 3), characters, tokens, requests, is_estimate)
                tell(ServiceUsed(turn(), kind, service, *told))
            case Usage(model, read, written, cached, stored):
                tell(ModelUsed(turn(), model, read, written, cached, stored))

    before = BILLS.set(note)
    try:
        yield
    finally:
        BILLS.reset(before)
