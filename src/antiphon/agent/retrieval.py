"""Finding the passage that answers a question: notes, what a retriever gives, and likeness of words."""

from __future__ import annotations

import builtins
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Note:
    """Something the agent knows, in words it may speak."""

    id: str
    title: str
    text: str
    questions: tuple[str, ...] = ()
    "Questions it answers, as a caller would put them."
    keywords: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A note that was found, and how near it is to the question."""

    id: str
    title: str
    text: str
    source: str
    score: float
    "Likeness of meaning, up to 1, with a small bonus for shared words."


class Knowledge(Protocol):
    """What agents look up: notes, by tenant and collection. Raises StoreUnavailable."""

    async def put(
        self,
        tenant: str,
        collection: str,
        notes: Sequence[Note],
        vectors: Sequence[Sequence[Sequence[float]]],
    ) -> None:
        """The notes are there, in place of those of the same ids: all of them or none.

        `vectors`: for each note the unit vectors by which it is found, at least one.
        """

    async def search(
        self, tenant: str, collection: str, words: str, vector: Sequence[float], limit: int = 3
    ) -> builtins.list[Passage]:
        """The notes nearest to a question, the best first: by the greatest cosine of `vector` with one of
        theirs, and a little by the `words` they share with it."""

    async def list(self, tenant: str, collection: str) -> tuple[Note, ...]:
        """All notes, in the order of their ids."""

    async def delete(self, tenant: str, collection: str, ids: Sequence[str] | None = None) -> int:
        """The notes of these ids, or all of the collection, are gone. Returns how many there were."""


_STOP_WORDS = """
    a about again all am an and any are as at be because been but by can could did do does doing don down
    each few for from get give go had has have having he her here hers him his how i if in into is it its just
    know let like many me more most much my no nor not now of off on once one only or other our out over own
    please really right same say she should so some such tell than that the their them then there these they
    this those through to too under until up us very want was we were what when where which while who whom why
    will with would you your explain mean means thing s t re ve ll d m
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def terms(text: str) -> list[str]:
    """The words of `text` that carry meaning, in lower case, plurals and possessives made alike."""
    words = re.findall(r"[^\W_]+", text.lower().replace("'s", "").replace("’s", ""))
    return [_stem(word) for word in words if word not in STOP_WORDS]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class WordIndex:
    """Likeness of words: BM25 (Robertson & Zaragoza 2009) over a fixed set of documents."""

    def __init__(self, documents: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        self.size = len(documents)
        counts = [Counter(terms(document)) for document in documents]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
        holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            for term, times in count.items():
                weight = times * (k1 + 1) / (times + k1 * (1 - b + b * length / mean))
                holders[term].append((index, weight))
        self._rarity = {
            term: math.log(1 + (self.size - len(found) + 0.5) / (len(found) + 0.5))
            for term, found in holders.items()
        }
        self._unknown = math.log(1 + (self.size + 0.5) / 0.5)
        self._holders = dict(holders)

    def shares(self, query: str) -> dict[int, float]:
        """For each document that shares a word with `query`, 0…1: its BM25 beside the best one's, times how
        much of the query's weight the best one covers. Empty when the query has only stop words.
        """
        asked = set(terms(query))
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        for term in asked:
            for index, weight in self._holders.get(term, ()):
                scores[index] += weight * self._rarity[term]
                covered[index] += self._rarity[term]
        if not scores:
            return {}
        best = max(scores, key=scores.__getitem__)
        whole = sum(self._rarity.get(term, self._unknown) for term in asked)
        return {index: score / scores[best] * covered[best] / whole for index, score in scores.items()}

    def strange(self, query: str) -> float:
        """How much of the weight of `query` lies in words that no document has, 0…1."""
        asked = set(terms(query))
        whole = sum(self._rarity.get(term, self._unknown) for term in asked)
        return sum(self._unknown for term in asked if term not in self._rarity) / whole if whole else 0.0
