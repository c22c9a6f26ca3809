"""How long a caller waits for the answer to a complete spoken question.

Questions of the tutor's three subjects are spoken in real time by a real connection to a real server, in the
bundled voice and in the robot voices found on the machine. Measured on the two waveforms of the call: from the
caller's last audible sample to the first audible sample of the answer that left the caller's loudspeaker, 10 ms of
jitter buffer included. Audible is what lies less than 40 dB below the loud of the recording, and above its
background. A filler is no answer; it is told apart. The goals are for the natural voice: turn detectors take
robots for people who have not finished. They also speak later, so that the server has voiced some of the answers
before. Beside the wait, turn-taking is told as in the suite `yield`, L_R being the wait for any voice; the words
misheard by the edits between what was said and what the server understood, both as one speaks them; and what the
server says it was charged. Of the parts, "outside" is what the caller waits and the server does not count: the
wire, the jitter buffer, and the end of speech, which the server puts where its detector did. Each question is
asked once, and one that is not answered within 15 s is a failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from antiphon.bench.bills import Bill, bill_of
from antiphon.bench.caller import Caller
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, median, p50_p95
from antiphon.bench.line import CallDropped
from antiphon.bench.listening import said, timeline
from antiphon.bench.metrics import panel
from antiphon.bench.timeline import Said, Timeline
from antiphon.bench.trials.framework import median_parts
from antiphon.bench.trials.panels import turn_taking
from antiphon.bench.trials.trial import Progress, Setup, hush, served, some_answer
from antiphon.bench.turns import Turn, measure
from antiphon.bench.voices import CallerVoice
from antiphon.bench.words import word_error_rate
from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError
from antiphon.core.pronunciation import spoken

TITLE = "Response to a spoken question"
GOALS = p50_p95(600, 900)
ANSWER_WITHIN_S = 15.0
"Longer than any answer that is worth waiting for, fillers and all."
QUESTIONS = (
    "What is twenty five percent of eighty?",
    "Why did World War One start?",
    "What is a metaphor?",
    "Solve three x minus five equals ten.",
    "What was the Roman Empire?",
    "What is the difference between their and there?",
    "What is twelve times fifteen?",
    "When did the French Revolution begin?",
    "What is an adverb?",
    "What is the square root of one hundred and forty four?",
    "Who was Julius Caesar?",
    "What does a semicolon do?",
    "Find the area of a circle with radius three.",
    "What was the Industrial Revolution?",
    "What is alliteration?",
    "How many degrees are in a triangle?",
    "What caused the Great Depression?",
    "What is a simile?",
    "What is the average of four, eight and twelve?",
    "What was the Cold War about?",
)
"The subjects take turns, so that the first few already touch all of them."


@dataclass(slots=True)
class Asked:
    """The questions that one voice asked, in one call, and what became of them."""

    voice: CallerVoice
    texts: Sequence[str]
    turns: list[tuple[str, Turn]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    drawn: Timeline = Timeline()  # noqa: RUF009 - it is frozen
    bill: Bill | None = None
    "What the server says the call cost, where it keeps that."

    @property
    def responses(self) -> tuple[float, ...]:
        return tuple(turn.response_ms for _, turn in self.turns if turn.response_ms is not None)


async def run(setup: Setup) -> Outcome:
    """Each voice asked the first `setup.repeats` of `QUESTIONS`, by default all."""
    begun = time.monotonic()
    texts = [QUESTIONS[n % len(QUESTIONS)] for n in range(setup.repeats or len(QUESTIONS))]
    asked = [Asked(voice, texts) for voice in setup.speakers()]
    spoken, failures = await _recorded(asked, setup)
    total = len(texts) * len(spoken)
    async with served(setup) as url:
        for number, (one, sounds) in enumerate(spoken):

            def tell(turn: int, done: int = number * len(texts), name: str = one.voice.name) -> None:
                setup.tell(Progress("turn", done + turn, total, name))

            try:
                async with setup.call(url) as caller:
                    await _ask(caller, one, sounds, tell)
                one.bill = await bill_of(url, caller.ready.session, setup.key)
            except CallDropped as dropped:
                one.failures.append(f"{one.voice.name}: {dropped}")
    failures += [failure for one in asked for failure in one.failures]
    return Outcome(
        "turn",
        TITLE,
        __doc__ or "",
        tuple(figures(asked)),
        parts=_parts(asked),
        details=tuple(_detail(one.voice.name, text, turn) for one in asked for text, turn in one.turns),
        failures=tuple(failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def _recorded(asked: Sequence[Asked], setup: Setup) -> tuple[list[tuple[Asked, list[Pcm]]], list[str]]:
    """The questions as sound, made before the call so as to take nothing from it; voices that fail are told."""
    spoken, failures = [], []
    for one in asked:
        setup.tell(Progress("turn", 0, len(one.texts) * len(asked), f"recording {one.voice.name}"))
        try:
            spoken.append((one, [await one.voice.say(text) for text in one.texts]))
        except SetupError as error:
            failures.append(str(error))
    return spoken, failures


async def _ask(caller: Caller, asked: Asked, sounds: Sequence[Pcm], tell: Callable[[int], None]) -> None:
    """Each question is said when the agent is silent, and its answer heard until it is measured."""
    did: list[Said] = []
    for number, (text, sound) in enumerate(zip(asked.texts, sounds, strict=True), 1):
        utterance = await caller.say(sound, caller.now + 0.5)
        did.append(said(utterance, text=text))
        is_answered = await some_answer(caller, utterance, ANSWER_WITHIN_S)
        turn = measure(caller, utterance)
        asked.turns.append((text, turn))
        if not is_answered or turn.response_ms is None:
            asked.failures.append(f"{asked.voice.name}: “{text}” was not answered in {ANSWER_WITHIN_S:g} s")
        try:
            await hush(caller)
        except TimeoutError:
            asked.failures.append(f"{asked.voice.name}: the agent did not stop after “{text}”")
        tell(number)
    asked.drawn = timeline(caller, did)


def figures(asked: Sequence[Asked]) -> list[Figure]:
    """The response for each voice, and what goes with it."""
    rows = []
    for one in asked:
        goals = GOALS if one.voice.is_natural else ()
        name = f"end of speech → first sound of the answer, {one.voice.name}"
        rows.append(Figure(name, "ms", one.responses, goals))
    turns = [turn for one in asked for _, turn in one.turns]
    if len(asked) > 1:
        everyone = tuple(value for one in asked for value in one.responses)
        rows.append(Figure("end of speech → first sound of the answer, all voices", "ms", everyone))
    fillers = tuple(float(bool(turn.fillers)) for turn in turns)
    rows.append(Figure("turns in which a filler came first", "%", fillers, kind=Kind.SHARE))
    early = tuple(float(value < 0) for one in asked for value in one.responses)
    rows.append(Figure("answered before the caller had finished", "%", early, kind=Kind.SHARE))
    told = tuple(t.server_response_ms for t in turns if t.server_response_ms is not None)
    rows.append(Figure("the same wait as the server tells it, all voices", "ms", told))
    rows.append(Figure("words misheard, of each that was said", "", _misheard(asked), kind=Kind.LEVEL))
    rows += turn_taking(panel([one.drawn for one in asked if one.voice.is_natural]))
    costs = [one.bill.usd / one.bill.turns for one in asked if one.bill is not None and one.bill.turns]
    rows.append(
        Figure(
            "hosted models and services, a turn",
            "US$",
            tuple(costs),
            kind=Kind.LEVEL,
            measure="cost_per_turn_usd",
        )
    )
    return rows


def _misheard(asked: Sequence[Asked]) -> tuple[float, ...]:
    """The word error rate of each question, all voices."""
    return tuple(
        word_error_rate(as_spoken(text), as_spoken(turn.user_text))
        for one in asked
        for text, turn in one.turns
    )


def as_spoken(text: str) -> str:
    """The words one says for it: “25%” is three of them."""
    return " ".join(word.text for word in spoken(text))


def _parts(asked: Sequence[Asked]) -> tuple[tuple[str, float], ...]:
    """The server's own parts and what the caller waits besides, for the natural voices."""
    turns = [turn for one in asked if one.voice.is_natural for _, turn in one.turns if turn.parts_ms]
    besides = [
        turn.response_ms - turn.server_response_ms
        for turn in turns
        if turn.response_ms is not None and turn.server_response_ms is not None
    ]
    outside = (("outside", round(median(besides), 2)),) if besides else ()
    return (*median_parts([turn.parts_ms for turn in turns]), *outside)


def _detail(voice: str, text: str, turn: Turn) -> Detail:
    return {
        "voice": voice,
        "asked": text,
        "understood": turn.user_text,
        "specialist": turn.route.specialist if turn.route else "",
        "heard": turn.heard_text,
        "response_ms": turn.response_ms,
        "first_sound_ms": turn.first_sound_ms,
        "server_response_ms": turn.server_response_ms,
        "gaps_ms": sum(turn.gaps_ms),
        **turn.parts_ms,
    }
