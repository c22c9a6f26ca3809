"""What comes out of a maths question: a worked answer, or the reason why there is none yet."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Number = Fraction | float
"A Fraction is exact; a float is an approximation and is always spoken with “about”."


@dataclass(frozen=True, slots=True)
class Solution:
    """An answer that is right for the question as read; the first sentence says how it was read."""

    kind: str
    "What sort of question it was: “percentage”, “quadratic”, “story” …"
    sentences: tuple[str, ...]
    "Short and speakable; the first states the answer, the others are one to three worked steps."
    value: str
    "The answer alone, canonical: “20”, “x = 1/2 or x = -3”."
    number: Number | None = None
    "The answer as one number, for “half of that”; None if it is not one number."
    question: str = ""
    "The question in canonical words, for “what about 30 percent?”."

    @property
    def kept(self) -> dict[str, object]:
        """What later questions can build on, as plain JSON: a session outlives the process it began in."""
        number = self.number if self.number is None or isinstance(self.number, float) else str(self.number)
        said = list(self.sentences)
        return {
            "kind": self.kind,
            "said": said,
            "value": self.value,
            "number": number,
            "question": self.question,
        }

    @classmethod
    def recalled(cls, kept: object) -> Solution | None:
        """Reads `kept`; None when it is none."""
        match kept:
            case {
                "kind": str(kind),
                "said": [*said],
                "value": str(value),
                "number": number,
                "question": str(asked),
            }:
                exact = Fraction(number) if isinstance(number, str) else number
                return cls(kind, tuple(map(str, said)), value, exact, asked)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Surely mathematics, but not answered; `reason` is one or two spoken sentences to the student."""

    reason: str


class Muddled(Exception):
    """The words allow two readings with different answers; the message asks which one is meant."""


class TooBig(Exception):
    """The result, or the work to reach it, is beyond what is useful to say aloud."""

    def __init__(self) -> None:
        super().__init__("That number is too big to work out aloud. Shall we try a smaller one?")


class NotMaths(Exception):
    """These words are no expression of ours; somebody else may understand them."""
