"""The caller against a scripted server, in virtual time: what it measures is known to the sample."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from fake_server import PLAY_RATE, RATE, FakeCall, Pipe, answer, calling, echo_story, tone

from antiphon.bench.caller import Caller
from antiphon.bench.line import CallDropped
from antiphon.bench.turns import RouteTaken, measure
from antiphon.core.audio import silence
from antiphon.core.errors import CallerError
from antiphon.testing.clock import run
from antiphon.wire import native
from antiphon.wire.native import FRAME_SECONDS


def rest_of_frame(at: float) -> float:
    """Milliseconds from `at` to the end of its frame: the server knows of the caller's last speech that much later."""
    return 1000 * (math.ceil(at / FRAME_SECONDS) * FRAME_SECONDS - at)


def test_a_known_delay_is_measured_on_the_waveform() -> None:
    async def story() -> None:
        async with calling(echo_story) as (caller, _):
            said = await caller.say(silence(0.2, RATE) + tone(0.5, RATE) + silence(0.34, RATE), 0.1)
            await caller.wait_reply(said)
            turn = measure(caller, said)
            # 0.3 s after the frame with the last of the speech, and 0.1 s of silence before the tone.
            assert turn.response_ms == pytest.approx(400, abs=2)
            assert turn.first_sound_ms == turn.response_ms
            assert turn.silent_lead_ms == pytest.approx(100, abs=1)
            assert turn.said_ms == pytest.approx(500, abs=1)
            assert turn.user_text == "question 1"
            assert turn.reply_text == turn.heard_text == turn.remembered_text == "answer 1"
            assert turn.route == RouteTaken("math", 0.9)
            assert turn.server_response_ms == sum(turn.parts_ms.values()) == 250
            assert turn.reply_ms == 500
            assert not turn.interrupted
            assert turn.gaps_ms == ()

    run(story())


def test_a_jitter_buffer_is_part_of_what_is_heard() -> None:
    async def story() -> None:
        async with calling(echo_story, jitter_s=0.02) as (caller, _):
            said = await caller.say(tone(0.5, RATE))
            await caller.wait_reply(said)
            assert measure(caller, said).response_ms == pytest.approx(420 + rest_of_frame(0.5), abs=2)

    run(story())


def test_the_microphone_never_stops_and_never_drifts() -> None:
    async def story() -> None:
        async with calling(echo_story) as (caller, call):
            said = await caller.say(tone(0.5, RATE), 0.5)
            await caller.wait_for(lambda: caller.now >= 10)
            assert said.start == 0.5
            assert len(call.frames) == pytest.approx(10 / FRAME_SECONDS, abs=2)
            lasted = FRAME_SECONDS * (len(call.frames) - 1)
            assert call.frames[-1] - call.frames[0] == pytest.approx(lasted, abs=1e-6)
            assert bytes(call.sound[: len(caller.microphone.recorded)]) == bytes(
                caller.microphone.recorded[: len(call.sound)]
            )

    run(story())


def test_acknowledgements_tell_what_was_played_every_50_ms_and_once_at_the_end() -> None:
    async def long_tone(call: FakeCall) -> None:
        await call.sound_out(1, tone(1.0))

    async def story() -> None:
        async with calling(long_tone) as (caller, call):
            await caller.wait_for(lambda: caller.now >= 2)
            counts = [ack.samples for _, ack in call.acks]
            assert counts == sorted(set(counts))
            assert counts[-1] == PLAY_RATE
            assert len(counts) == pytest.approx(20, abs=1)
            began = call.acks[0][0] - counts[0] / PLAY_RATE
            for at, ack in call.acks:
                assert ack.samples / PLAY_RATE == pytest.approx(at - began, abs=FRAME_SECONDS + 0.001)
            assert not any(ack.cleared for _, ack in call.acks)

    run(story())


