"""What a check says when it does not find what it looks for."""

from __future__ import annotations


class Unmet(Exception):
    """The server does not do what is checked; the text says what it does instead."""


def demand(is_met: object, otherwise: str) -> None:
    """Raises Unmet with that text, unless it is met."""
    if not is_met:
        raise Unmet(otherwise)


class NotRun(Exception):
    """The check could not be made here; the text says what it needs."""
