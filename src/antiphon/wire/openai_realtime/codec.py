"""The two ends of the connection: what each may read, and what each may write. One text is one event."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from antiphon.wire.openai_realtime.client_events import CLIENT_KINDS, ClientEvent
from antiphon.wire.openai_realtime.conversation_events import SessionCreated, SessionUpdated, UnknownEvent
from antiphon.wire.openai_realtime.reading import read
from antiphon.wire.openai_realtime.refusal import EventRefused, missing, wrong_type, wrong_value
from antiphon.wire.openai_realtime.schema import Id
from antiphon.wire.openai_realtime.server_events import SERVER_KINDS, ServerEvent
from antiphon.wire.openai_realtime.session import echoed
from antiphon.wire.openai_realtime.writing import plain

MAX_EVENT = 4 * 1024 * 1024
"Characters of one event: over a minute of 24 kHz sound in base64. Sound comes in small pieces or it is late."


class ServerSide:
    """Reads a client's events, writes a server's. One per session: `name` makes its event ids unlike any other's."""

    def __init__(self, name: str, *, session_id: str = "", longest: int = MAX_EVENT) -> None:
        """`session_id`: what the session is called where it is told of; empty: it has no name."""
        self._name = name
        self._session_id = session_id
        self._longest = longest
        self._written = 0

    def decode(self, text: str | bytes) -> ClientEvent:
        """What a client sent. Raises EventRefused, and nothing else, with the event id if there was one."""
        data = parsed(text, self._longest)
        try:
            kind = CLIENT_KINDS.get(_type(data))
            if kind is None:
                raise wrong_value("type", data["type"], CLIENT_KINDS)
            return read(kind, data)
        except EventRefused as refused:
            _name_event(refused, data)
            raise

    def encode(self, event: ServerEvent) -> str:
        """The event as text, with the next event id unless it has one; a session as its client may be told of it."""
        if not event.event_id:
            self._written += 1
            event = replace(event, event_id=f"event_{self._name}_{self._written}")
        if isinstance(event, SessionCreated | SessionUpdated):
            told = plain(replace(event, session=echoed(event.session)))
            if self._session_id:
                told["session"] = {"id": self._session_id, **told["session"]}
            return _text(told)
        return written(event)


class ClientSide:
    """Reads a server's events, writes a client's."""

    def __init__(self, *, longest: int = 4 * MAX_EVENT) -> None:
        self._longest = longest

    def decode(self, text: str | bytes) -> ServerEvent | UnknownEvent:
        """What a server sent. Raises EventRefused, and nothing else."""
        data = parsed(text, self._longest)
        try:
            kind = SERVER_KINDS.get(_type(data))
            return read(kind, data) if kind is not None else read(UnknownEvent, data)
        except EventRefused as refused:
            _name_event(refused, data)
            raise

    def encode(self, event: ClientEvent) -> str:
        """The event as text."""
        return written(event)


def written(value: object) -> str:
    """JSON text of one of our values."""
    return _text(plain(value))


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def parsed(text: str | bytes, longest: int) -> dict[str, object]:
    """The JSON object that `text` is. Raises EventRefused, and nothing else."""
    if len(text) > longest:
        raise EventRefused(
            f"An event may hold at most {longest} characters, got {len(text)}.",
            code="string_above_max_length",
        )
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise EventRefused(f"The event is not valid JSON: {why}.", code="invalid_json") from None
    if not isinstance(data, dict):
        raise wrong_type("event", "an object", data)
    return data


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _type(data: dict[str, object]) -> str:
    kind = data.get("type")
    if kind is None:
        raise missing("type")
    if not isinstance(kind, str):
        raise wrong_type("type", "a string", kind)
    return kind


def _name_event(refused: EventRefused, data: dict[str, object]) -> None:
    with suppress(EventRefused):
        refused.event_id = read(_Named, data).event_id


@dataclass(frozen=True, slots=True)
class _Named:
    event_id: Id | None = None
