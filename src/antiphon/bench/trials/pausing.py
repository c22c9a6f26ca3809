"""How often the agent speaks into a caller's pause.

A caller stops in the middle of a sentence for 300 to 700 ms and goes on. The sentence is spoken as a whole by
the bundled voice and taken apart between two words, so that its first half does not fall as a finished sentence does;
the pause is exact, from the last audible sample before it to the first one after. By a real connection to a real
server, like the suite `turn`. It is cut off when the agent became audible, with a filler or an answer, after the
caller's first and before the caller's last audible sample. The answer's wait after the end is told as well:
patience alone is cheap.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.bench.caller import Caller
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, most
from antiphon.bench.headset import Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.trials.trial import Progress, Setup, hush, served, some_answer
from antiphon.bench.turns import Turn, measure
from antiphon.core.audio import Pcm

TITLE = "Patience with pauses"
PAUSES_S = (0.3, 0.5, 0.7, 0.4, 0.6)
ANSWER_WITHIN_S = 15.0
SENTENCES = (
    "What is twenty five percent | of eighty?",
    "Why did the | First World War start?",
    "Can you explain what | a metaphor is?",
    "Solve three x minus five | equals ten.",
    "I would like to know what | the Roman Empire was.",
    "What is the difference between | their and there?",
    "What do I get if I multiply twelve | by fifteen?",
    "Tell me when the French Revolution | began, please.",
    "I have a question about | adverbs.",
    "What is the square root of | one hundred and forty four?",
)
"Where | stands, the caller thinks. In some of them what was said by then is a sentence by itself."


@dataclass(frozen=True, slots=True)
class Paused:
    """One sentence with its pause, and what the agent made of it."""

    text: str
    pause_s: float
    cut_in_ms: float | None
    "When the agent spoke up too early, from the beginning of the pause; None: it did not."
    turn: Turn

    def detail(self) -> Detail:
        return {
            "said": self.text,
            "pause_ms": round(1000 * self.pause_s),
            "cut_in_ms": self.cut_in_ms,
            "understood": self.turn.user_text,
            "response_ms": self.turn.response_ms,
        }


async def run(setup: Setup) -> Outcome:
    """`setup.repeats` sentences were said, by default each twice with different pauses."""
    begun = time.monotonic()
    voice = setup.speakers()[0]
    planned: list[tuple[str, float, Pcm, float]] = []
    for number in range(setup.repeats or 2 * len(SENTENCES)):
        text = SENTENCES[number % len(SENTENCES)]
        pause_s = PAUSES_S[(number + number // len(SENTENCES)) % len(PAUSES_S)]
        planned.append((text, pause_s, *await voice.say_broken(text, pause_s)))
    found: list[Paused] = []
    failures: list[str] = []
    async with served(setup) as url:
        try:
            async with setup.call(url) as caller:
                for done, (text, pause_s, sound, pause_at) in enumerate(planned):
                    setup.tell(Progress("pause", done, len(planned), f"{1000 * pause_s:.0f} ms"))
                    utterance = await caller.say(sound, caller.now + 0.5)
                    if not await some_answer(caller, utterance, ANSWER_WITHIN_S):
                        failures.append(f"“{text}” was not answered in {ANSWER_WITHIN_S:g} s")
                    early = cut_in(caller, utterance, pause_at)
                    found.append(Paused(text, pause_s, early, measure(caller, utterance)))
                    await hush(caller)
        except (CallDropped, TimeoutError) as error:
            failures.append(str(error) or "the agent did not stop")
    return Outcome(
        "pause",
        TITLE,
        __doc__ or "",
        tuple(figures(found)),
        details=tuple(one.detail() for one in found),
        failures=tuple(failures),
        seconds=round(time.monotonic() - begun, 1),
    )


def cut_in(caller: Caller, utterance: Utterance, pause_at: float) -> float | None:
    """When the agent became audible while the caller had more to say, milliseconds from the pause's start."""
    early = [
        at
        for at in caller.loudspeaker.speaking_since.values()
        if utterance.speech_start <= at < utterance.speech_end
    ]
    return round((min(early) - utterance.start - pause_at) * 1000, 1) if early else None


def figures(found: Sequence[Paused]) -> list[Figure]:
    """What the trials come to."""
    return [
        Figure(
            "cut off in the middle of the sentence",
            "%",
            tuple(float(one.cut_in_ms is not None) for one in found),
            (most(5),),
            Kind.SHARE,
        ),
        Figure(
            "end of speech → first sound of the answer",
            "ms",
            tuple(
                one.turn.response_ms
                for one in found
                if one.turn.response_ms is not None and one.cut_in_ms is None
            ),
        ),
    ]
