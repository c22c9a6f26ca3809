"""Stories of hearing, lived in virtual time with scripted models."""

from __future__ import annotations

import array
import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError
from antiphon.core.events import (
    PartiallyTranscribed,
    SpeechStarted,
    SpeechStopped,
    SpeechWeighed,
    Transcribed,
    TurnScored,
    UserEvent,
)
from antiphon.session.ears import Ears, EarsPolicy
from antiphon.testing.clock import run
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad

CHUNK = 0.02
FRAME = 512 / 16_000


@dataclass
class Call:
    """What a caller was heard to do: each event with the session second it was emitted at."""

    heard: list[tuple[float, UserEvent]] = field(default_factory=list)
    recognizer: ScriptedRecognizer = field(default_factory=ScriptedRecognizer)
    detector: ScriptedTurnDetector = field(default_factory=ScriptedTurnDetector)

    told: dict[int, bytes] = field(default_factory=dict)
    "For each utterance, the sound whose words were emitted last."

    def hear(self, at: float, event: UserEvent) -> None:
        self.heard.append((at, event))
        if isinstance(event, Transcribed):
            self.told[event.utterance] = self.recognizer.opened[event.utterance - 1].told

    def of(self, *kinds: type[UserEvent]) -> list[UserEvent]:
        return [event for _, event in self.heard if isinstance(event, kinds)]

    def when(self, event: UserEvent) -> float:
        return next(at for at, other in self.heard if other == event)

    @property
    def words(self) -> list[tuple[int, str]]:
        return [(e.utterance, e.text) for _, e in self.heard if isinstance(e, Transcribed)]

    @property
    def scores(self) -> list[float]:
        return [e.completeness for _, e in self.heard if isinstance(e, TurnScored)]


def listen(
    speech: Sequence[tuple[float, float]],
    seconds: float,
    *,
    recognizer: ScriptedRecognizer | None = None,
    detector: ScriptedTurnDetector | None = None,
    policy: EarsPolicy | None = None,
    do: Sequence[tuple[float, Callable[[Ears], None]]] = (),
    rate: int = 16_000,
    chunk: float = CHUNK,
    numbered: bool = False,
    level: Callable[[float], int] = lambda at: 0,
) -> Call:
    """A call of so many seconds in which the caller speaks as given, sound arriving every `chunk` seconds.

    The sound is a constant: `level` of its time, or the number of its chunk if `numbered`.
    """
    call = Call(recognizer=recognizer or ScriptedRecognizer(["hello there"]))
    call.detector = detector or ScriptedTurnDetector()

    async def story() -> None:
        now = asyncio.get_running_loop().time
        ears = Ears(
            ScriptedVad(speech),
            call.recognizer,
            call.detector,
            policy or EarsPolicy(),
            lambda event: call.hear(round(now(), 3), event),
            now,
        )
        hearing = asyncio.create_task(ears.run())
        steps = sorted(do, key=lambda step: step[0])
        for k in range(round(seconds / chunk)):
            await asyncio.sleep((k + 1) * chunk - now())
            while steps and steps[0][0] <= now() + 1e-9:
                steps.pop(0)[1](ears)
            count = round((k + 1) * chunk * rate) - round(k * chunk * rate)
            value = k + 1 if numbered else level(k * chunk)
            samples = array.array("h", [value] * count).tobytes()
            ears.push(Pcm(samples, rate))
        await asyncio.sleep(2.0)
        hearing.cancel()
        await asyncio.wait([hearing])
        assert hearing.cancelled()

    run(story())
    return call


def test_an_utterance_is_started_stopped_transcribed_and_scored() -> None:
    call = listen([(1.0, 2.0)], 3.0)
    kinds = [type(e) for e in call.of(SpeechStarted, SpeechStopped, Transcribed, TurnScored)]
    assert kinds == [SpeechStarted, SpeechStopped, Transcribed, TurnScored]
    started, stopped = call.of(SpeechStarted, SpeechStopped)
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert started.at == pytest.approx(1.0, abs=FRAME + CHUNK)
    assert stopped.at == pytest.approx(2.0, abs=FRAME + CHUNK)
    assert call.when(stopped) - stopped.at == pytest.approx(EarsPolicy().min_silence, abs=CHUNK)
    assert call.words == [(1, "hello there")]


