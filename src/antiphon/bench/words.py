"""Words counted: how many were misheard, and how many are remembered that nobody heard."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[a-z']+|\d+")


def words_of(text: str) -> list[str]:
    """The words of the text, without case and punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to put in, to leave out or to change that make the one of the other."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(heard, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]


def word_error_rate(said: str, heard: str) -> float:
    """Edits for each word that was said; above 1 where more was made up than said. 0 for nothing said and heard."""
    wanted = words_of(said)
    wrong = edits(wanted, words_of(heard))
    return wrong / len(wanted) if wanted else float(wrong > 0)


def words_apart(heard: Sequence[str], remembered: Sequence[str]) -> int:
    """|remembered − heard|: words remembered that were not heard, and words heard that are not remembered."""
    same = 0
    while same < min(len(heard), len(remembered)) and heard[same] == remembered[same]:
        same += 1
    return len(heard) + len(remembered) - 2 * same
