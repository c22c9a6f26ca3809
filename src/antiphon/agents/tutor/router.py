"""Which of the tutor's specialists answers: what was asked, in the light of who spoke last.

A classifier weighs the words by themselves. A short follow-up ("why?", "and half of that?") has few words to
weigh and points back, so the specialist it points back to gets the benefit of the doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from antiphon.agent.retrieval import terms
from antiphon.agent.routing import LinearHead, Route
from antiphon.agents.tutor.clarifying import CLARIFY, asked_about, homonym, named
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.ports import Encoder
from antiphon.providers.heads import Example, read_examples, taught
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

KNOWLEDGE = Path(__file__).parent / "knowledge"
UNCLEAR = "unclear"
LABELS = ("math", "history", "english", "smalltalk", "person", "other", UNCLEAR)
SUBJECTS = frozenset({"math", "history", "english"})
"Whom a follow-up can belong to: a thank-you or a call for a teacher in between does not end the subject."

ASK_BELOW = 0.5
"Confidence below which the caller is asked what they mean, if two subjects are about as likely."
VAGUE = 0.45
"P(it names no subject) from which the caller is asked for one."
AS_LIKELY = 0.45
"The lesser of two shares as a part of the greater, from which they are about as likely."

SURE = 0.6
"Confidence from which a line that should have been an answer is taken for a question of its own."

MEMORY = 6
"Agent lines that are looked back on for the subject under discussion."

# How a follow-up begins, what it points with, and whole lines that are nothing else.
_OPENS = re.compile(
    r"^(?:(?:ok(?:ay)?|right|so|well|hmm+|oh|yes|yeah|no|wait)[\s,.]+)*"
    r"(?:and|but|or|then|what about|how about|what if|also|why|how so|how come|when|where|who|which one)\b",
    re.I,
)
_POINTS = re.compile(
    r"\b(?:that|this|it|its|those|these|them|they|their|he|him|his|she|her|there|again|one|ones|same|"
    r"instead|else|more|another|last|previous|other|both|either|the (?:answer|result|first|second|next))\b",
    re.I,
)
_ASKS_AGAIN = re.compile(
    r"\b(?:explain|repeat|say|tell|show|go on|continue|example|hint|sure|slower|slowly|simpler|step|steps|"
    r"understand|understood|get it|got it|wrong|correct|check|really|next|louder|easier|harder|help)\b",
    re.I,
)
_NUMBER = re.compile(
    r"^(?:\d[\d.,/%]*|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|half|quarter|"
    r"third|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|percent|minus|plus|times)$",
    re.I,
)
_FILLING = frozenset(
    "huh eh pardon ok okay yes yeah yep no nope well um uh er hmm oh hey sorry wait got sure maybe bit "
    "little lot anything something else another answer question first second last next thing way "
    "ask asked happen happened happens".split()
)


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far an utterance leans on what came before it."""

    content: int
    "Words that say by themselves what it is about."
    cue: str
    "What points back or asks again, in the speaker's words; empty when nothing does."
    points: bool
    "It has a word that stands for something said before."
    opens: bool
    "It begins as a follow-up does."
    words: int

    @property
    def pull(self) -> float:
        """P(it belongs to the subject under discussion) before its own words are weighed, 0…1."""
        if self.content == 0:
            return 0.97 if self.words else 0.5
        if self.opens and (self.points or self.words <= 4):
            return 0.9
        if self.opens or self.points:
            return 0.75 if self.content <= 3 else 0.55
        return 0.6 if self.words <= 3 else 0.4

    @property
    def weight(self) -> float:
        """How much its own words count, 0…1: a word or two say little, four say enough."""
        return (0.12, 0.6, 0.85, 1.0)[min(self.content, 3)]


def dependence(utterance: str) -> Dependence:
    """What `utterance` itself tells about how it hangs on the conversation."""
    asks = _ASKS_AGAIN.findall(utterance)
    points = _POINTS.findall(utterance)
    again = {term for word in asks for term in terms(word)}
    content = [
        term
        for term in terms(utterance)
        if term not in _FILLING and term not in again and not _POINTS.fullmatch(term)
    ]
    # Numbers name no subject of their own: "what about thirty" is as good after a sum as after a date.
    weighty = [term for term in content if not _NUMBER.match(term)]
    counted = len(weighty) + (1 if len(content) - len(weighty) >= 2 else 0)
    cue = ", ".join(dict.fromkeys(word.lower() for word in points + asks))
    return Dependence(
        counted, cue, bool(points), bool(_OPENS.match(utterance.strip())), len(utterance.split())
    )


