"""Joining two halves of a text that different models wrote, so that nothing is said twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from antiphon.core.sentences import Sentences

Other = TypeVar("Other")

BROKEN_OFF = " — "
"Stands between a sentence that broke off and one that begins anew, as a speaker corrects themselves."
_MARKS = " .!?…,;:—–-)”\"'\n"


class Seam:
    """Takes what follows `said` as it is written, and gives it on without what `said` has already.

    A second writer that is asked to go on may begin again at the beginning, or at any sentence, or inside the word
    that broke off. Only letters and digits are compared.
    """

    def __init__(self, said: str) -> None:
        self._said = said
        self._letters = _letters(said)
        self._ends = _sentence_ends(said)
        "In letters: where its whole sentences end."
        self._starts = [0, *self._ends]
        self._is_open = len(self._letters) > self._starts[-1]
        "Its last sentence broke off."
        self._held = ""
        self._is_joined = False

    def push(self, text: str) -> str:
        """What of it, and of what was held back before, is new for sure."""
        if self._is_joined:
            return text
        self._held += text
        return "" if self._may_still_repeat() else self._join()

    def flush(self) -> str:
        """What is held back and new: nothing more is written."""
        return "" if self._is_joined else self._join()

    def _may_still_repeat(self) -> bool:
        """All that was written so far is found in what was said; or it is a word that may be the one that broke off."""
        new = _letters(self._held)
        if self._is_open and self._said[-1:].isalnum() and self._held.strip().isalnum():
            return True
        return any(self._letters.startswith(new, start) for start in self._starts)

    def _join(self) -> str:
        self._is_joined = True
        held, new = self._held, _letters(self._held)
        for start in self._starts:  # it says again all that was said from some sentence on
            rest = self._letters[start:]
            if rest and new.startswith(rest):
                return self._go_on(held[_place(held, len(rest)) :])
        if not new or any(self._letters.startswith(new, start) for start in self._starts):
            return ""
        repeated = max(self._whole_sentences(start, new) for start in self._starts)
        if repeated:
            return self._begin(held[_place(held, repeated) :].lstrip(_MARKS))
        if not self._is_open:
            return self._begin(held.lstrip())
        word, first = self._said.split()[-1], held.split()[0]
        if self._said[-1:].isalnum() and first.startswith(word) and first != word:
            return held.lstrip()[len(word) :]
        if held.lstrip()[0].isupper():
            return self._begin(held.lstrip())
        is_apart = self._said[-1].isspace() or not held[0].isalnum()
        return held if is_apart else " " + held

    def _go_on(self, rest: str) -> str:
        """`rest` follows the very last letter that was said."""
        if not self._is_open:
            return self._begin(rest.lstrip(_MARKS))
        return rest.lstrip() if self._said[-1].isspace() else rest

    def _begin(self, sentence: str) -> str:
        """`sentence` begins anew."""
        if not sentence:
            return ""
        gap = BROKEN_OFF if self._is_open else " "
        return (gap.lstrip() if self._said[-1:].isspace() else gap) + sentence

    def _whole_sentences(self, start: int, new: str) -> int:
        """Letters of the whole sentences, from the one at `start` on, with which `new` begins."""
        return max(
            (end - start for end in self._ends if end > start and new.startswith(self._letters[start:end])),
            default=0,
        )


async def seamless(said: str, pieces: AsyncIterator[str | Other]) -> AsyncGenerator[str | Other, None]:
    """The pieces that follow `said`, without what they repeat of it. What is no text passes as it is."""
    seam = Seam(said)
    if isinstance(pieces, AsyncGenerator):
        async with aclosing(pieces):
            async for piece in _joined(seam, pieces):
                yield piece
        return
    async for piece in _joined(seam, pieces):
        yield piece


async def _joined(seam: Seam, pieces: AsyncIterator[str | Other]) -> AsyncGenerator[str | Other, None]:
    async for piece in pieces:
        if not isinstance(piece, str):
            yield piece
        elif fresh := seam.push(piece):
            yield fresh
    if rest := seam.flush():
        yield rest


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _place(text: str, letters: int) -> int:
    """The place in `text` after so many letters and digits."""
    at = 0
    while letters > 0 and at < len(text):
        letters -= len(_letters(text[at]))
        at += 1
    return at


def _ends_sentence(text: str) -> bool:
    return not text.strip() or text.rstrip().rstrip("\"'”’)")[-1:] in (".", "!", "?", "…", "\n")


def _sentence_ends(text: str) -> list[int]:
    """Where whole sentences end, counted in letters."""
    cutter = Sentences()
    whole = cutter.push(text)
    rest = cutter.flush()
    if rest and _ends_sentence(text):
        whole = [*whole, *rest]
    ends, at = [], 0
    for sentence in whole:
        at += len(_letters(sentence))
        ends.append(at)
    return ends
