"""A whole conversation by files, over real WebSockets in real time."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from fake_server import FakeCall, answer, echo_story, serving_story, tone

from antiphon.bench.caller import call
from antiphon.bench.serving import serving
from antiphon.bench.talk import Progress, Report, talk
from antiphon.bench.turns import measure
from antiphon.bench.wav import read_wav, write_wav
from antiphon.core.audio import silence
from antiphon.core.errors import CallerError, SetupError
from antiphon.wire import native

FAKE = str(Path(__file__).with_name("fake_server.py"))


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """Half a second of sound with silence around it, at a rate that is not the microphone's."""
    path = tmp_path / "question.wav"
    write_wav(path, silence(0.1, 44_100) + tone(0.5, 44_100) + silence(0.2, 44_100))
    return path


def conversation(question: Path, *, times: int = 1, **options: object) -> Report:
    async def story() -> Report:
        async with serving_story(echo_story) as url:
            return await talk([question] * times, url=url, **options)  # type: ignore[arg-type]

    return asyncio.run(story())


def test_two_turns_are_said_answered_measured_and_recorded(question: Path, tmp_path: Path) -> None:
    saved, news = tmp_path / "call.wav", list[Progress]()
    report = conversation(question, times=2, save=saved, on_progress=news.append)
    assert report.errors == ()
    assert report.exit_code == 0
    assert [turn.reply_text for turn in report.turns] == ["answer 1", "answer 2"]
    for turn in report.turns:
        # 300 ms, 100 ms of silence in the answer, a jitter buffer of 10 ms, and the rest of the frame that
        # the speech ended in: never less; more by what a busy machine takes.
        assert 400 <= turn.response_ms < 3000
    assert [one.finished is not None for one in news].count(True) == 2
    assert report.seconds > 2
    recorded = read_wav(saved)
    assert recorded.rate == 24_000
    assert recorded.seconds == pytest.approx(report.seconds, abs=0.5)


def test_a_known_delay_is_measured_over_a_real_socket() -> None:
    sound = tone(0.5, 16_000)

    async def story() -> list[float]:
        measured = []
        async with serving_story(echo_story) as url, call(url) as caller:
            for _ in range(3):
                # On a frame's edge, so that the server's clock starts when the speech ends.
                said = await caller.say(sound, (int(caller.now * 50) + 10) / 50)
                await caller.wait_reply(said)
                measured.append(measure(caller, said).response_ms or 0.0)
        return measured

    # The best of three: a busy machine may take some milliseconds, and none may give any.
    assert 395 <= min(asyncio.run(story())) < 3000


def test_the_report_is_json_of_the_promised_shape(question: Path) -> None:
    told = json.loads(conversation(question).json())
    assert told["agent"] == "tutor"
    assert told["via"] == "orchestrate"
    assert told["session"] == "s_fake"
    assert told["errors"] == []
    assert {"url", "started_at"} <= set(told)
    (turn,) = told["turns"]
    assert turn["user_text"] == "question 1"
    assert turn["reply_text"] == "answer 1"
    assert turn["route"] == {"specialist": "math", "confidence": 0.9}
    assert turn["parts_ms"] == {"endpointing": 200.0, "model": 50.0}
    assert turn["interrupted"] is False
    assert turn["response_ms"] > 0


def test_a_server_that_vanishes_mid_turn_leaves_what_was_heard(question: Path) -> None:
    async def vanishing(call: FakeCall) -> None:
        await call.speech_end()
        await answer(call, 1, "All is well.", tone(0.3))
        await call.speech_end()
        await call.send(native.Sentence(2, 0, "I was about to"))
        await call.sound_out(2, tone(0.3))
        await call.played(2, 3000)
        await call.close(1011, "out of memory")

    async def story() -> Report:
        async with serving_story(vanishing) as url:
            return await talk([question, question, question], url=url)

    report = asyncio.run(story())
    assert report.exit_code == 1
    assert report.errors == (f"{question}: the server ended the call (1011: out of memory)",)
    assert [turn.reply_text for turn in report.turns] == ["All is well.", ""]
    assert report.turns[1].response_ms is not None


def test_no_reply_is_an_error_and_not_the_end(question: Path) -> None:
    async def hesitant(call: FakeCall) -> None:
        await call.speech_end()
        await call.speech_end()
        await answer(call, 1, "Now I hear you.", tone(0.3))

    async def story() -> Report:
        async with serving_story(hesitant) as url:
            return await talk([question, question], url=url, timeout_s=1)

    report = asyncio.run(story())
    assert report.errors == (f"{question}: no finished reply within 1 s",)
    assert [turn.reply_text for turn in report.turns] == ["", "Now I hear you."]


def test_a_greeting_is_heard_out_before_the_first_question(question: Path) -> None:
    async def greeting(call: FakeCall) -> None:
        await call.send(native.Sentence(1, 0, "Hello!", "greeting"), native.PhaseIs("speaking", 1))
        await call.sound_out(1, tone(0.4))
        await call.played(1, 9600)
        await call.send(native.HeardText(1, "Hello!", ""), native.PhaseIs("idle", 1))
        await call.speech_end()
        await answer(call, 2, "Four.", tone(0.3))

    async def story() -> Report:
        async with serving_story(greeting) as url:
            return await talk([question], url=url, greet=True)

    (turn,) = asyncio.run(story()).turns
    assert turn.said_at_ms > 800
    assert (turn.heard_text, turn.server_turns) == ("Four.", (2,))


def test_a_way_that_does_not_exist_names_those_that_do(question: Path) -> None:
    with pytest.raises(CallerError, match="use orchestrate"):
        asyncio.run(talk([question], url="http://127.0.0.1:1", via="pigeon"))


def test_silence_is_no_question(tmp_path: Path) -> None:
    write_wav(tmp_path / "silent.wav", silence(1, 16_000))
    with pytest.raises(CallerError, match="no audible sound"):
        asyncio.run(talk([tmp_path / "silent.wav"], url="http://127.0.0.1:1"))


def test_without_a_server_the_next_thing_to_try_is_said(question: Path) -> None:
    with pytest.raises(SetupError, match="antiphon serve"):
        asyncio.run(talk([question], url="http://127.0.0.1:1"))


def test_a_server_of_our_own_lives_as_long_as_the_conversation(question: Path) -> None:
    async def story() -> tuple[Report, str]:
        async with serving(command=[sys.executable, FAKE]) as url:
            report = await talk([question], url=url)
        return report, url

    report, url = asyncio.run(story())
    assert report.exit_code == 0
    assert 400 <= report.turns[0].response_ms < 3000
    with pytest.raises(SetupError):
        asyncio.run(talk([question], url=url))


def test_a_server_that_does_not_come_up_says_why() -> None:
    async def story() -> None:
        async with serving(command=[sys.executable, FAKE, "--broken"]):
            pass

    with pytest.raises(SetupError, match=r"ended with 1(.|\n)*the port is taken"):
        asyncio.run(story())
