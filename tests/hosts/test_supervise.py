"""A teacher beside a call, over real WebSockets: what they see, hear and may do, and what the caller learns of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import websockets
from manor import (
    ANNA,
    BEN,
    HEAD,
    LOUD,
    OTHER,
    RATE,
    STRANGER,
    TEACHER,
    TUTOR,
    Party,
    is_loud,
    manor,
)

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.core.audio import Pcm
from antiphon.core.records import SERVICE
from antiphon.hosts.security.people import Person
from antiphon.hosts.security.tokens import Purpose
from antiphon.session.journal import decode_entry
from antiphon.testing.models import ScriptedModel
from antiphon.wire import native, supervision

pytestmark = pytest.mark.anyio

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Strict:
    """Lets nothing pass that holds the word “rude”."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Block(("profanity",), 0.9) if "rude" in text else Allow()


async def open_question(question: Question) -> Grounding:
    return Grounding()


def writer() -> Agent:
    return Agent("parrot", "Be brief.", (Specialist("only", "", open_question),), Strict())


async def ask(caller: Party, text: str = "Good day.") -> None:
    """A typed line, answered and remembered."""
    await caller.send(type="text", text=text)
    await caller.until("remembered", role="agent", within=10)


# ---- standing by ----------------------------------------------------------------------------------------
async def test_who_joins_gets_the_lines_so_far_and_the_caller_is_told(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session):
        await ask(caller)
        clicked = asyncio.get_running_loop().time()
        async with house.watch(session) as teacher:
            watching = await teacher.until("watching")
            assert (watching["session"], watching["agent"], watching["turn"]) == (session, "parrot", 1)
            lines = [await teacher.until("remembered") for _ in range(2)]
            assert [(line["role"], line["text"], line["is_past"]) for line in lines] == [
                ("user", "Good day.", True),
                ("agent", "You said: Good day. That is all.", True),
            ]
            await caller.until("supervised", by="teacher", how="joined")
            assert asyncio.get_running_loop().time() - clicked < 1.0
        await caller.until("supervised", by="teacher", how="left")


async def test_what_happens_is_seen_and_heard(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session), house.watch(session) as teacher:
        await teacher.until("watching")
        speaking = asyncio.create_task(caller.says(0.6, 1.2))
        await teacher.until("transcript", text="Hello.")
        await teacher.until("remembered", role="agent", within=10, is_past=False)
        await speaking
        assert LOUD in teacher.heard(supervision.CALLER)
        assert teacher.heard(1)[: len(caller.heard(1))] == caller.heard(1)
        offsets = [frame.offset for _, frame in teacher.sound if frame.turn == 1]
        assert offsets == sorted(offsets)
        assert [m["phase"] for m in teacher.all("phase")][-1] == "idle"


async def test_sound_is_sent_only_to_who_wants_it(tmp_path: Path):
    async with (
        manor(tmp_path) as house,
        house.call() as (caller, session),
        house.watch(session, sound=False) as teacher,
    ):
        await teacher.until("watching")
        await ask(caller)
        await teacher.until("remembered", role="agent")
        assert not teacher.sound


# ---- whisper and say ------------------------------------------------------------------------------------
async def test_a_whisper_is_minded_and_never_shown(tmp_path: Path):
    model = ScriptedModel(["Certainly."])
    async with (
        manor(tmp_path, writer(), model=model) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
        house.watch(session, TUTOR) as other,
    ):
        await teacher.until("watching")
        await other.until("watching")
        await teacher.send(type="whisper", text="The secret is Rumpelstiltskin.")
        await teacher.until("whispered", by="teacher", text="The secret is Rumpelstiltskin.")
        await other.until("whispered", by="teacher")
        await ask(caller, "Who is it?")
        assert "Rumpelstiltskin" in model.asked[-1].messages[0].content
        assert "Rumpelstiltskin" not in str(caller.got)


