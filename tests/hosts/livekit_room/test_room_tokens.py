"""Who may enter a room, and what a worker is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.api import TokenVerifier

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys, dispatched
from antiphon.hosts.security.tokens import session_id

KEYS = RoomKeys("ws://127.0.0.1:7880", "key", "a secret that is as long as it should be")


def claims(token: str):  # type: ignore[no-untyped-def]
    return TokenVerifier(KEYS.key, KEYS.secret).verify(token)


def test_a_student_may_talk_and_brings_the_agent() -> None:
    told = Dispatched("tutor", "ann", "school")
    found = claims(tokens.student(KEYS, "r", "ann", told))
    assert found.identity == "student-ann"
    assert (found.video.room_join, found.video.room, found.video.can_publish) == (True, "r", True)
    assert not found.video.room_admin
    (agent,) = found.room_config.agents
    assert agent.agent_name == tokens.ORCHESTRATOR
    assert dispatched(agent.metadata) == told
    assert KEYS.resume("s") not in json.dumps(agent.metadata), "what takes a session up is no student's"


def test_a_supervisor_is_known_by_the_identity() -> None:
    found = claims(tokens.supervisor(KEYS, "r", "mia"))
    assert tokens.is_supervisor(found.identity)
    assert not tokens.is_supervisor(claims(tokens.student(KEYS, "r", "teacher-ann", Dispatched())).identity)
    assert not found.video.room_admin
    assert tokens.SUPERVISOR_FOR.total_seconds() <= 300


def test_a_room_that_we_named_has_the_session_of_its_name() -> None:
    mine = session_id()
    assert KEYS.session(mine) == mine
    other = KEYS.session("Mathematics, room 4")
    assert other == KEYS.session("Mathematics, room 4") != KEYS.session("Mathematics, room 5")
    assert KEYS.resume(mine) != RoomKeys(KEYS.url, "key", "another secret of ours").resume(mine)


@given(st.text())
def test_whatever_a_job_says_is_read(metadata: str) -> None:
    dispatched(metadata)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["agent", "history", "question"]), inner)
        ),
    )
)
def test_whatever_json_a_job_says_is_read(metadata: object) -> None:
    assert dispatched(json.dumps(metadata)).agent


def test_what_is_dispatched_comes_back() -> None:
    told = Dispatched(
        "tutor", "a", "t", "What?", (("user", "Hi"), ("agent", "Hello")), "agent-1", "student-a"
    )
    assert dispatched(told.encode()) == told


def test_half_a_server_is_none() -> None:
    assert RoomKeys.of(Settings(livekit_url="")) is None
    with pytest.raises(SetupError, match="LIVEKIT_API_SECRET"):
        RoomKeys.of(Settings(livekit_url="ws://x", livekit_api_key="k", livekit_api_secret=""))  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="ws://"):
        RoomKeys.of(Settings(livekit_url="x", livekit_api_key="k", livekit_api_secret="s" * 16))  # type: ignore[arg-type]


def test_a_call_for_a_person_brings_them_into_the_room() -> None:
    told = tokens.escalated(KEYS, "Mathematics, room 4", "on-call")
    assert claims(told["livekit_token"]).video.room == told["livekit_room"] == "Mathematics, room 4"
    assert told["livekit_url"] == KEYS.url