def test_the_first_sound_is_known_within_a_tenth_of_a_second() -> None:
    for begin in (1.0, 1.007, 1.013, 1.021, 1.029):
        call = listen([(begin, 3.0)], 2.0)
        assert call.when(call.of(SpeechStarted)[0]) - begin <= 0.1


@pytest.mark.parametrize(
    ("rate", "chunk"),
    [(16_000, 0.01), (16_000, 0.5), (48_000, 0.02), (24_000, 0.0213), (8_000, 0.02), (44_100, 0.03)],
)
def test_any_rate_and_any_piece_length_is_heard_alike(rate: int, chunk: float) -> None:
    call = listen([(1.0, 2.0)], 3.0, rate=rate, chunk=chunk)
    started = call.of(SpeechStarted)
    assert len(started) == 1
    assert isinstance(started[0], SpeechStarted)
    assert started[0].at == pytest.approx(1.0, abs=FRAME + chunk + 0.01)
    assert call.words == [(1, "hello there")]
    assert call.recognizer.opened[0].seconds == pytest.approx(
        1.0 + 0.3 + EarsPolicy().min_silence, abs=2 * FRAME
    )


def test_a_pause_does_not_end_the_utterance() -> None:
    story = ScriptedRecognizer([["I would like", "I would like a cat"]])
    call = listen([(1.0, 2.0), (2.5, 3.0)], 4.0, recognizer=story)
    assert call.words == [(1, "I would like"), (1, "I would like a cat")]
    assert len(story.opened) == 1


def test_what_is_known_too_late_is_not_said() -> None:
    story = ScriptedRecognizer([["I would like", "I would like a cat"]], delay=0.5)
    call = listen([(1.0, 2.0), (2.3, 3.0)], 4.0, recognizer=story)
    assert [text for _, text in call.words] == ["I would like"]
    assert story.opened[0].settled == 1, "the first verdict was given up when the user went on"
    assert len(call.scores) == 1


def test_words_and_score_are_worked_out_at_the_same_time() -> None:
    call = listen(
        [(1.0, 2.0)],
        3.0,
        recognizer=ScriptedRecognizer(["hello there"], delay=0.1),
        detector=ScriptedTurnDetector([0.8], delay=0.12),
    )
    stopped, words, by_words, score = call.of(SpeechStopped, Transcribed, TurnScored)
    assert call.when(by_words) == call.when(words), "the words are scored without waiting for the sound"
    policy = EarsPolicy()
    ahead = policy.min_silence - policy.early_silence
    assert call.when(words) - call.when(stopped) == pytest.approx(0.1 - ahead, abs=0.005)
    assert call.when(score) - call.when(stopped) == pytest.approx(0.12, abs=0.001)


def test_words_made_out_in_a_closure_between_two_sounds_are_thrown_away() -> None:
    story = ScriptedRecognizer([["hello there", "hello there my friend"]], delay=0.02)
    call = listen([(1.0, 2.0), (2.07, 3.0)], 4.0, recognizer=story)
    assert call.words == [(1, "hello there my friend")]
    assert story.opened[0].settled == 2, "the first time they were out before the second sound"


def test_a_click_is_nothing_and_no_recognizer_is_asked() -> None:
    call = listen([(1.0, 1.1)], 2.0)
    assert call.words == [(1, "")]
    assert call.scores == []
    assert call.recognizer.opened[0].settled == 0


def test_a_cough_after_the_words_does_not_take_them_back() -> None:
    call = listen([(1.0, 2.0), (2.6, 2.7)], 4.0)
    assert call.words == [(1, "hello there"), (1, "hello there")]


def test_a_click_long_before_the_words_does_not_belong_to_them() -> None:
    call = listen([(1.0, 1.1), (4.0, 5.0)], 6.0, recognizer=ScriptedRecognizer(["a click", "hello"]))
    assert call.words == [(1, ""), (2, "hello")]
    assert call.recognizer.opened[0].is_closed


