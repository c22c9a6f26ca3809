"""The codec of OpenAI's Realtime protocol: both ends against each other, and both against openai-python's models."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from antiphon.wire import openai_realtime as rt
from wire.realtime_events import (
    CLIENT_EVENTS,
    PLAIN,
    SERVER_EVENTS,
    SESSIONS,
    hold_against_openai,
)


def name(event: object) -> str:
    return type(event).__name__


def test_every_event_has_an_example() -> None:
    assert {type(event) for event in CLIENT_EVENTS} == set(get_args(rt.ClientEvent))
    assert {type(event) for event in SERVER_EVENTS} == set(get_args(rt.ServerEvent))
    assert len(get_args(rt.ClientEvent)) == 11


@pytest.mark.parametrize("event", CLIENT_EVENTS, ids=name)
def test_what_a_client_writes_the_server_reads_and_openai_knows(event: rt.ClientEvent) -> None:
    text = rt.ClientSide().encode(event)
    assert rt.ServerSide("s").decode(text) == event
    hold_against_openai(text, is_client=True)


@pytest.mark.parametrize("event", SERVER_EVENTS, ids=name)
def test_what_a_server_writes_the_client_reads_and_openai_knows(event: rt.ServerEvent) -> None:
    text = rt.ServerSide("s").encode(event)
    assert replace(rt.ClientSide().decode(text), event_id="") == as_told(event)
    hold_against_openai(text, is_client=False)


def as_told(event: rt.ServerEvent) -> rt.ServerEvent:
    """Of a session's transcription, only three settings are told."""
    if not isinstance(event, rt.SessionCreated | rt.SessionUpdated):
        return event
    transcription = event.session.audio.input.transcription
    if transcription is None:
        return event
    told = rt.Transcription(transcription.model, transcription.language, transcription.prompt)
    patch = rt.between(event.session, event.session)
    values = {
        "audio": rt.Patch(
            type(event.session.audio), {"input": rt.Patch(rt.AudioInput, {"transcription": told})}
        )
    }
    return replace(event, session=replace(patch, values=values).onto(event.session))


def test_no_two_events_share_an_id() -> None:
    one, other = rt.ServerSide("one"), rt.ServerSide("other")
    ids = [json.loads(side.encode(event))["event_id"] for event in SERVER_EVENTS for side in (one, other)]
    assert len(set(ids)) == len(ids)


def test_an_event_id_that_was_given_is_kept() -> None:
    assert '"event_id":"event_7"' in rt.ServerSide("s").encode(rt.AudioCleared(event_id="event_7"))


@pytest.mark.parametrize(
    "kind", ["response.audio.delta", "conversation.item.created", "mcp_list_tools.completed"]
)
def test_an_event_of_another_server_is_passed_over_by_the_client(kind: str) -> None:
    event = rt.ClientSide().decode(json.dumps({"type": kind, "event_id": "e", "more": [1]}))
    assert event == rt.UnknownEvent(kind, event_id="e")


def test_an_item_of_another_kind_is_passed_over_by_the_client() -> None:
    item = {"type": "mcp_call", "id": "item_m", "object": "realtime.item", "name": "x"}
    event = rt.ClientSide().decode(
        json.dumps({"type": "conversation.item.added", "event_id": "e", "item": item})
    )
    assert event == rt.ItemAdded(rt.UnknownItem("mcp_call", "item_m"), event_id="e")


@pytest.mark.parametrize("session", SESSIONS)
def test_a_whole_session_written_over_another_is_that_session(session: rt.AnySession) -> None:
    told = rt.whole(session).onto(type(session)())
    assert told == session


@pytest.mark.parametrize("new", SESSIONS[:3])
@pytest.mark.parametrize("old", SESSIONS[:3])
def test_the_difference_of_two_sessions_leads_from_one_to_the_other(old: rt.Session, new: rt.Session) -> None:
    assert rt.between(old, new).onto(old) == new


def test_nothing_is_changed_by_an_update_that_names_nothing() -> None:
    update = rt.ServerSide("s").decode('{"type":"session.update","session":{}}')
    assert isinstance(update, rt.UpdateSession)
    assert rt.changed(PLAIN, update.session) == PLAIN
