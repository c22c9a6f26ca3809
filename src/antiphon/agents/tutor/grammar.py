"""The tutor's ear for English: finds what is wrong in a pupil's sentence, mends it and says why.

Two judges: the rules of this package, written for what pupils say, then Harper's for the rest. Speech has no
capitals, commas or full stops of its own, so those are never called mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harper import Dialect, Lint, Linter

from antiphon.agents.tutor import rules_subjects, rules_verbs, rules_words, rules_writing
from antiphon.agents.tutor.request import find_sentence
from antiphon.agents.tutor.style import style_tip

__all__ = ["Correction", "correct", "find_sentence", "improve", "warm_up"]

_RULES = (*rules_verbs.RULES, *rules_words.RULES, *rules_writing.RULES, *rules_subjects.RULES)
_PASSES = 3  # one repair may uncover another: "me and him seen it"
_MOST_REASONS = 3  # a listener keeps no more in mind
_MAX_WORDS = 80  # longer dictation is cut here, so that a call stays within its time
_KINDS = frozenset({"Agreement", "Grammar", "Redundancy", "Usage", "WordChoice", "Nonstandard", "Eggcorn",
                    "Malapropism", "BoundaryError", "Miscellaneous", "Typo"})  # fmt: skip
# Harper's rules about looks, taste and programming, and those that cried wolf on good prose.
_UNSUITABLE = """
AndIn AndTheLike AvoidAndAlso AvoidCurses BlacklistWhitelist BoringWords CondenseAllThe Damages Dashes
DiscourseMarkers ExpandBecause ExpandFavourite ExpandMemoryShorthands ExpandMinimum ExpandPeople
ExpandPrevious ExpandThough ExpandThrough ExpandTimeShorthands ExpandWith ExpandWithout FeelFell
FillerWords FindFine ForNoun Freezing Hedging HelloGreeting HopHope HowTo IfIRecallCorrectly
InflectedVerbAfterTo Insensitive Koreas Laos LetsConfusion LitotesDirectPositive LongSentences MassNouns
MergeWords MissingDeterminer MissingTo ModalBeAdjective NoOxfordComma NominalWants NotIn
NounVerbConfusion OkToOkay OneOfTheSingular OrthographicConsistency OxfordComma PreferPleaded PreferPled
PreferSneaked PreferSnuck PronounInflectionBe PronounVerbAgreement QuiteMany QuiteQuiet
RedundantAcronyms RedundantAdditiveAdverbs RedundantFirsts RedundantThat Regionalisms RepeatedWords
SentenceCapitalization SimplePastToPastParticiple SingleBe SpellCheck SpelledNumbers SplitWords Starving
ThatThan TheHowWhy TheLastDays TheirToThere There ThereOwn ThereToTheir TheyToThem ThingThink
ThoughThought ToTwoToo Touristic Towards UnclosedQuotes UpdatePlaceNames Upward UseTitleCase WholeEntire
WrongNegative
"""
_CHANGED_MIND = re.compile(
    r"(?:never ?mind|forget it|no,? thank(?:s| you)|nothing|i don't (?:know|have (?:one|any))|"
    r"let's|can we|stop)\b"
    r"(?:(?! \w+ \w+ \w+ \w+).)*$",
    re.IGNORECASE,
)
_DOUBLED = re.compile(
    r"\b(I|the|a|an|to|and|in|of|my|is|it|we|he|she|they|you|was|on|at|but|so) \1\b", re.IGNORECASE
)
_QUESTION = re.compile(
    r"^(?:who|whose|whom|what|when|where|why|how|which|(?:is|are|was|were|do|does|did|can|could|will|"
    r"would|should|has|have|"
    r"had|may|isn't|aren't|don't|doesn't|didn't|can't|won't) (?:I|you|he|she|it|we|they|the|my|your|"
    r"his|her|our|their|"
    r"there|this|that|these|those|anyone|everyone)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence with at least one mistake."""

    original: str
    corrected: str
    "Capitalized and ended as writing would be, though neither counts as a mistake."
    reasons: tuple[str, ...]
    "Why, as short sentences to be spoken; at least one."


@lru_cache(maxsize=1)
def _linter() -> Linter:
    linter = Linter(Dialect.BRITISH)
    linter.set_lint_config(dict.fromkeys(_UNSUITABLE.split(), False))
    return linter


