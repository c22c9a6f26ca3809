"""The same conversation by every way: on a real server, in real time, measured on what is heard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from fake_server import tone
from pydantic import SecretStr

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.bench.caller import Caller
from antiphon.bench.realtime_line import realtime_url
from antiphon.bench.talk import Progress, Report, talk
from antiphon.bench.turns import Turn, measure, sound_of
from antiphon.bench.wav import read_wav, write_wav
from antiphon.bench.waveform import audible, samples_of
from antiphon.bench.ways import WAYS, way
from antiphon.core.audio import silence
from antiphon.core.errors import CallerError, SetupError
from antiphon.wire import native
from bench.faulty_realtime import faulty
from hosts.house import house, parrot

pytestmark = pytest.mark.anyio

REPLY = "You said: Hello. That is all."
PROTOCOL = ("realtime", "webrtc")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "question.wav"
    write_wav(path, silence(0.1, 16_000) + tone(0.6, 16_000) + silence(0.2, 16_000))
    return path


@pytest.mark.parametrize("via", WAYS)
async def test_two_questions_are_answered_heard_and_measured(
    via: str, question: Path, tmp_path: Path
) -> None:
    news, saved = list[Progress](), tmp_path / "call.wav"
    async with house(tmp_path) as (address, stage):
        report = await talk(
            [question] * 2,
            url=f"http://{address}",
            agent="parrot",
            via=via,
            save=saved,
            on_progress=news.append,
        )
        assert report.errors == ()
        assert report.session.startswith("s_")
        async with asyncio.timeout(5):
            while stage.sessions:
                await asyncio.sleep(0.01)
    for number, turn in enumerate(report.turns, 1):
        assert turn.server_turns == (number,)
        assert turn.user_text == "Hello."
        assert turn.reply_text == turn.heard_text == turn.remembered_text == REPLY
        assert turn.route is not None
        assert (turn.route.specialist, turn.route.confidence > 0) == ("only", True)
        assert sum(turn.parts_ms.values()) == pytest.approx(turn.server_response_ms, abs=1)
        assert 250 < turn.response_ms < 4000  # type: ignore[operator]
        assert not turn.interrupted
        # Twenty-four letters and five spaces of 50 ms, as the scripted voice speaks, and the silence after it.
        assert turn.reply_ms == pytest.approx(1500, abs=700)
    told = [progress.arrived.message for progress in news if progress.arrived is not None]
    assert {"phase", "transcript", "route", "sentence", "latency", "remembered"} <= {m.type for m in told}
    assert not any(isinstance(message, native.Hold) for message in told)
    assert sum(abs(samples_of(read_wav(saved)).astype(int)) > 3000) > 20_000


@pytest.mark.parametrize("via", WAYS)
async def test_the_agent_greets_where_it_is_asked_to(via: str, question: Path, tmp_path: Path) -> None:
    async with house(tmp_path, parrot(greeting="Good morning.")) as (address, _):
        report = await talk([question], url=f"http://{address}", agent="parrot", via=via, greet=True)
    assert report.errors == ()
    (turn,) = report.turns
    assert turn.said_at_ms > 700
    assert turn.reply_text == REPLY


async def interrupted(via: str, url: str) -> tuple[Caller, Turn]:
    """A long answer that was spoken over, after it had sounded for half a second."""
    async with way(via)(url, agent="parrot", greet=False, key="") as caller:
        typed = await caller.type("Good day to everybody who listens to this long line.")
        spoke = await caller.agent_speaks(10)
        await caller.say(tone(1.0, caller.microphone.rate), spoke + 0.5)
        await caller.wait_for(lambda: bool(caller.loudspeaker.cleared), 10)
        await caller.wait_idle(10)
        return caller, measure(caller, typed)


@pytest.mark.parametrize("via", WAYS)
async def test_who_speaks_over_the_agent_stops_it_where_it_was_heard(via: str, tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _):
        caller, turn = await interrupted(via, f"http://{address}")
    assert turn.interrupted
    assert caller.loudspeaker.faults == []
    assert caller.loudspeaker.frames_after_clear == 0
    heard = turn.heard_text
    assert "You said: Good day to everybody who listens to this long line.".startswith(heard)
    assert 0 < len(heard) < 45
    # What the agent remembers ends where it fell silent: a letter of the scripted voice takes 50 ms.
    speaker = caller.loudspeaker
    _, end = audible(sound_of(speaker, 1), speaker.rate) or (0, 0)
    letters = end / speaker.rate / 0.05
    assert abs(len(turn.remembered_text) - letters) < 8


async def test_a_server_without_news_is_measured_all_the_same(question: Path, tmp_path: Path) -> None:
    async with house(tmp_path) as (good, _), faulty(good, lambda event: [event]) as address:
        report = await talk([question] * 2, url=address, agent="parrot", via="realtime")
    assert report.errors == ()
    for turn in report.turns:
        assert (turn.user_text, turn.reply_text) == ("Hello.", REPLY)
        assert (turn.route, turn.parts_ms, turn.server_response_ms) == (None, {}, None)
        assert 250 < turn.response_ms < 2500  # type: ignore[operator]


async def test_of_a_server_without_news_the_words_heard_are_counted_by_the_sound(tmp_path: Path) -> None:
    async with house(tmp_path) as (good, _), faulty(good, lambda event: [event]) as address:
        caller, turn = await interrupted("realtime", address)
    assert turn.interrupted
    assert "You said: Good day to everybody who listens".startswith(turn.heard_text)
    assert turn.heard_text
    assert caller.loudspeaker.frames_after_clear == 0


@pytest.mark.parametrize("via", WAYS)
async def test_an_agent_that_is_not_there_is_an_error_that_says_so(
    via: str, question: Path, tmp_path: Path
) -> None:
    async with house(tmp_path) as (address, _):
        with pytest.raises(CallerError, match=r"did not take the call: no agent is called 'nobody'.*parrot"):
            await talk([question], url=f"http://{address}", agent="nobody", via=via)


@pytest.mark.parametrize("via", WAYS)
async def test_without_a_server_the_next_thing_to_try_is_said(via: str, question: Path) -> None:
    with pytest.raises(SetupError, match="antiphon serve"):
        await talk([question], url="http://127.0.0.1:1", via=via)


async def stopped_halfway(via: str, question: Path, home: Path) -> Report:
    async with house(home) as (address, stage):

        def stop(progress: Progress) -> None:
            if progress.arrived is not None and isinstance(progress.arrived.message, native.Sentence):
                for session in stage.sessions.values():
                    session.suspend("the server restarts")
                    session.lose("the line is cut")

        return await talk(
            [question] * 2, url=f"http://{address}", agent="parrot", via=via, on_progress=stop, timeout_s=5
        )


@pytest.mark.parametrize("via", WAYS)
async def test_a_call_that_the_server_ends_is_told_of(via: str, question: Path, tmp_path: Path) -> None:
    report = await stopped_halfway(via, question, tmp_path)
    assert report.exit_code == 1
    assert len(report.errors) == 1
    assert "the server ended the call" in report.errors[0]


def test_the_address_of_the_protocol_is_found() -> None:
    assert realtime_url("http://one:1", "ws") == "ws://one:1/v1/realtime"
    assert realtime_url("one:1", "http", "/calls") == "http://one:1/v1/realtime/calls"
    assert realtime_url("https://api.openai.com/v1/", "ws") == "wss://api.openai.com/v1/realtime"
    assert realtime_url("wss://one/v1/realtime", "http", "/calls") == "https://one/v1/realtime/calls"
    with pytest.raises(CallerError, match="no address"):
        realtime_url("ftp://one", "ws")


async def test_in_a_direct_call_the_provider_fills_the_wait_and_the_answer_is_what_counts(
    question: Path, tmp_path: Path
) -> None:
    async def slowly(question: Question) -> Grounding:
        await asyncio.sleep(1.4)
        return Grounding(("Here it is at last.",), is_certain=True)

    fillers = (("One moment.",), ("Nearly there.",), ("Still looking.",))
    agent = replace(parrot(fillers=fillers), specialists=(Specialist("only", "", slowly),))
    saved = tmp_path / "call.wav"
    async with house(tmp_path, agent) as (address, _):
        report = await talk([question], url=f"http://{address}", agent="parrot", via="direct", save=saved)
    assert report.errors == ()
    (turn,) = report.turns
    assert turn.reply_text == turn.heard_text == turn.remembered_text == "Here it is at last."
    assert turn.fillers == ("One moment.",)
    first_ms, response_ms = turn.first_sound_ms, turn.response_ms
    assert first_ms is not None and response_ms is not None
    assert first_ms < response_ms - 500
    assert next(iter(turn.parts_ms)) == "provider"
    assert sum(turn.parts_ms.values()) == pytest.approx(turn.server_response_ms, abs=1)
    # The filler was heard before the answer, and so it is in the recording.
    heard = samples_of(read_wav(saved))
    end = (turn.said_at_ms + turn.said_ms) / 1000
    before = heard[round((end + 0.1) * 24_000) : round((end + response_ms / 1000 - 0.05) * 24_000)]
    assert audible(before, 24_000) is not None


async def test_a_direct_call_is_told_to_stop_and_stops(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        way("direct")(f"http://{address}", agent="parrot", greet=False, key="") as caller,
    ):
        typed = await caller.type("Good day to everybody who listens to this long line.")
        await caller.agent_speaks(10)
        await caller.interrupt()
        await caller.wait_for(lambda: bool(caller.loudspeaker.cleared), 10)
        await caller.wait_idle(10)
        turn = measure(caller, typed)
    assert turn.interrupted
    assert turn.user_text == "Good day to everybody who listens to this long line."
    assert 0 <= len(turn.remembered_text) < 30
    assert caller.loudspeaker.frames_after_clear == 0


async def test_a_direct_call_finds_a_provider_that_is_elsewhere(question: Path, tmp_path: Path) -> None:
    key = SecretStr("sk-real")
    async with house(tmp_path / "provider") as (provider, theirs):
        base = f"http://{provider}/v1"
        async with (
            house(tmp_path / "ours", openai_api_key=key, realtime_base_url=base) as (address, ours),
            way("direct")(f"http://{address}", agent="parrot", greet=False, key="") as caller,
        ):
            assert (len(theirs.sessions), len(ours.sessions)) == (1, 1)
            said = await caller.say(read_wav(question), caller.now + 0.3)
            await caller.wait_reply(said, 10)
            assert measure(caller, said).reply_text == REPLY