def test_a_failure_is_never_forgotten_as_silence() -> None:
    story = ScriptedRecognizer([[ProviderError("the model is gone"), "hello there"]])
    call = listen([(1.0, 2.0), (4.0, 5.0)], 6.0, recognizer=story)
    assert [(e.text, e.confidence) for e in call.of(Transcribed) if isinstance(e, Transcribed)] == [
        ("", 0.0),
        ("hello there", 1.0),
    ]
    assert len(story.opened) == 1, "what could not be understood is offered again with what follows"


def test_without_a_turn_detector_that_works_the_words_decide() -> None:
    broken = ScriptedTurnDetector([ProviderError("no model")])
    for text, low, high in [("yes", 0.85, 1.0), ("I would like to", 0.0, 0.2), ("what is a noun", 0.3, 0.9)]:
        call = listen([(1.0, 2.0)], 3.0, recognizer=ScriptedRecognizer([text]), detector=broken)
        assert low <= call.scores[0] <= high


def test_a_dangling_word_holds_the_turn_open() -> None:
    call = listen([(1.0, 2.0)], 3.0, recognizer=ScriptedRecognizer(["I want the red one and."]))
    assert call.scores[0] < 0.2


def test_half_a_telephone_number_is_not_a_turn_when_one_was_asked_for() -> None:
    def expect_digits(ears: Ears) -> None:
        ears.expect = "digits"

    number = ScriptedRecognizer(["My number is 555 01"])
    assert listen([(1.0, 2.0)], 3.0, recognizer=number).scores[0] >= 0.7
    assert listen([(1.0, 2.0)], 3.0, recognizer=number, do=[(0.5, expect_digits)]).scores[0] <= 0.3


def test_guesses_grow_while_the_user_speaks_and_end_with_the_speech() -> None:
    words = "one two three four five six seven eight"
    call = listen([(1.0, 3.0)], 4.0, recognizer=ScriptedRecognizer([words]))
    guesses = call.of(PartiallyTranscribed)
    assert 3 <= len(guesses) <= 4
    assert all(isinstance(e, PartiallyTranscribed) and words.startswith(e.text) for e in guesses)
    assert call.when(guesses[-1]) <= call.when(call.of(SpeechStopped)[0])


def test_the_weight_of_a_burst_rises_with_its_speech() -> None:
    call = listen([(1.0, 2.0)], 3.0)
    weights = [e.voiced for e in call.of(SpeechWeighed) if isinstance(e, SpeechWeighed)]
    assert weights == sorted(set(weights))
    assert weights[0] <= 0.15
    assert weights[-1] == pytest.approx(1.0, abs=0.1)


def test_a_burst_is_weighed_against_what_was_said_to_the_agent() -> None:
    def level(at: float) -> int:
        return 1000 if at < 4 else 250  # 12 dB

    said = [(1.0, 2.0), (4.5, 5.5), (7.0, 8.0)]
    meant, aside, again = range(1, 4)
    call = listen(said, 10.0, level=level, do=[(3.0, lambda ears: ears.cut(meant))])
    softer = [(call.when(e), e.softer) for e in call.of(SpeechWeighed) if isinstance(e, SpeechWeighed)]
    assert {value for at, value in softer if at < 3} == {0.0}, "nothing is known of a caller's first words"
    assert {value for at, value in softer if at > 4} == {12.0}

    for is_answered, expected in ((False, 12.0), (True, 6.0)):
        cuts = [
            (3.0, lambda ears: ears.cut(meant)),
            (6.5, lambda ears, to_agent=is_answered: ears.cut(aside, is_answered=to_agent)),
        ]
        call = listen(said, 10.0, level=level, do=cuts)
        last = [e.softer for e in call.of(SpeechWeighed) if isinstance(e, SpeechWeighed)][-1]
        assert last == pytest.approx(expected, abs=0.1), "one gets used to those who are meant for the agent"
    assert again == call.words[-1][0]