def warm_up() -> None:
    """The dictionary is loaded (about a second, once), so that the next calls take milliseconds."""
    correct("me and him was there")


def correct(sentence: str) -> Correction | None:
    """The sentence mended, with reasons; None when nothing is wrong. For one thread at a time."""
    original = _tidy(sentence)
    if not original:
        return None
    mended, reasons = original, list[str]()
    for _ in range(_PASSES):
        before = mended
        for rule in _RULES:
            if (result := rule.apply(mended)) is not None:
                mended = result[0]
                if result[1] not in reasons:
                    reasons.append(result[1])
        if mended == before:
            break
    mended, more = _ask_harper(mended)
    reasons += [reason for reason in more if reason not in reasons]
    if not reasons:
        return None
    return Correction(sentence, written(mended), tuple(reasons))


def written(sentence: str) -> str:
    """The sentence with a capital in front, I as a capital, and a mark at its end."""
    sentence = re.sub(r"\bi\b(?!\.)", "I", sentence.strip())
    sentence = sentence[:1].upper() + sentence[1:]
    if sentence and sentence[-1] not in ".!?":
        sentence = sentence.rstrip(",;: ") + ("?" if _QUESTION.match(sentence) else ".")
    return sentence


def improve(utterance: str, awaited: bool = False) -> tuple[str, ...] | None:
    """What the tutor says to a request for help with a sentence; None when `utterance` is no such request.

    `awaited`: the tutor has asked for the sentence, so the whole utterance is it, unless the pupil
    asks anew or no longer wants help."""
    sentence = find_sentence(utterance)
    if awaited and _CHANGED_MIND.match(utterance.strip()):
        return None
    if awaited and not sentence:
        sentence = utterance if sentence is None else ""
    if sentence is None:
        return None
    if len(sentence.split()) < 2:
        return ("Of course.", "Which sentence would you like me to look at?")
    found = correct(sentence)
    if found is None:
        return ("Well done, I find no mistake in that sentence.", style_tip(sentence))
    return (f"I would say: {found.corrected}", *found.reasons[:_MOST_REASONS])


def _tidy(sentence: str) -> str:
    """One line of plain quotes and single blanks; a word stammered twice counts once."""
    plain = sentence.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
    words = plain.split()[:_MAX_WORDS]
    return _DOUBLED.sub(r"\1", " ".join(words).strip(" \"'"))


def _ask_harper(sentence: str) -> tuple[str, list[str]]:
    text = written(sentence)
    reasons: list[str] = []
    for _ in range(_PASSES):
        lint = next(
            (lint for lint in _linter().lint(text, language="plaintext") if _counts(lint, text)), None
        )
        if lint is None:
            break
        better = lint.suggestions[0].replacement_text
        if better.isupper() and len(better) > 1:
            text = text[: lint.span.start] + better.capitalize() + text[lint.span.end :]
            reasons.append(_explain(lint.problem_text, better))
            continue
        text = _linter().apply_suggestion(text, lint, lint.suggestions[0])
        text = text[:1].upper() + text[1:]
        reasons.append(_explain(lint.problem_text, better))
    return text, reasons


def _counts(lint: Lint, text: str) -> bool:
    """The lint is about words a listener could hear, and says what to put in their place."""
    if lint.lint_kind not in _KINDS or not lint.suggestions:
        return False
    better, worse = lint.suggestions[0].replacement_text, lint.problem_text
    if worse.lower() in {"a", "an"} and not re.match(r" [a-z]*[aeiou][a-z]+\b", text[lint.span.end :]):
        return False  # before initials and names the sound cannot be told from the spelling
    return (
        re.sub(r"[\W_]", "", better).lower() != re.sub(r"[\W_]", "", worse).lower() or "'" in better + worse
    )


def _explain(worse: str, better: str) -> str:
    worse, better = worse.strip().lower(), better.strip()
    better = better if better.startswith("I") else better.lower()
    if not better:
        return f"Leave out '{worse}' here."
    if {worse, better} == {"a", "an"}:
        return "Use an before a vowel sound and a before a consonant sound."
    return f"Here the right form is '{better}', not '{worse}'."
