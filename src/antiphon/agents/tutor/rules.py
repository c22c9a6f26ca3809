"""What a grammar rule is: a pattern over one sentence, its repair, and the reason a tutor would give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from antiphon.agents.tutor import words

Repair = Callable[[re.Match[str]], str | None]
"Gives the words that should stand in place of the match, or None when it is no mistake after all."


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    repair: Repair
    reason: str
    "A whole spoken sentence; {0} stands for the words found, {1} for the words put in their place."

    def apply(self, sentence: str) -> tuple[str, str] | None:
        """The sentence repaired wherever the rule finds its mistake, and why; None when it finds none."""
        found: list[tuple[str, str]] = []

        def replace(match: re.Match[str]) -> str:
            better = self.repair(match)
            if better is None or better.lower() == match[0].lower():
                return match[0]
            if match[0][:1].isupper() and better[:1].islower():
                better = better[0].upper() + better[1:]
            found.append((match[0], better))
            return better

        repaired = self.pattern.sub(replace, sentence)
        if not found:
            return None
        return repaired, self.reason.format(*map(_spoken, found[0]))


def _spoken(words_found: str) -> str:
    """The words as quoted inside a reason: small first letter except for I and names."""
    quoted = re.sub(r"\bi\b", "I", words_found.strip())
    return quoted if quoted[:2] in {"I", "I ", "I'"} else quoted[:1].lower() + quoted[1:]


def _any(*choices: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted({c for group in choices for c in group}, key=len, reverse=True)) + ")"


_OPENERS = (
    "and",
    "but",
    "because",
    "when",
    "while",
    "although",
    "though",
    "if",
    "since",
    "so",
    "that",
    "where",
)

CLASSES = {
    # Where a clause begins: nothing before it can make the next noun an object or invert the verb.
    "START": r"\b(?=\w)(?:^|(?<=^and )|(?<=^but )|(?<=^so )|"
    r"(?<=^yesterday )|(?<=^today )|(?<=, )|(?<=[.;:!?] )"
    + "".join(rf"|(?<=\b{o} )" for o in _OPENERS[1:] if o != "so")
    + ")",
    "END": r"(?=\s*(?:[.,;:!?]|$))",
    "DET": r"(?:the|my|your|his|her|our|their|these|those|all the|both|some|two|three|four|five|six|"
    r"many|most)",
    "ADJ": r"(?:(?:\w+[^s\W]) )?",
    "PRONOUN": r"(?:I|he|she|it|we|you|they)",
    "OBJECT": r"(?:me|him|her|us|them|you|it)",
    "BASE": _any(words.BASES - {"be"}),
    "THIRD": _any(words.BASE_OF_THIRD),
    "PASTONLY": _any(words.PAST_ONLY),
    "PARTICIPLE": _any(words.PARTICIPLE_ONLY),
    "SINGULAR": _any(words.SINGULAR),
    "PERSON": _any(words.PEOPLE, words.ANIMALS),
    "PLURAL": _any(words.PLURAL_OF),
    "COMPARATIVE": _any(words.COMPARATIVE.values()),
    "SUPERLATIVE": _any(words.SUPERLATIVE.values()),
    "ADJECTIVE": _any(words.ADJECTIVES),
    "OVERREGULAR": _any(words.OVERREGULAR),
    "NOT": r"(?:n't| not| never)",
}
CLASSES["FINITE"] = (
    r"(?:am|is|are|was|were|has|have|had|do|does|did|can|could|will|would|should|must|might|may|ain't|went|"
    r"(?:is|are|was|were|has|have|had|do|does|did|ca|could|wo|would|should|must)n't|\w{2,}ed|"
    + "|".join(
        (
            CLASSES["BASE"],
            CLASSES["THIRD"],
            _any(words.PAST_OF),
            CLASSES["PARTICIPLE"],
            CLASSES["OVERREGULAR"],
        )
    )
    + ")"
)


def rule(pattern: str, repair: str | Repair, reason: str) -> Rule:
    """A rule whose pattern may name the `CLASSES` as <NAME>; a textual repair may use \\1 for groups."""
    expanded = re.sub(r"<([A-Z]+)>", lambda name: CLASSES[name[1]], pattern)
    fix: Repair = repair if callable(repair) else _template(repair)
    return Rule(re.compile(expanded, re.IGNORECASE), fix, reason)


def _template(text: str) -> Repair:
    return lambda match: match.expand(text)


_PLURAL_VERB = {"is": "are", "was": "were", "has": "have", "does": "do", "am": "are"}
_SINGULAR_VERB = {"are": "is", "were": "was", "have": "has", "do": "does", "am": "is"}


def plural_verb(verb: str) -> str | None:
    """The verb as it stands after a plural subject: goes → go, isn't → aren't. None: it already fits."""
    low = verb.lower()
    if low.endswith("n't") and low[:-3] in _PLURAL_VERB:
        return _PLURAL_VERB[low[:-3]] + "n't"
    return _PLURAL_VERB.get(low) or words.BASE_OF_THIRD.get(low)


def singular_verb(verb: str) -> str | None:
    """The verb as it stands after he, she or it: go → goes, don't → doesn't. None: it already fits."""
    low = verb.lower()
    if low.endswith("n't") and low[:-3] in _SINGULAR_VERB:
        return _SINGULAR_VERB[low[:-3]] + "n't"
    return _SINGULAR_VERB.get(low) or (
        words.third_person(low) if low in words.BASES and low != "be" else None
    )