async def test_without_a_model_a_whisper_is_not_said_aloud(tmp_path: Path):
    async with (
        manor(tmp_path, writer()) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        await teacher.send(type="whisper", text="He is upset: be gentle.")
        await teacher.until("whispered")
        await ask(caller, "Who is it?")
        assert "gentle" not in str(caller.got)


async def test_a_line_is_said_when_nobody_speaks(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session), house.watch(session) as teacher:
        await teacher.until("watching")
        await caller.send(type="text", text="one two")
        await caller.until("sentence")
        await teacher.send(type="say", text="Your teacher says well done.")
        first = await caller.until("remembered", role="agent", within=10)
        line = await caller.until("sentence", purpose="person")
        assert line["text"] == "Your teacher says well done."
        said = await caller.until("remembered", role="supervisor", within=10)
        assert (first["text"], said["text"]) == (
            "You said: one two That is all.",
            "Your teacher says well done.",
        )
        spoken = caller.at("sentence", sentence=1), caller.at("sentence", purpose="person")
        assert spoken[1] - spoken[0] > 0.5, "it waits until the answer has been heard"


async def test_a_line_that_may_not_be_said_is_refused(tmp_path: Path):
    async with (
        manor(tmp_path, writer()) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        await teacher.send(type="say", text="A rude word.")
        refused = await teacher.until("line_refused")
        assert (refused["text"], refused["categories"]) == ("A rude word.", ["profanity"])
        await teacher.send(type="ping", id=1)
        await teacher.until("pong")
        assert not caller.all("sentence")


# ---- taking over ----------------------------------------------------------------------------------------
async def test_a_person_takes_over_in_mid_sentence_and_hands_back(tmp_path: Path):
    model = ScriptedModel([LONG, "Then let us go on."])
    async with (
        manor(tmp_path, writer(), model=model, words=["This is your teacher."]) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        await caller.send(type="text", text="Help me.")
        await caller.until("sentence")
        while len(caller.heard(1)) < 40_000:
            await asyncio.sleep(0.01)
        asked = asyncio.get_running_loop().time()
        await teacher.send(type="take_over")
        await caller.until("supervised", by="teacher", how="taken_over")
        await caller.until("clear", turn=1)
        await caller.until("remembered", role="agent")
        assert caller.at("clear") - asked < 0.15
        assert max(t for t, frame in caller.sound if frame.turn == 1) < caller.at("clear") + 0.02

        await teacher.says(0.6, 1.2)
        spoken = await caller.until("remembered", role="supervisor")
        assert spoken["text"] == "This is your teacher."
        assert is_loud(caller.heard(native.LIVE))

        # The caller answers the person; the agent keeps out of it.
        await caller.send(type="text", text="Good to hear you.")
        await caller.until("remembered", role="user", text="Good to hear you.")
        await asyncio.sleep(0.3)
        assert len(model.asked) == 1

        await teacher.send(type="hand_back")
        await caller.until("supervised", by="teacher", how="handed_back")
        await ask(caller, "And now?")
        known = [message.content for message in model.asked[-1].messages]
        assert "This is your teacher." in known and "Good to hear you." in known
        assert not [m for m in caller.all("sentence") if m["purpose"] == "greeting"]


async def test_the_last_words_before_handing_back_are_remembered(tmp_path: Path):
    async with (
        manor(tmp_path, words=["Go on with the tutor."]) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        await teacher.send(type="take_over")
        await teacher.says(0.6, 0.0)
        await teacher.send(type="hand_back")
        await caller.until("supervised", how="handed_back")
        said = await caller.until("remembered", role="supervisor")
        assert (said["text"], said["by"]) == ("Go on with the tutor.", "teacher")
        async with house.watch(session) as other:
            past = await other.until("remembered", role="supervisor", is_past=True)
            assert past["by"] == "teacher"


async def test_only_one_holds_the_call(tmp_path: Path):
    """Also when both are the same person, with two pages."""
    async with (
        manor(tmp_path) as house,
        house.call() as (caller, session),
        house.watch(session) as first,
        house.watch(session, TUTOR) as other,
        house.watch(session) as again,
    ):
        for page in (first, other, again):
            await page.until("watching")
        await first.send(type="take_over")
        await caller.until("supervised", how="taken_over")
        for page in (other, again):
            await page.send(type="take_over")
            assert (await page.until("error"))["code"] == "taken_over"
            await page.send(type="hand_back")
            assert (await page.until("error"))["code"] == "not_taken_over"
            await page.socket.send(LOUD * 10)
        await first.says(0.2, 0.0)
        await other.until("supervised", by="teacher", how="taken_over")
        async with asyncio.timeout(2):
            while not other.heard(native.LIVE):
                await asyncio.sleep(0.01)
        assert not first.heard(native.LIVE)
        assert len(caller.heard(native.LIVE)) <= 0.2 * 2 * RATE
        await again.socket.close()
        await caller.until("supervised", how="left")
        assert house.stage.sessions[session].supervision.taken_over_by == "teacher"


async def test_a_supervisor_who_vanishes_hands_back(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session):
        async with house.watch(session) as teacher:
            await teacher.until("watching")
            await teacher.send(type="take_over")
            await caller.until("supervised", how="taken_over")
            await caller.send(type="text", text="Are you there?")
            await caller.until("remembered", role="user")
            teacher.socket.transport.abort()
            await caller.until("supervised", how="handed_back")
            await caller.until("supervised", how="left")
        await ask(caller, "Hello?")


async def test_a_call_that_goes_on_after_a_lost_connection_is_the_agents_again(tmp_path: Path):
    async with manor(tmp_path) as house:
        async with house.call() as (caller, session):
            resume = caller.all("ready")[0]["resume"]
            async with house.watch(session) as teacher:
                await teacher.until("watching")
                await teacher.send(type="take_over")
                await caller.until("supervised", how="taken_over")
                caller.socket.transport.abort()
                ended = await teacher.until("ended")
                assert ended["reason"] == "the caller's connection was lost"
                assert (await teacher.parted())[0] == 1012
        async with house.call(session=session, resume=resume) as (caller, again):
            assert again == session
            await caller.until("supervised", how="handed_back")
            await ask(caller, "Are you back?")


async def test_when_the_caller_hangs_up_the_post_ends(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session), house.watch(session) as teacher:
        await teacher.until("watching")
        await caller.send(type="bye")
        assert (await teacher.until("ended"))["reason"] == "the call is over"
        assert (await teacher.parted())[0] == 1000


async def test_who_stood_by_and_what_they_did_is_in_the_journal(tmp_path: Path):
    async with manor(tmp_path, writer(), words=["Good morning."]) as house:
        async with house.call() as (caller, session), house.watch(session) as teacher:
            await teacher.until("watching")
            await teacher.send(type="whisper", text="psst")
            await teacher.send(type="say", text="Hello there.")
            await caller.until("remembered", role="supervisor", within=10)
            await teacher.send(type="take_over")
            await teacher.says(0.6, 1.2)
            await caller.until("remembered", role="supervisor", text="Good morning.")
            await teacher.send(type="hand_back")
            await caller.until("supervised", how="handed_back")
            await caller.send(type="bye")
            await teacher.parted()
        assert house.stage.records is not None
        await house.stage.records.flush()
        lines = [line async for line in house.stage.records.entries(SERVICE, session)]
        names = [type(decode_entry(line).item).__name__ for line in lines[1:]]
        acts = [
            name
            for name in names
            if name in ("Attended", "Whispered", "LineGiven", "TakenOver", "PersonSpoke", "HandedBack")
        ]
        assert acts[:6] == ["Attended", "Whispered", "LineGiven", "TakenOver", "PersonSpoke", "HandedBack"]


# ---- who may, and what cannot be understood ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("person", "code", "reason"),
    [(ANNA, 4403, "not_allowed"), (BEN, 4403, "not_allowed"), (STRANGER, 4404, "unknown_session"),
     (OTHER, 4404, "unknown_session"), (None, 4401, "token_missing")],
)  # fmt: skip
async def test_who_may_not_watch_is_turned_away(
    tmp_path: Path, person: Person | None, code: int, reason: str
):
    async with manor(tmp_path) as house, house.call() as (caller, session):
        async with house.watch(session, person) as nobody:
            assert (await nobody.until("error"))["code"] == reason
            assert (await nobody.parted())[0] == code
        assert not caller.all("supervised")


async def test_a_token_to_watch_opens_its_own_session_and_no_other(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (_, first), house.call(BEN) as (_, second):
        token = house.token(TEACHER, Purpose.WATCH, first)
        call = house.token(TEACHER, Purpose.CALL, "s_of_a_call")
        for offered, session, code in ((token, second, 4401), (call, first, 4401), ("rubbish", first, 4401)):
            async with house.party(f"/supervise?token={offered}", None) as page:
                await page.send(type="watch", session=session)
                assert (await page.parted())[0] == code
        async with house.party(f"/supervise?token={token}", None) as page:
            await page.send(type="watch", session=first)
            await page.until("watching")


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type": "take_over"}', 4400),
        ("{", 4400),
        (b"\x00\x00", 4400),
        ('{"type": "watch"}', 4400),
        ('{"type": "watch", "session": "../../etc/passwd"}', 4400),
        ('{"type": "watch", "session": "s_nobodyknows"}', 4404),
        ('{"type": "watch", "session": "s_nobodyknows", "rate": 1}', 4400),
    ],
)
async def test_a_first_message_that_names_no_session_closes(tmp_path: Path, first: str | bytes, code: int):
    async with manor(tmp_path) as house, house.party("/supervise", HEAD) as page:
        await page.socket.send(first)
        assert (await page.parted())[0] == code
        assert page.all("error")


async def test_malformed_frames_are_named_and_the_post_goes_on_up_to_a_point(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session), house.watch(session) as teacher:
        await teacher.until("watching")
        for frame, code in (
            ("{", "bad_json"),
            ('{"type": "dance"}', "unknown_type"),
            ('{"type": "say", "text": "  "}', "bad_text"),
            ('{"type": "whisper", "text": 5}', "bad_type"),
            ('{"type": "whisper", "text": "%s"}' % ("x" * 2001), "bad_text"),
            (b"\x00" * 321, "bad_audio"),
            (bytes(100_000), "too_large"),
            (json.dumps({"type": "watch", "session": session}), "unexpected"),
        ):
            await teacher.socket.send(frame)
            assert (await teacher.until("error"))["code"] == code
        await teacher.send(type="ping", id=7)
        await teacher.until("pong", id=7)
        for _ in range(20):
            await teacher.socket.send("rubbish")
        assert (await teacher.parted())[0] == 4400
        await caller.until("supervised", how="left")
        await ask(caller)


async def test_a_page_that_never_reads_is_given_up_and_the_call_is_none_the_worse(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session):
        headers = {"authorization": f"Bearer {house.token(TEACHER)}"}
        async with websockets.connect(
            f"ws://{house.address}/supervise", max_queue=1, additional_headers=headers
        ) as deaf:
            await deaf.send(json.dumps({"type": "watch", "session": session}))
            await caller.until("supervised", how="joined")
            post = house.stage.sessions[session].transport.onlookers[0]
            for _ in range(200):
                for _ in range(100):
                    post.agent_said(1, 0, Pcm(LOUD * 4, 16_000))
                    post.resume(1)
                await asyncio.sleep(0)
            await caller.until("supervised", how="left", within=8)
            deaf.transport.abort()
        await ask(caller)


# ---- calling for a person -------------------------------------------------------------------------------
async def test_the_callers_button_asks_for_a_person_once_until_one_has_come(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (caller, session):
        for _ in range(3):
            await caller.send(type="ask_person")
        assert (await caller.until("escalated"))["reason"] == "the caller asked for a person"
        records = house.stage.records
        assert records is not None
        await records.flush()
        [found] = await records.escalations(SERVICE)
        assert (found.session, found.status) == (session, "open")
        await records.close_escalation(SERVICE, found.id)
        async with house.watch(session) as teacher:
            await teacher.until("watching")
        await caller.until("supervised", how="left")
        await caller.send(type="ask_person")
        await caller.until("escalated")
        assert len(caller.all("escalated")) == 2


async def test_two_answers_of_which_nothing_is_known_ask_for_a_person(tmp_path: Path):
    async with manor(tmp_path, writer()) as house, house.call() as (caller, _):
        await ask(caller, "Who is it?")
        await ask(caller, "And who is that?")
        assert (await caller.until("escalated"))["reason"] == "unsure 2 times in a row"
