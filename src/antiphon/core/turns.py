"""The numbers and judgements of turn-taking: when a turn is over, when to give way, when to say something.

All durations are seconds. Every number says its reason; `benchmarks/` measures what they bring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from antiphon.core.speech import Approved


class Verdict(StrEnum):
    """What speech over the agent's voice means."""

    YIELD = "yield"
    "The user wants the floor."
    IGNORE = "ignore"
    "It asked for nothing: a back-channel, a cough, a noise."
    UNDECIDED = "undecided"
    "Too early to say."


BACKCHANNELS = frozenset(
    "mhm mmhm mm hmm hm uh huh uhhuh aha ah oh yeah yep yes yup ok okay right sure alright good great nice "
    "cool wow really interesting i see got it uh um er go on exactly true indeed all that that's know absolutely "
    "definitely totally fine perfect lovely understood of course makes sense".split()
)
"""Words a listener says without wanting the floor. A phrase made of these alone does not interrupt. The commonest
acknowledgements of telephone calls are among them (Jurafsky, Shriberg, Fox and Curl 1998, on Switchboard)."""

COMMANDS = frozenset(
    "stop wait no hold hang pause sorry excuse actually but quiet enough hey listen why what who when where how "
    "which again repeat pardon louder slower faster help next skip back teacher".split()
)
"One of these at the start of what is said is enough to take the floor."

_WORD = re.compile(r"[a-z']+|\d+")


FALL = 4.0
"Steepness of the fall of the wait where words no longer plainly ask for more."


