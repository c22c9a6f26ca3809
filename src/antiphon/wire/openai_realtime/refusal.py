"""What OpenAI's server says when it cannot accept an event: the text, the code, and the field at fault."""

from __future__ import annotations

from collections.abc import Iterable, Sized

from antiphon.core.errors import CallerError

_SHOWN = 64
"Characters of a refused value that are repeated to the one who sent it."
_NAMES = {
    type(None): "null", bool: "a boolean", int: "an integer", float: "a decimal", str: "a string",
    list: "an array", dict: "an object",
}  # fmt: skip


class EventRefused(CallerError):
    """An event that cannot be accepted. `error_event` in `server_events` makes of it what the client is sent.

    `param` is the path of the field at fault, and `event_id` the client's own id of the event, where it is known.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid_value",
        param: str | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(message, field=param, code=code)
        self.param = param
        self.event_id = event_id


def missing(path: str) -> EventRefused:
    return EventRefused(
        f"Missing required parameter: '{path}'.", code="missing_required_parameter", param=path
    )


def wrong_type(path: str, expected: str, value: object) -> EventRefused:
    got = _NAMES.get(type(value), "something else")
    return EventRefused(
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        code="invalid_type",
        param=path,
    )


def out_of_bounds(path: str, found: Sized | float, low: float, high: float) -> EventRefused:
    """A number beyond its limits, or something that is too long or too short."""
    is_over = (found if isinstance(found, int | float) else len(found)) > high
    limit = high if is_over else low
    if isinstance(found, int | float):
        what = "integer" if isinstance(found, int) else "decimal"
        how, end, sign = ("above maximum", "max", "<=") if is_over else ("below minimum", "min", ">=")
        text = f"{what} {how} value. Expected a value {sign} {limit:g}, but got {found:g} instead."
        return EventRefused(
            f"Invalid '{path}': {text}", code=f"{what}_{how.split()[0]}_{end}_value", param=path
        )
    what = "string" if isinstance(found, str) else "array" if isinstance(found, tuple) else "object"
    how, side = ("long", "above_max") if is_over else ("short", "below_min")
    text = f"{what} too {how}. Expected a length of at {'most' if is_over else 'least'} {limit:g}, got {len(found)}."
    return EventRefused(f"Invalid '{path}': {text}", code=f"{what}_{side}_length", param=path)


def wrong_value(
    path: str, value: object, supported: Iterable[str] = (), *, because: str = ""
) -> EventRefused:
    """`supported` are the values that would do; `because` says it in words where they cannot be listed."""
    shown = (
        ascii(value) if isinstance(value, str | int | float | None) else _NAMES.get(type(value), "something")
    )
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    values = ", ".join(f"'{one}'" for one in supported)
    hint = because or (f"Supported values are: {values}." if values else "")
    return EventRefused(f"Invalid value: {shown}. {hint}".rstrip(), param=path)