def test_hold_pauses_and_resume_goes_on_from_the_same_sample() -> None:
    held: list[float] = []

    async def pausing(call: FakeCall) -> None:
        await call.sound_out(1, tone(1.0))
        await call.sleep_until(call.now + 0.3)
        held.append(call.now)
        await call.send(native.Hold(1))
        await call.sleep_until(call.now + 0.5)
        await call.send(native.Resume(1))

    async def story() -> None:
        async with calling(pausing) as (caller, call):
            await caller.wait_for(lambda: caller.loudspeaker.played(1) == PLAY_RATE, 5)
            heard = caller.loudspeaker.heard
            assert sum(len(stretch.samples) for stretch in heard) == PLAY_RATE
            pauses = [b.at - a.stop for a, b in pairwise(heard) if b.at != a.stop]
            assert len(pauses) == 1
            assert pauses[0] / PLAY_RATE == pytest.approx(0.5, abs=0.001)
            assert b"".join(s.samples.tobytes() for s in heard) == tone(1.0).data
            assert caller.loudspeaker.gaps == []
            during = {a.samples for at, a in call.acks if held[0] + 0.1 < at < held[0] + 0.5}
            assert len(during) == 0

    run(story())


def test_after_clear_nothing_more_is_heard_and_the_count_is_final() -> None:
    async def clearing(call: FakeCall) -> None:
        offset = await call.sound_out(1, tone(1.0))
        await call.sleep_until(call.now + 0.3)
        await call.send(native.Clear(1))
        await call.sound_out(1, tone(0.2), offset)
        await call.sleep_until(call.now + 0.2)
        await call.sound_out(2, tone(0.1))

    async def story() -> None:
        async with calling(clearing) as (caller, call):
            await caller.wait_for(lambda: caller.loudspeaker.played(2) == 2400, 5)
            final = [ack for _, ack in call.acks if ack.cleared]
            assert len(final) == 1
            assert final[0].samples == caller.loudspeaker.played(1) == pytest.approx(0.3 * PLAY_RATE, abs=2)
            assert [ack.samples for _, ack in call.acks if ack.turn == 1][-1] == final[0].samples
            assert caller.loudspeaker.frames_after_clear == 2
            assert {stretch.turn for stretch in caller.loudspeaker.heard} == {1, 2}

    run(story())


def test_a_loudspeaker_that_runs_dry_is_silent_and_says_for_how_long() -> None:
    async def stumbling(call: FakeCall) -> None:
        offset = await call.sound_out(1, tone(0.2))
        await call.sleep_until(call.now + 0.35)
        await call.sound_out(1, tone(0.2), offset)

    async def story() -> None:
        async with calling(stumbling) as (caller, _):
            await caller.wait_for(lambda: caller.loudspeaker.played(1) == 9600, 5)
            (gap,) = caller.loudspeaker.gaps
            assert gap.seconds == pytest.approx(0.15, abs=0.001)
            recorded = caller.loudspeaker.recording(caller.now)
            start = round(gap.at * PLAY_RATE)
            assert not recorded[start : start + round(gap.seconds * PLAY_RATE)].any()

    run(story())


def test_the_answer_after_a_filler_is_found_in_the_pause_between_them() -> None:
    async def slow(call: FakeCall) -> None:
        ended = await call.speech_end()
        await call.sleep_until(ended + 0.5)
        await call.send(native.Sentence(1, 0, "One moment.", "filler"), native.PhaseIs("speaking", 1))
        filler = tone(0.6) + silence(0.05, PLAY_RATE)
        offset = await call.sound_out(1, filler)
        # The answer is announced, and even sent, while the filler is still being played.
        await call.sleep_until(ended + 0.7)
        await call.send(native.Sentence(1, 1, "It is four."))
        await call.sound_out(1, silence(0.04, PLAY_RATE) + tone(0.5), offset)
        await call.played(1, offset - 2400)
        await call.send(native.HeardText(1, "One moment.", "It is four."))
        await call.played(1, offset + 9600)
        await call.send(native.HeardText(1, "One moment. It is four.", ""), native.PhaseIs("idle", 1))

    async def story() -> None:
        async with calling(slow) as (caller, _):
            said = await caller.say(tone(0.4, RATE))
            await caller.wait_reply(said)
            turn = measure(caller, said)
            assert turn.fillers == ("One moment.",)
            late = rest_of_frame(0.4)
            assert turn.first_sound_ms == pytest.approx(500 + late, abs=2)
            assert turn.response_ms == pytest.approx(500 + late + 650 + 40, abs=2)
            assert turn.reply_text == "It is four."
            assert turn.heard_text == "One moment. It is four."

    run(story())