def _share(p: float, midway: float, curve: float) -> float:
    """1 at p = 0, a half at `midway`, 0 at p = 1."""
    doubt, trust = (1.0 - p) * midway, p * (1.0 - midway)
    share: float = doubt**curve / (doubt**curve + trust**curve)
    return share


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """When to speak and when to be silent. A frozen value: part of a journal's header."""

    min_wait: float = 0.3
    "Silence after which a turn that is surely complete is over. Words and score come 0.16 s + inference after"
    " the last voiced frame, and that frame ends 0.07 s after the sound: less would not be sooner."
    doubt_wait: float = 0.8
    "Silence after which a turn is over that may be whole or not. A pause of 0.7 s lasts up to 0.8 s as the detector"
    " hears it; a whole utterance that was doubted (half of them) need not wait for longer ones."
    max_wait: float = 1.2
    "Silence after which any turn is over: so long is waited for where words plainly ask for more."
    wait_midway: float = 0.91
    "Completeness at which the wait lies midway between doubt_wait and min_wait; see benchmarks/endpointing.py. Of"
    " pauses of 0.7 s 4.8 % are taken for the end, and the median whole utterance waits 0.82 s unless it is understood;"
    " with 0.90 it is 5.5 % and 0.77 s, with 0.87 6.6 % and 0.52 s."
    wait_curve: float = 8.0
    "Steepness of the fall there. 1 is a gentle slope, on which hardly anything gets min_wait; from 3 on pauses"
    " of 0.7 s and answers within 0.45 s part ways."
    wait_unfinished: float = 0.1
    "Completeness at which the wait lies midway between max_wait and doubt_wait: 6 in 10 pauses score less, and 2 %"
    " of whole utterances."
    unscored: float = 0.05
    "Completeness assumed while no turn detector has spoken."
    dangles_below: float = 0.5
    "Completeness below which words ask for more of them, even when those at hand can be answered: what is five plus."
    slot_wait: Mapping[str, float] = field(
        default_factory=lambda: {"digits": 1.2, "email": 1.5, "spelling": 1.5, "date": 0.8, "sentence": 1.0}
    )
    "Least silence while the agent waits for dictated things: people pause between groups of digits, and the"
    " turn model calls each group complete."
    max_recognition: float = 3.0
    "Longest wait for the recognizer after the user fell silent; then the words at hand are the turn."
    speculates: bool = True
    "Begin the reply at the first likely end, held until the turn is over."
    min_interruption: float = 1.0
    "Voiced seconds over the agent's voice that take the floor even if no words were made out; twice as many of words"
    " that ask for nothing. Hums and coughs last 0.2 to 0.5 s, “yes, yes” 0.8 s; the first guess at the words comes"
    " after 0.5 s. The voice is held meanwhile."
    aside: float = 0.4
    "Voiced seconds up to which one or two words over the agent's voice ask for nothing, unless they are"
    " commands: recognizers make words of a hum (Moonshine hears mhm as her, uh-huh as if I)."
    doubtful: float = 0.65
    "Voiced seconds over the agent's voice up to which words that the recognizer doubts ask for nothing, unless they"
    " are commands: of hums of half a second it makes up to five words."
    doubt: float = 0.9
    "Confidence of the recognizer below which it doubts its words. Of hums it is sure by 0.3 to 0.86, of a short word"
    " said by 0.8 to 0.98: see benchmarks/interjections.py."
    side_talk: float = 8.0
    "Decibels by which words over the agent's voice are softer than the user's turns, from which on they are taken for"
    " somebody else's, or for somebody else: only a command takes the floor then. A voice four times as far from the"
    " microphone is 12 dB softer."
    verdict_within: float = 1.2
    "After the user fell silent over the agent's voice: with no verdict by then, the agent goes on."
    clear_within: float = 0.5
    "Longest wait for the player's last acknowledgement after it was told to stop."
    filler_after: tuple[float, ...] = (0.5, 1.5, 3.0)
    "After the end of the turn, with no sentence ready: say something short."
    prompt_after: float = 25.0
    "Silence of both after which the agent asks whether the user is still there."
    farewell_within: float = 20.0
    "Longest wait for a moment of quiet when a conversation must end: an answer and a question take no longer."
    max_prompts: int = 2
    "Prompts in a row; then the agent stays silent until the user speaks."

    def wait(self, completeness: float | None, expect: str = "", is_understood: bool = False) -> float:
        """Seconds of silence after which a turn of this completeness is over. Falls as completeness rises.

        `is_understood`: the words are a question whose answer is known. Then only words that dangle are
        waited for.
        """
        p = self.unscored if completeness is None else min(max(completeness, 0.0), 1.0)
        if is_understood and p >= self.dangles_below:
            p = 1.0
        graded = (
            self.min_wait
            + (self.doubt_wait - self.min_wait) * _share(p, self.wait_midway, self.wait_curve)
            + (self.max_wait - self.doubt_wait) * _share(p, self.wait_unfinished, FALL)
        )
        return max(graded, self.slot_wait.get(expect, 0.0))

    def judge(
        self, text: str, voiced: float, *, is_over: bool, softer: float = 0.0, confidence: float = 1.0
    ) -> Verdict:
        """What speech over the agent's voice means, from its words so far, its length and level, and whether it ended.

        `text` empty: no words were made out yet, or, when `is_over`, there were none. `softer`: decibels below what
        the user usually says to the agent. `confidence`: the recognizer's, of words after which it is over.
        """
        words = _WORD.findall(text.lower())
        if words and words[0] in COMMANDS:
            return Verdict.YIELD
        if softer >= self.side_talk:
            return Verdict.IGNORE if is_over else Verdict.UNDECIDED
        if is_over and voiced <= self.aside and len(words) <= 2:
            return Verdict.IGNORE
        if voiced <= self.doubtful and not (is_over and confidence >= self.doubt):
            return Verdict.IGNORE if is_over else Verdict.UNDECIDED
        if words and not all(word in BACKCHANNELS for word in words):
            return Verdict.YIELD
        if is_over:
            return Verdict.IGNORE
        if not words and voiced >= self.min_interruption:
            return Verdict.YIELD
        if voiced >= 2 * self.min_interruption:
            return Verdict.YIELD
        return Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class Lines:
    """What the agent says of itself, checked beforehand. Empty: it stays silent on that occasion."""

    greeting: Approved | None = None
    fillers: tuple[tuple[Approved, ...], ...] = ()
    "For each of `filler_after`, several to choose from; never the same twice in a row."
    prompts: tuple[Approved, ...] = ()
    apology: Approved | None = None
    "Said when a reply fails before a word of it was spoken, and when nobody could make out what the user said."
    trouble: Approved | None = None
    "Said, once in a turn, when an answer breaks off or a sentence could not be voiced: its sound is kept ready."