class TutorRouter:
    """A `Router` that needs one encode an utterance. May be shared by all sessions."""

    def __init__(self, encoder: Encoder, head: LinearHead) -> None:
        self._encoder = encoder
        self._head = head

    @classmethod
    async def learn(
        cls,
        encoder: BulkEncoder,
        cache: VectorCache,
        folder: Path = KNOWLEDGE,
        progress: Progress | None = None,
    ) -> TutorRouter:
        """The router that the examples in `folder` make. Raises SetupError naming a bad line."""
        return cls(encoder, await taught(encoder, cache, partial(examples, folder), progress))

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        """Who answers `utterance` after `conversation`, how sure that is, and why."""
        subject = subject_of(conversation)
        if not any(map(str.isalnum, utterance)):
            return Route(subject or "smalltalk", 0.5, "no words to go by")
        if asked := asked_about(conversation):
            return await self._settle(asked, utterance)
        if (between := homonym(utterance)) and subject not in between:
            return Route(
                CLARIFY,
                1.0 / len(between),
                f"means one thing in {between[0]} and another in {between[1]}",
                between,
            )
        [vector] = await self._encoder.encode([utterance])
        alone = self._head.probabilities(vector)
        return asking(weigh(alone, subject, dependence(utterance))) or blend(
            alone, subject, dependence(utterance)
        )

    async def _settle(self, asked: str, answer: str) -> Route:
        """Who answers what was `asked`, now that the caller has said what they meant; nobody asks again."""
        vectors = await self._encoder.encode([asked, answer, f"{asked} {answer}"])
        before, alone, together = map(self._head.probabilities, vectors)
        if subject := named(answer, homonym(asked) or likeliest(before)):
            return Route(subject, 0.95, f"the caller says it is {subject}", about=asked)
        best = max(alone, key=alone.__getitem__)
        is_question = best in SUBJECTS and dependence(answer).content >= 3
        if alone[best] >= SURE and (best == "person" or is_question):
            return Route(best, alone[best], f"sounds like {best}, not like an answer")
        joint = {label: alone[label] * together[label] for label in SUBJECTS}
        chosen = max(joint, key=joint.__getitem__)
        return Route(chosen, joint[chosen] / sum(joint.values()), f"made clear: {chosen}", about=asked)


def examples(folder: Path = KNOWLEDGE) -> list[Example]:
    """What the router is taught: the lines of all `routing_*.jsonl` files of `folder`."""
    return [found for path in sorted(folder.glob("routing_*.jsonl")) for found in read_examples(path)]


def subject_of(conversation: Sequence[Line]) -> str:
    """The subject under discussion: that of the latest agent line with one, if it is not long ago."""
    spoken = [line for line in conversation if line.role is Role.AGENT and line.speaker]
    return next((line.speaker for line in reversed(spoken[-MEMORY:]) if line.speaker in SUBJECTS), "")


def weigh(alone: Mapping[str, float], subject: str, leaning: Dependence) -> dict[str, float]:
    """P(label) when the words by themselves say `alone` and the conversation is about `subject`.

    By Bayes: what the conversation leads one to expect, times what the words say, the latter the weaker the
    fewer of them there are.
    """
    if subject not in alone:
        return dict(alone)
    rest = (1.0 - leaning.pull) / (len(alone) - 1)
    joint = {
        label: (leaning.pull if label == subject else rest) * max(share, 1e-6) ** leaning.weight
        for label, share in alone.items()
    }
    total = sum(joint.values())
    return {label: share / total for label, share in joint.items()}


def blend(alone: Mapping[str, float], subject: str, leaning: Dependence) -> Route:
    """The likeliest route of `weigh`, and why."""
    best = max(alone, key=alone.__getitem__)
    shares = weigh(alone, subject, leaning)
    chosen = max((label for label in shares if label != UNCLEAR), key=shares.__getitem__)
    if subject not in alone:
        return Route(chosen, shares[chosen], f"sounds like {chosen}")
    if chosen == best == subject:
        return Route(chosen, shares[chosen], f"goes on with {chosen}")
    if chosen == best:
        return Route(chosen, shares[chosen], f"turns from {subject} to {chosen}")
    why = f"points back with “{leaning.cue}”" if leaning.cue else "a short follow-up"
    return Route(chosen, shares[chosen], f"{why}: stays with {chosen}; by itself {best} at {alone[best]:.2f}")


def asking(shares: Mapping[str, float]) -> Route | None:
    """The route to who asks back, when `shares` leave it open what is meant; None when they do not."""
    first, second = sorted(shares, key=shares.__getitem__, reverse=True)[:2]
    between = likeliest(shares)
    if shares[UNCLEAR] >= VAGUE:
        return Route(CLARIFY, shares[between[0]], "could be about anything", between)
    is_torn = first in SUBJECTS | {UNCLEAR} and second in SUBJECTS | {UNCLEAR}
    if is_torn and shares[first] < ASK_BELOW and shares[second] >= AS_LIKELY * shares[first]:
        return Route(CLARIFY, shares[between[0]], f"either {between[0]} or {between[1]}", between)
    return None


def likeliest(shares: Mapping[str, float]) -> tuple[str, ...]:
    """The subjects it may be about, likeliest first: two that stand out, or all of them."""
    order = sorted(SUBJECTS, key=lambda subject: -shares[subject])
    return tuple(order[:2] if shares[order[1]] >= 2 * shares[order[2]] else order)
