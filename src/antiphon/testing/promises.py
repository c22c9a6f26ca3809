"""How conformance suites say that a promise was broken."""

from __future__ import annotations

from collections.abc import Awaitable

from antiphon.core.errors import CallerError


def claim(is_so: bool, otherwise: str) -> None:
    """It is so. Raises AssertionError with what is the case `otherwise`."""
    if not is_so:
        raise AssertionError(otherwise)


async def refused(asked: Awaitable[object], code: str, otherwise: str) -> None:
    """What was asked for was refused with a CallerError of this code. Raises AssertionError."""
    try:
        await asked
    except CallerError as error:
        claim(error.code == code, f"{otherwise}: the error's code is {error.code}, not {code}")
        return
    raise AssertionError(otherwise)
