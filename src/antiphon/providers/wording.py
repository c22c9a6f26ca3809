"""How much the single words of a text, and pairs of neighbours, speak for harm: a second opinion on meaning.

A sentence vector blurs the one word that matters; counts of words know nothing of meaning. Naive Bayes over
the same examples needs no training but counting.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

SMOOTHING = 0.5
"Added to each count: a word that was met once proves little."

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class Wording:
    """Log odds of harm for words and pairs, counted over examples."""

    def __init__(self, examples: Iterable[tuple[str, bool]]) -> None:
        """`examples`: texts, and whether each is harmful."""
        self._harmful: Counter[str] = Counter()
        self._harmless: Counter[str] = Counter()
        totals = {True: 0, False: 0}
        for text, is_harmful in examples:
            totals[is_harmful] += 1
            (self._harmful if is_harmful else self._harmless).update(_features(text))
        spare = 2 * SMOOTHING
        self._even = (totals[False] + spare) / (totals[True] + spare)

    def odds(self, text: str) -> float:
        """The sum of the log odds of what `text` is made of; 0 says nothing either way."""
        return sum(map(self._odds, _features(text)))

    def _odds(self, feature: str) -> float:
        """Worked out when it is asked for: of tens of thousands, a text asks for a few dozen."""
        harmful, harmless = self._harmful[feature], self._harmless[feature]
        if not harmful and not harmless:
            return 0.0
        return math.log((harmful + SMOOTHING) * self._even / (harmless + SMOOTHING))


def _features(text: str) -> set[str]:
    words = ["<", *_WORD.findall(text.lower().replace("’", "'")), ">"]
    return {*words[1:-1], *map(" ".join, pairwise(words))}


def log_odds(probability: float) -> float:
    """The natural logarithm of the odds: 0 is as likely as not."""
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))


def probability(odds: float) -> float:
    """The probability whose `log_odds` these are."""
    return 1 / (1 + math.exp(-odds))