def test_an_interruption_begins_when_it_was_meant_to_and_its_effect_is_measured() -> None:
    async def yielding(call: FakeCall) -> None:
        await call.speech_end()
        await call.send(native.Sentence(1, 0, "A long story."), native.PhaseIs("speaking", 1))
        await call.sound_out(1, tone(5.0))
        await call.speech_start()
        await call.sleep_until(call.now + 0.2)
        await call.send(native.Hold(1))
        await call.sleep_until(call.now + 0.2)
        await call.send(native.Clear(1))
        await call.send(
            native.HeardText(1, "A long", "story."), native.Remembered(1, "agent", "A long", True)
        )
        await call.speech_end()
        await answer(call, 2, "Yes?", tone(0.3))

    async def story() -> None:
        async with calling(yielding) as (caller, _):
            first = await caller.say(tone(0.4, RATE))
            second = await caller.say(tone(0.6, RATE), await caller.agent_speaks() + 1.2)
            await caller.wait_reply(second)
            one, two = measure(caller, first), measure(caller, second)
            assert one.interrupted
            assert (one.heard_text, one.remembered_text) == ("A long", "A long")
            assert (two.interrupted, two.reply_text) == (False, "Yes?")

    run(story())


def test_a_typed_line_is_a_turn_too() -> None:
    async def reading(call: FakeCall) -> None:
        await call.until(lambda: bool(call.texts))
        await call.sleep_until(call.now + 0.1)
        await answer(call, 1, f"You wrote {call.texts[0]}.", tone(0.3))

    async def story() -> None:
        async with calling(reading) as (caller, _):
            written = await caller.type("hello")
            await caller.wait_reply(written)
            turn = measure(caller, written)
            assert (turn.user_text, turn.reply_text) == ("hello", "You wrote hello.")
            assert turn.response_ms == pytest.approx(100, abs=2)

    run(story())


def test_hanging_up_says_bye_and_ends_all_tasks() -> None:
    seen: list[FakeCall] = []

    async def story() -> None:
        async with calling(echo_story) as (caller, call):
            await caller.interrupt()
            await caller.wait_idle()
            seen.append(call)
        assert call.interrupted_at is not None

    run(story())
    assert seen[0].said_bye


def test_a_call_that_the_server_ends_wakes_whoever_waits() -> None:
    async def vanishing(call: FakeCall) -> None:
        await call.speech_end()
        await call.sound_out(1, tone(0.5))
        await call.close(1011, "a fault of ours")

    async def story() -> None:
        async with calling(vanishing) as (caller, _):
            said = await caller.say(tone(0.3, RATE))
            with pytest.raises(CallDropped, match="1011: a fault of ours"):
                await caller.wait_reply(said)
            assert measure(caller, said).reply_text == ""

    run(story())


def test_an_answer_that_never_comes_is_given_up() -> None:
    async def mute(call: FakeCall) -> None:
        await call.speech_end()
        await call.send(native.PhaseIs("thinking", 1))

    async def story() -> None:
        async with calling(mute) as (caller, _):
            said = await caller.say(tone(0.3, RATE))
            with pytest.raises(TimeoutError, match="within 5 s"):
                await caller.wait_reply(said, 5)
            assert caller.now == pytest.approx(said.end + 5, abs=0.3)
            assert measure(caller, said).response_ms is None

    run(story())


def test_an_error_in_the_callers_own_code_comes_out_as_it_is() -> None:
    async def story() -> None:
        async with calling(echo_story):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(story())


def test_a_refused_call_tells_why() -> None:
    async def story() -> None:
        pipe = Pipe()
        await pipe.server_send(native.encode(native.Refused("unknown_agent", "no agent is called 'nobody'")))
        await pipe.server_close(4404, "unknown agent")
        with pytest.raises(CallerError, match="no agent is called 'nobody'"):
            async with Caller(pipe, native.Hello("nobody")):
                pass

    run(story())