def test_a_single_loud_frame_may_be_held_back() -> None:
    blip = [(1.0, 1.03)]
    assert len(listen(blip, 2.0).of(SpeechStarted)) == 1
    assert listen(blip, 2.0, policy=EarsPolicy(start_frames=2)).of(SpeechStarted) == []


# ---- turns ---------------------------------------------------------------------------------------------
def test_after_a_cut_speech_is_a_new_utterance_from_its_first_consonant() -> None:
    call = listen(
        [(1.0, 2.0), (4.0, 5.0)],
        6.0,
        recognizer=ScriptedRecognizer(["hello", "goodbye"]),
        do=[(3.0, lambda ears: ears.cut(1))],
    )
    assert call.words == [(1, "hello"), (2, "goodbye")]
    first, second = call.recognizer.opened
    assert first.is_closed
    assert second.seconds == pytest.approx(0.3 + 1.0 + EarsPolicy().min_silence, abs=2 * FRAME)


def test_a_cut_while_the_user_goes_on_gives_the_new_words_to_the_new_utterance() -> None:
    call = listen(
        [(1.0, 2.0), (2.5, 3.5)],
        5.0,
        recognizer=ScriptedRecognizer(["hello", "and goodbye"]),
        do=[(3.0, lambda ears: ears.cut(1))],
        numbered=True,
    )
    assert call.words == [(1, "hello"), (2, "and goodbye")]
    sound = array.array("h", bytes(call.recognizer.opened[1].sound))
    assert sound[0] * CHUNK == pytest.approx(2.2, abs=FRAME + CHUNK)


def test_a_cut_does_not_lose_the_words_that_are_being_worked_out() -> None:
    call = listen(
        [(1.0, 2.0)],
        3.0,
        recognizer=ScriptedRecognizer(["hello"], delay=0.6),
        do=[(2.3, lambda ears: ears.cut(1))],
    )
    assert call.words == [(1, "hello")]


def test_a_cut_of_what_was_cut_before_changes_nothing() -> None:
    call = listen(
        [(1.0, 2.0), (4.0, 5.0)],
        6.0,
        recognizer=ScriptedRecognizer(["hello", "goodbye"]),
        do=[
            (0.1, lambda ears: ears.cut(1)),
            (3.0, lambda ears: ears.cut(1)),
            (4.5, lambda ears: ears.cut(1)),
        ],
    )
    assert call.words == [(1, "hello"), (2, "goodbye")]


def test_a_long_speech_is_cut_and_no_sample_is_lost_or_doubled() -> None:
    call = listen([(1.0, 46.0)], 48.0, recognizer=ScriptedRecognizer(["one", "two", "three"]), numbered=True)
    assert call.words == [(1, "one"), (2, "two"), (3, "three")]
    assert len(call.of(SpeechStarted)) == len(call.of(SpeechStopped)) == 1
    sound = array.array("h", b"".join(bytes(r.sound) for r in call.recognizer.opened))
    assert all(r.seconds <= 20.1 for r in call.recognizer.opened)
    _claim_unbroken(sound)


def test_a_long_speech_is_cut_in_a_breath_if_there_is_one() -> None:
    call = listen([(1.0, 17.0), (17.1, 22.0)], 24.0, recognizer=ScriptedRecognizer(["one", "two"]))
    assert call.recognizer.opened[0].seconds == pytest.approx(16.3, abs=0.1)


# ---- trouble -------------------------------------------------------------------------------------------
def test_sound_that_comes_faster_than_it_is_judged_is_dropped_and_counted() -> None:
    class SlowActivity:
        async def probability(self, frame: Pcm) -> float:
            await asyncio.sleep(1.0)
            return 0.0

    class SlowVad:
        rate, frame = 16_000, 512

        def open(self) -> SlowActivity:
            return SlowActivity()

    async def story() -> float:
        now = asyncio.get_running_loop().time
        ears = Ears(SlowVad(), ScriptedRecognizer(), None, EarsPolicy(), lambda event: None, now)
        hearing = asyncio.create_task(ears.run())
        for _ in range(30):
            ears.push(silence(1.0, 48_000))
            await asyncio.sleep(0.01)
        hearing.cancel()
        await asyncio.wait([hearing])
        return ears.dropped

    assert run(story()) == pytest.approx(20.0, abs=0.5)


