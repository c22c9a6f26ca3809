"""The ledger of a turn's voice: which words its samples carry, and how many of them were heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from antiphon.core.speech import WordMark


@dataclass(slots=True)
class _Line:
    """One sentence of the turn. `start` is the turn's sample at which its sound begins, once there is any."""

    text: str
    start: int | None = None
    samples: int = 0
    marks: list[WordMark] = field(default_factory=list)
    has_ended: bool = False


class Playout:
    """What is spoken in one turn, what is queued of it, and what the listener has heard.

    Samples are counted over the whole turn in the order of queueing; the sound of a sentence is contiguous,
    and sentences are queued in the order in which they are spoken. A word is what stands between spaces; it
    is heard when the sample of the first mark that covers it has been played; a sentence without any marks
    is heard when its whole sound has been. What the finished sound of a sentence does not carry (symbols,
    the rest of a sentence whose synthesis failed) is not spoken: it is neither heard nor unheard.
    """

    def __init__(self) -> None:
        self.queued_samples = 0
        self.played_samples = 0
        self._lines: dict[int, _Line] = {}

    def speak(self, sentence: int, text: str) -> None:
        """`text` is the turn's sentence number `sentence`; its sound is still to come."""
        if sentence in self._lines:
            raise ValueError(f"sentence {sentence} is already spoken in this turn")
        if self._lines and sentence < max(self._lines):
            raise ValueError(f"sentence {sentence} comes after sentence {max(self._lines)}")
        self._lines[sentence] = _Line(text)

    def queued(
        self, sentence: int, samples: int, marks: Sequence[WordMark] = (), is_last: bool = False
    ) -> None:
        """`samples` more of the sentence wait to be played. Marks count from the start of the sentence."""
        line = self._lines[sentence]
        if line.has_ended:
            raise ValueError(f"the sound of sentence {sentence} is already complete")
        if samples < 0:
            raise ValueError(f"cannot queue {samples} samples")
        if samples and any(later.samples for n, later in self._lines.items() if n > sentence):
            raise ValueError(f"sound of sentence {sentence} cannot follow that of a later sentence")
        if line.start is None and samples:
            line.start = self.queued_samples
        line.samples += samples
        line.marks.extend(marks)
        self.queued_samples += samples
        if is_last:
            is_whole = bool(line.samples and not line.marks)
            self._end(line, len(line.text) if is_whole else _covered(line.marks))

    def failed(self, sentence: int) -> None:
        """No more sound of the sentence will come: the words that were not given any are not spoken."""
        line = self._lines[sentence]
        if not line.has_ended:
            self._end(line, _covered(line.marks))

    def _end(self, line: _Line, chars: int) -> None:
        line.text = line.text[: _word_end(line.text, chars)]
        line.has_ended = True

    def played(self, samples: int) -> None:
        """The listener has heard `samples` of the turn in all. Older news and excess are ignored."""
        self.played_samples = max(self.played_samples, min(samples, self.queued_samples))

    def stopped(self, samples: int) -> None:
        """The listener has heard no more than `samples` of the turn in all, whatever was thought before."""
        self.played_samples = min(samples, self.queued_samples)

    @property
    def is_drained(self) -> bool:
        """Every sentence's sound is complete and has been played. True of a turn that says nothing."""
        return self.played_samples == self.queued_samples and all(
            line.has_ended for line in self._lines.values()
        )

    @property
    def heard(self) -> str:
        """The words that have been heard, sentences joined by a space."""
        return _joined(line.text[:reached] for line, reached in self._reached())

    @property
    def unheard(self) -> str:
        """The words that are queued or still being made into sound, sentences joined by a space."""
        return _joined(line.text[reached:] for line, reached in self._reached())

    def rest(self) -> Iterator[tuple[int, str]]:
        """The sentences that were not heard to their end, by number, each with its unheard words."""
        for number, (line, reached) in zip(self._lines, self._reached(), strict=True):
            if text := line.text[reached:].strip():
                yield number, text

    def _reached(self) -> Iterator[tuple[_Line, int]]:
        """Each line with the characters heard of it: nothing is heard of what follows an unfinished line."""
        is_reading = True
        for line in self._lines.values():
            reached = self._heard_of(line) if is_reading else 0
            is_reading = is_reading and line.has_ended and reached == len(line.text)
            yield line, reached

    def _heard_of(self, line: _Line) -> int:
        if line.start is None:
            return 0
        into = self.played_samples - line.start
        if line.has_ended and into >= line.samples:
            return len(line.text)
        return _word_end(line.text, _covered(mark for mark in line.marks if mark.at <= into))


def _covered(marks: Iterable[WordMark]) -> int:
    """The characters that the marks account for."""
    return max((mark.chars for mark in marks), default=0)


def _word_end(text: str, chars: int) -> int:
    """The end of the last word that lies within the first `chars` characters."""
    chars = min(max(chars, 0), len(text))
    if chars < len(text) and not text[chars].isspace():
        while chars and not text[chars - 1].isspace():
            chars -= 1
    return len(text[:chars].rstrip())


def _joined(parts: Iterable[str]) -> str:
    return " ".join(stripped for part in parts if (stripped := part.strip()))
