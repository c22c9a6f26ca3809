"""Whatever comes is understood or refused, and every value there can be comes through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.wire import openai_realtime as rt
from antiphon.wire.openai_realtime.schema import Bounds, Settings
from wire.realtime_events import CLIENT_EVENTS, SERVER_EVENTS, hold_against_openai

# ---- whatever comes --------------------------------------------------------------------------------------
GOOD = [json.loads(rt.ClientSide().encode(event)) for event in CLIENT_EVENTS]
TOLD = [json.loads(rt.ServerSide("s").encode(event)) for event in SERVER_EVENTS]
WORDS = sorted({word for event in GOOD for word in json.dumps(event).split('"') if 2 < len(word) < 40})
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS)
    | st.sampled_from([2**63, 2**2000, -1, 1e308, "\ud800", "\0", ""])
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda some: st.lists(some, max_size=4) | st.dictionaries(st.sampled_from(WORDS), some, max_size=6),
    max_leaves=12,
)


@st.composite
def bent(draw: st.DrawFn, events: list[Any]) -> str:
    """A good event in which something was replaced, dropped or added."""
    event = json.loads(json.dumps(draw(st.sampled_from(events))))
    for _ in range(draw(st.integers(1, 3))):
        place = event
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.booleans()):
                place[key] = draw(ANYTHING)
            elif isinstance(place, dict) and draw(st.booleans()):
                place[draw(st.sampled_from(WORDS))] = draw(ANYTHING)
            else:
                del place[key]
            break
    return json.dumps(event)


@settings(max_examples=400, deadline=None)
@given(bent(GOOD) | ANYTHING.map(json.dumps) | st.text() | st.binary())
def test_whatever_a_client_sends_is_understood_or_refused(text: str | bytes) -> None:
    side = rt.ServerSide("s")
    try:
        event = side.decode(text)
    except rt.EventRefused as refused:
        told = side.encode(rt.error_event(refused))
        told.encode()
        hold_against_openai(told, is_client=False)
    else:
        written = rt.ClientSide().encode(event)
        assert side.decode(written) == event
        if isinstance(event, rt.UpdateSession):
            of_kind: rt.AnySession = (
                rt.Session() if event.session.kind is rt.Session else rt.TranscriptionSession()
            )
            hold_against_openai(
                side.encode(rt.SessionUpdated(rt.changed(of_kind, event.session))), is_client=False
            )


@settings(max_examples=200, deadline=None)
@given(bent(TOLD) | ANYTHING.map(json.dumps))
def test_whatever_a_server_sends_is_understood_or_refused(text: str) -> None:
    side = rt.ClientSide()
    try:
        event = side.decode(text)
    except rt.EventRefused:
        return
    if not isinstance(event, rt.UnknownEvent):
        rt.ServerSide("s").encode(event).encode()


# ---- every value there can be ----------------------------------------------------------------------------
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Everything that the type hint allows."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = next((mark for mark in args[1:] if isinstance(mark, Bounds)), None)
        return within(args[0], bounds) if bounds else values(args[0])
    if origin in (Union, UnionType):
        return st.one_of(*map(values, args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is rt.Patch:
        return patches(args[0])
    if origin is not None and issubclass(origin, Mapping):
        one = (
            values(args[1])
            if args[1] is not object
            else st.booleans() | st.integers(-9, 9) | TEXT | st.lists(TEXT)
        )
        return st.dictionaries(TEXT, one, max_size=3)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return made(hint)
    return {
        str: TEXT,
        int: st.integers(0, 2**31),
        float: st.floats(-1e9, 1e9),
        bool: st.booleans(),
        bytes: st.binary(max_size=9),
        NoneType: st.none(),
    }[hint]


def within(hint: Any, bounds: Bounds) -> st.SearchStrategy[Any]:
    low, high = int(bounds.low), int(bounds.high)
    if hint is int:
        return st.integers(low, high)
    if hint is float:
        return st.floats(bounds.low, bounds.high)
    return values(hint).filter(lambda value: low <= len(value) <= high)


def made(kind: type) -> st.SearchStrategy[Any]:
    if kind is rt.FunctionTool:
        return st.builds(kind, st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True), st.none() | TEXT)
    if kind is rt.Pcm:
        return st.just(rt.Pcm())
    if kind is rt.UnknownItem:
        return st.builds(kind, st.just("mcp_call"), st.none() | TEXT)
    hints = get_type_hints(kind, include_extras=True)
    every = {item.name: values(hints[item.name]) for item in fields(kind)}
    return st.builds(kind, **every).filter(is_sound)


def is_sound(value: object) -> bool:
    try:
        if isinstance(value, rt.Message | rt.CreateItem | rt.ResponseParams):
            value.check("")
    except rt.EventRefused:
        return False
    return True


def patches(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    named = {item.name: change(hints[item.name]) for item in fields(kind)}
    return st.fixed_dictionaries({}, optional=named).map(lambda some: rt.Patch(kind, some))


def change(hint: Any) -> st.SearchStrategy[Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated and get_origin(args[0]) in (Union, UnionType):
        return change(args[0])
    if origin in (Union, UnionType):
        return st.one_of(*(change(one) for one in args))
    return patches(hint) if isinstance(hint, type) and issubclass(hint, Settings) else values(hint)


@pytest.mark.parametrize("kind", get_args(rt.ClientEvent), ids=lambda kind: kind.__name__)
def test_every_client_event_there_can_be_comes_through(kind: type[rt.ClientEvent]) -> None:
    @settings(max_examples=40, deadline=None)
    @given(made(kind))
    def comes_through(event: rt.ClientEvent) -> None:
        assert rt.ServerSide("s").decode(rt.ClientSide().encode(event)) == event

    comes_through()


SESSIONS_TOLD = (rt.SessionCreated, rt.SessionUpdated)


@pytest.mark.parametrize("kind", get_args(rt.ServerEvent), ids=lambda kind: kind.__name__)
def test_every_server_event_there_can_be_comes_through(kind: type[rt.ServerEvent]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(made(kind))
    def comes_through(event: rt.ServerEvent) -> None:
        text = rt.ServerSide("s").encode(event)
        back = rt.ClientSide().decode(text)
        assert back.event_id
        if event.event_id and not isinstance(event, SESSIONS_TOLD):
            assert back == event
        assert rt.ServerSide("s").encode(back) == text  # type: ignore[arg-type]

    comes_through()
