"""How much the single words of a text, and pairs of neighbours, speak for harm: a second opinion on meaning.

A sentence vector blurs the one word that matters; counts of words know nothing of meaning. Naive Bayes over
the same examples needs no training but counting.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SMOOTHING = 0.5
"Added to each count: a word that was met once proves little."

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Counted:
    """The words of some texts, and pairs of neighbours: how many of the texts have each."""

    texts: int
    features: Counter[str]


def counted(examples: Iterable[tuple[str, str]]) -> dict[str, Counted]:
    """The words of the texts of each label."""
    features: dict[str, Counter[str]] = defaultdict(Counter)
    texts: Counter[str] = Counter()
    for text, label in examples:
        texts[label] += 1
        features[label].update(_features(text))
    return {label: Counted(texts[label], found) for label, found in features.items()}


class Wording:
    """Log odds of harm for words and pairs, counted over examples."""

    def __init__(self, harmful: Sequence[Counted], harmless: Sequence[Counted]) -> None:
        self._harmful = [each.features for each in harmful]
        self._harmless = [each.features for each in harmless]
        spare = 2 * SMOOTHING
        self._even = (sum(each.texts for each in harmless) + spare) / (
            sum(each.texts for each in harmful) + spare
        )

    def odds(self, text: str) -> float:
        """The sum of the log odds of what `text` is made of; 0 says nothing either way."""
        return sum(map(self._odds, _features(text)))

    def _odds(self, feature: str) -> float:
        """Worked out when it is asked for: of tens of thousands, a text asks for a few dozen."""
        harmful = sum(found[feature] for found in self._harmful)
        harmless = sum(found[feature] for found in self._harmless)
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