def test_a_detector_that_takes_longer_than_a_frame_lasts_does_not_make_the_ears_fall_behind() -> None:
    class GatheringActivity:
        async def probability(self, frame: Pcm) -> float:
            await asyncio.sleep(0.05)
            return 1.0 if any(frame.data) else 0.0

    class GatheringVad:
        rate, frame = 16_000, 512

        def open(self) -> GatheringActivity:
            return GatheringActivity()

    async def story() -> list[float]:
        now = asyncio.get_running_loop().time
        late: list[float] = []

        def emit(event: UserEvent) -> None:
            if isinstance(event, SpeechStarted):
                late.append(now() - event.at)

        ears = Ears(GatheringVad(), ScriptedRecognizer(), None, EarsPolicy(), emit, now)
        hearing = asyncio.create_task(ears.run())
        for k in range(1000):
            ears.push(Pcm((b"\1" if k in (10, 990) else b"\0") * 1024, 16_000))
            await asyncio.sleep(0.032)
        hearing.cancel()
        await asyncio.wait([hearing])
        return late

    assert run(story()) == pytest.approx([0.05, 0.05], abs=0.001)


def test_a_detector_that_breaks_ends_the_hearing_with_its_reason() -> None:
    class BrokenActivity:
        async def probability(self, frame: Pcm) -> float:
            raise ProviderError("the detector is gone", provider="vad")

    class BrokenVad:
        rate, frame = 16_000, 512

        def open(self) -> BrokenActivity:
            return BrokenActivity()

    async def story() -> None:
        now = asyncio.get_running_loop().time
        ears = Ears(BrokenVad(), ScriptedRecognizer(), None, EarsPolicy(), lambda event: None, now)
        ears.push(silence(0.1, 16_000))
        await ears.run()

    with pytest.raises(ExceptionGroup) as raised:
        run(story())
    assert raised.group_contains(ProviderError, match="the detector is gone")


def test_hanging_up_in_the_middle_of_a_word_leaves_nothing_open() -> None:
    call = listen([(1.0, 9.0)], 2.0)
    assert all(recognition.is_closed for recognition in call.recognizer.opened)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.tuples(st.floats(0.02, 2.0), st.floats(0.02, 1.5)), min_size=1, max_size=6),
    cuts=st.lists(st.floats(0.1, 12.0), max_size=4),
    delay=st.sampled_from([0.0, 0.1, 0.7]),
)
def test_every_voiced_sample_belongs_to_one_utterance(
    gaps: list[tuple[float, float]], cuts: list[float], delay: float
) -> None:
    speech: list[tuple[float, float]] = []
    at = 0.5
    for gap, length in gaps:
        speech.append((at + gap, at + gap + length))
        at += gap + length
    call = listen(
        speech,
        at + 1.0,
        recognizer=ScriptedRecognizer([f"utterance {k}" for k in range(20)], delay=delay),
        do=[(cut, lambda ears: ears.cut(99)) for cut in cuts],
        numbered=True,
    )
    edges = [type(event) for event in call.of(SpeechStarted, SpeechStopped)]
    assert edges == [SpeechStarted, SpeechStopped] * (len(edges) // 2)
    told = [k for _, sound in sorted(call.told.items()) for k in array.array("h", sound)]
    assert told == sorted(told), "no sound is told twice or out of order"
    assert max(Counter(told).values(), default=0) <= 320
    heard = {k for r in call.recognizer.opened for k in array.array("h", bytes(r.sound))}
    for start, stop in speech:
        assert heard.issuperset(range(round((start + FRAME) / CHUNK) + 2, round((stop - FRAME) / CHUNK) - 1))
    ids = [number for number, _ in call.words]
    assert ids == sorted(ids)
    assert all(r.is_closed for r in call.recognizer.opened)


def _claim_unbroken(sound: array.array[int]) -> None:
    first, last = sound[0], sound[-1]
    counts = Counter(sound)
    assert all(counts[k] == 320 for k in range(first + 1, last))
