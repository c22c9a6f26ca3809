"""What callers of support say, as it is misheard: names of plans, and what they want done."""

# ruff: noqa: E501 - word lists read better whole

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from antiphon.agent.routing import Route, Router
from antiphon.agents.hearing.repairs import Phrasebook, Repaired
from antiphon.agents.support import answers
from antiphon.core.transcript import Line

_NAMES = ("Team", "Business", "Starter", "Free")
_LED = ("cheaper", "bigger", "smaller", "larger")
_PLANS = tuple(f"{name} plan" for name in (*_NAMES, *_LED))
_BEGINS = (
    "upgrade me to", "upgrade me to Business", "upgrade me to Team", "downgrade me to", "downgrade me to Free", "switch me to",
    "change me to", "open a ticket",
)  # fmt: skip
_ENDS = ("please", "change it", "open it", "leave it")
_AFTER = {
    "sign in": ("factor",), "syncing": ("not", "isn't", "stopped"), "my last invoice": ("was", "is"), "overdue": ("anything", "is"),
    "which plan am I on": ("",), "reset my password": ("i", "to"), "export my boards": ("i", "we", "to"), "colleague": ("a", "my"),
    "my subscription": ("cancel",),
}  # fmt: skip
"What is only said behind these."
_TORN = re.compile(rf"\b({'|'.join((*_NAMES, *_LED))})(?:-|, ?)plan\b", re.I)
"One name that was written as two."
_NAMED = re.compile(r"\b(to|on) the (team|business|starter),? [bcgkp]+l\w+(?=[.!?, ]*$)", re.I)
"""A name, and something like the word plan: "to the team, Glenn"."""
_BEFORE_NAMES = frozenset("the to on with for it no yes take want a an our my us".split())
_PLAIN = """
i i'd i'm i'll me my we us our you your it it's a an the to on at in for of with by from and or not no yes yeah yep okay ok
please thanks thank this that these those which what how who when where why do does did is are was can could would will
shall should have has had want need like get make take put move give tell about please now then so more there here
"""


def _fits(before: str, phrase: str, after: str) -> bool:
    """Whether the phrase may be meant between these two words."""
    if phrase == "plan":
        return before.capitalize() in _NAMES or before in (*_LED, "my", "which", "what", "this", "that")
    if phrase in _NAMES:
        return before in _BEFORE_NAMES and (before != "the" or after != "")
    if phrase in _PLANS:
        return not before or before in _BEFORE_NAMES
    if phrase in _BEGINS:
        return not before or before in ("a", "can", "you", "please", "to", "and")
    if phrase in _ENDS:
        return not after
    return before in _AFTER[phrase]


class Meaning:
    """Puts right what callers of this agent were heard to say. May be shared by all sessions."""

    def __init__(self, known: Iterable[str]) -> None:
        """`known`: what callers ask. Its words are never taken for others on their own."""
        words = " ".join(known).lower().replace("?", " ").replace(",", " ").replace(".", " ")
        self._book = Phrasebook(
            ["plan", *_NAMES[1:3], *_PLANS, *_BEGINS, *_ENDS, *_AFTER], f"{_PLAIN} {words}", fits=_fits
        )

    def of(self, line: str) -> Repaired:
        """The line as it was probably meant."""
        repaired = self._book.repaired(line)
        return replace(repaired, text=_NAMED.sub(r"\1 the \2 plan", _TORN.sub(r"\1 plan", repaired.text)))

    def is_new_yes(self, line: str) -> bool:
        """It is a yes only as it was put right: too little to change anything on."""
        meant = self.of(line)
        return bool(meant.changes) and not answers.is_yes(line) and answers.begins_with_yes(meant.text)


class Listening:
    """A `Router` that goes by what was meant."""

    def __init__(self, router: Router, meaning: Meaning) -> None:
        self._router = router
        self._meaning = meaning

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        return await self._router.route(conversation, self._meaning.of(utterance).text)
