"""Speech in LiveKit's AgentSession, in real time, with scripted models and no room."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit.agents import AgentSession, APIError, ModelSettings
from room_scene import Strict, check_journal, pair, spoken, stage

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import TurnMeasured
from antiphon.hosts.livekit_room.guarded import GuardedAgent, NothingSpoken
from antiphon.hosts.livekit_room.playing import SilentOutput
from antiphon.hosts.livekit_room.plugins import RoomTts
from antiphon.testing.voices import ScriptedSynthesizer, words_in


def test_a_spoken_question_is_answered_aloud(tmp_path: Path) -> None:
    async def story() -> None:
        async with spoken(stage(tmp_path, pair(), ["sums please"]), greets=True) as call:
            await call.until(lambda: call.lines() == ["Hello there."])
            greeting = len(call.frames)
            call.microphone.say(0.6)
            await call.until(lambda: len(call.lines()) == 2)
            assert call.lines(e.Role.USER) == ["sums please"]
            assert call.lines()[1] == "You said sums please That is all."
            sound = b"".join(bytes(frame.data) for frame in call.frames[greeting:])
            assert words_in(Pcm(sound, 24_000)) == 7
            measured = call.of(TurnMeasured)[0]
            assert isinstance(measured, TurnMeasured)
            assert sum(measured.parts_ms.values()) == pytest.approx(measured.response_ms, abs=0.1)
            assert measured.response_ms < 2000
        check_journal(tmp_path, call.room.call.session.id)

    asyncio.run(story())


def test_nothing_that_is_said_is_lost_between_two_agents(tmp_path: Path) -> None:
    """Each of these questions is handed back and over; the ears of one agent follow on those of another."""

    async def story() -> None:
        asked = ["sums", "dates", "sums", "dates"]
        async with spoken(stage(tmp_path, pair(), asked, ScriptedSynthesizer(0.005))) as call:
            for number in range(1, len(asked) + 1):
                call.microphone.say(0.3)
                await call.until(lambda wanted=number: len(call.lines()) == wanted)
            assert call.lines(e.Role.USER) == asked
            assert call.room.troupe.handed["dates", ""] == 1

    asyncio.run(story())


def test_an_interruption_leaves_in_memory_what_was_heard(tmp_path: Path) -> None:
    """It comes within the first second of the agent's speech."""

    async def story() -> None:
        async with spoken(stage(tmp_path, pair(), ["sums " + "again " * 20, "stop it dates"])) as call:
            call.microphone.say(0.6)
            await call.until(lambda: call.is_loud)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.6)
            call.microphone.say(0.8)
            await call.until(lambda: len(call.lines(e.Role.USER)) == 2)
            most = asyncio.get_running_loop().time() - began + 0.3
            cut = next(line for line in call.room.call.session.transcript if line.role is e.Role.AGENT)
            assert cut.is_cut
            whole = "You said sums " + "again " * 20
            assert whole.startswith(cut.text + " ")
            assert 0.4 < len(cut.text) * 0.02 < most, f"{cut.text!r} takes another time to say"
            await call.until(lambda: len(call.lines()) == 2)
            history = [
                m for m in call.room.livekit.history.messages() if m.role == "assistant" and m.interrupted
            ]
            assert [m.text_content for m in history] == [cut.text], "LiveKit remembers the same"
            assert call.lines()[1] == "You said stop it dates That is all."
        check_journal(tmp_path, call.room.call.session.id)

    asyncio.run(story())


def test_a_listeners_hum_does_not_stop_the_agent(tmp_path: Path) -> None:
    async def story() -> None:
        async with spoken(stage(tmp_path, pair(), ["sums " + "again " * 20, "mhm"])) as call:
            call.microphone.say(0.6)
            await call.until(lambda: call.is_loud)
            await asyncio.sleep(0.4)
            call.microphone.say(0.3)
            await call.until(lambda: call.lines())
            assert call.lines() == [("You said sums " + "again " * 20).strip() + " That is all."]
            assert call.lines(e.Role.USER) == [("sums " + "again " * 20).strip()]

    asyncio.run(story())


def test_a_supervisor_takes_over_and_hands_back(tmp_path: Path) -> None:
    from antiphon.session.supervision import Supervisor

    async def story() -> None:
        at = stage(tmp_path, pair(), ["sums " + "again " * 20, "help me sums", "go on dates"])
        async with spoken(at) as call:
            people, by = call.room.call.session.supervision, Supervisor("mia")
            people.join(by)
            call.microphone.say(0.6)
            await call.until(lambda: call.is_loud)
            await asyncio.sleep(0.3)
            people.take_over(by)
            await call.until(lambda: call.lines())
            assert call.room.call.session.transcript.lines[1].is_cut
            call.microphone.say(0.6)
            await call.until(lambda: call.lines(e.Role.USER)[1:] == ["help me sums"])
            await asyncio.sleep(0.3)
            assert len(call.lines()) == 1, "the agent is silent while a person speaks"
            people.leave(by)
            call.microphone.say(0.6)
            await call.until(lambda: len(call.lines()) == 2)
            assert call.lines()[1] == "You said go on dates That is all."
        check_journal(tmp_path, call.room.call.session.id)

    asyncio.run(story())


def test_what_say_is_given_is_checked(tmp_path: Path) -> None:
    async def story() -> None:
        voice = ScriptedSynthesizer(0.01)
        async with spoken(stage(tmp_path, pair(), voice=voice)) as call:
            await call.room.livekit.say("This is forbidden.")
            assert voice.asked, "a refusal is said in its place"
            assert not any("forbidden" in text for text in voice.asked)
            assert "forbidden" not in " ".join(
                m.text_content or "" for m in call.room.livekit.history.messages()
            )

    asyncio.run(story())


def test_a_voice_without_sound_is_no_silent_success() -> None:
    class Mute(GuardedAgent):
        """Its voice makes nothing."""

    async def story() -> None:
        voice = ScriptedSynthesizer(0.0)
        guardrail = Strict()
        session: AgentSession[None] = AgentSession(tts=RoomTts(voice, guardrail))
        session.output.audio = SilentOutput(voice.rate)
        agent = Mute(guardrail=guardrail, instructions="x")

        async def text():  # type: ignore[no-untyped-def]
            yield "Hello there."

        async with session:
            await session.start(agent, record=False)
            with pytest.raises((NothingSpoken, APIError), match=r"no (sound|audio)"):
                await anext(agent.tts_node(text(), ModelSettings()))

    asyncio.run(story())


def test_a_voice_that_fails_is_owned_up_to(tmp_path: Path) -> None:
    async def story() -> None:
        voice = ScriptedSynthesizer(0.01, failures=1)
        async with spoken(stage(tmp_path, pair(), ["sums please"], voice)) as call:
            call.microphone.say(0.6)
            await call.until(lambda: call.lines())
            assert "I'm having trouble" in call.lines()[0]

    asyncio.run(story())
