"""Sums that were misheard: "25 percent of a t" is tried as "25 percent of eighty".

Only words that a recognizer is known to write for others of the same sound are changed, as few as possible, and
only in what talks like mathematics and cannot be worked out as it stands. When the fewest changes lead to two
different answers, the pupil is asked which one was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from antiphon.agents.tutor.mathematics.solution import Solution, Unclear
from antiphon.agents.tutor.patterns import Pattern

MOST_CHANGES = 4
MOST_READINGS = 48
"Readings tried at most, a millisecond or two each."

_TALKS_MATHS = Pattern(
    r"\d|\b(?:plus|minus|times|divided|percent|per cent|squared?|cubed?|square root|equals?|factorial|factor|"
    r"simplify|expand|differentiate|integrate|power|divisor|multiple|mean|median|area|perimeter|radius|[xy])\b"
)
_UNKNOWN_IS = (
    r"(?=.*\b(?:equals?|is equal)\b|.*=)(?=.*\b(?:x|y|why|ex|axe|eggs|acts|solvex)\b|.*\dx\b|.*\bex)"
)
_BEFORE_X = r"(?=[ -](?:x|y|ex|axe|eggs|acts|why)\b)"
_FOLLOWED = (
    r"[ .,?-]+(?:plus|minus|times|divided|percent|per cent|squared?|cubed?|equals|factorial|and|over)\b"
)
_NEXT = rf"(?={_FOLLOWED})"
_LAST = r"(?=[.?! ]*$)"
_NEXT_OR_LAST = rf"(?={_FOLLOWED}|[.?! ]*$)"


def _after(*words: str) -> str:
    """A look behind at any of `words` (which may differ in length)."""
    return "(?:" + "|".join(rf"(?<=\b{word}[ -])" for word in words) + ")"


_OPERANDS = _after("plus", "minus", "times", "by", "of", "equals", "over", "is", "than", "power of")
_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # commands
    (
        rf"^(?:sol|soul|sole|sold|saul|sall|salve|save|saw of|solved|some|so of|sort|saddle|sound|so,?|sulfur)\b{_UNKNOWN_IS}",
        ("solve",),
    ),
    (rf"^(?:solvex|solve ex|saw of ex|soul vex|so next|sol fix)[ -]{_UNKNOWN_IS}", ("solve x ",)),
    (rf"^salvery (?=x\b){_UNKNOWN_IS}", ("solve 3 ",)),
    (r"^(?:vector|tectar|cyctor|actor|fact or|factory|tractor|factor,)(?= .*(?:squared|x\b))", ("factor",)),
    (r"^(?:simplified|simple if i|simplifies|symplify|zimplified)\b", ("simplify",)),
    (r"^(?:x-pan|ex pan|expanse|expanded|spend|expect)\b", ("expand",)),
    (r"^(?:differentiated|different she ate|the fervent sheriff's)\b", ("differentiate",)),
    (r"^(?:watt|what's|what in|but|what if|why|who) (?=.*\d|.*\b(?:plus|minus|times|divided|percent|squared)\b)", ("what is ",)),
    (r"^(?:watt|what) (?:is|in|its) ", ("what is ",)),
    # signs
    (r"\b(?:minors|miners|mine us|mine is|minds|minus,)(?=\W)", ("minus",)),
    (r"\b(?:pluss|blue s|bless|lust|plows|plus a|close)(?= )", ("plus",)),
    (r"\b(?:thymes?|thyme's|time's|time|dimes|tines)(?=\W)", ("times",)),
    (r"\b(?:divide it by|divide by|divided bye|the vided by|divided buy|that divided by|milded by)(?= )", ("divided by",)),
    (r"\b(?:percent|per cent) (?:off|on|or|a)(?= )", ("percent of",)),
    (r"\b(?:persons|present|her cent|per sent|purse end) of(?= )", ("percent of",)),
    (r"\b(?:scared|squire|squares|squid|square|swear|querd|square'd)(?=\W|$)", ("squared",)),
    (r"\bsquare (?:route|rude|roots|rout)\b", ("square root",)),
    (r"\b(?:cute|cube|queued|cubes)(?= (?:plus|minus|times|equals))", ("cubed",)),
    (r"\bpower (?:off|have)(?= )|\bper of(?= )", ("power of",)),
    (r"\b(?:meaning|mean now|means) (?:of|for|four)\b", ("mean of",)),
    (r"\b(?:factory law|factory all|fact orial|aptorial)\b", ("factorial",)),
    (r"\bequal(?:led|ling|s to| as)?(?= )|\be quills\b|\beagles\b", ("equals",)),
    # unknowns
    (rf"\bwhy(?= (?:plus|minus|times|equals|squared|cubed)\b)|{_after('four', 'two', 'three', 'five', 'six')}why\b", ("y",)),
    (r"\b(?:axe|ex|eggs|acts|ecks|necks|reps|ax)\b(?!-?(?:squared|cubed))", ("x",)),
    (r"\b(?:ex-?|axe |acts |x-)squared\b|\bexperienced\b", ("x squared",)),
    (r"\b(?:ex-?|axe |acts |x-)cubed\b|\b(?:excuse|execute)(?=[ -]minus|[ -]plus)", ("x cubed",)),
    # numbers
    (r"\b(?:a t|a tea|a tee|80 t|alie|a d|eighty)\b", ("80",)),
    (rf"{_OPERANDS}at\b{_LAST}", ("8", "80")),
    (rf"\b(?:ate|hate|a it|an eight|aid)\b{_NEXT_OR_LAST}", ("8",)),
    (r"\b(?:sex|sicks|seeks|sakes|sics|sixth)\b(?! of)", ("6",)),
    (rf"{_OPERANDS}(?:tent|then|them|den|tan|tenth|hen)\b{_LAST}", ("10",)),
    (r"\b(?:for tea|for t|for tee|four tea|four t|fourty|for ty)\b\.?", ("40",)),
    (rf"{_after('plus', 'minus', 'times', 'by', 'solve', 'some', 'sol')}for\b|\bfor{_NEXT}|\bfor{_BEFORE_X}", ("4",)),
    (rf"\b(?:to|too|due|do|tu)\b(?:{_BEFORE_X}|{_NEXT}|(?= to the power))", ("2",)),
    (rf"{_OPERANDS}(?:to|too|due|do)\b{_LAST}", ("2",)),
    (r"\b(?:free|tree|three-|three's|thee)(?=[ -]?(?:x|y|quarters?|times|plus|minus|percent|fifths|eighths)\b)", ("3",)),
    (rf"{_OPERANDS}(?:free|tree)\b{_NEXT_OR_LAST}", ("3",)),
    (rf"\b(?:won|wan)\b{_NEXT}", ("1",)),
    (r"\bone (?:hath|have|path|hat|calf)\b", ("1/2",)),
    (rf"{_OPERANDS}(?:night|nigh|nein|i|knife|mine)\b{_LAST}", ("9",)),
    (rf"\b(?:fife|hive|vibe|file)\b(?:{_BEFORE_X}|{_NEXT}|{_LAST})", ("5",)),
    (r"\b(?:serpentine's|said in times|seven time's|seven thymes|serpentine)(?= )", ("7 times",)),
    (rf"{_OPERANDS}(?:well|dwell|wealth|12th|swell)\b{_LAST}", ("12",)),
    (rf"{_OPERANDS}(?:wendy|plenty|when tea)\b{_LAST}", ("20",)),
    (rf"\b(?:nantes|naughty|ninety-){_NEXT}", ("90",)),
)  # fmt: skip
_COMPILED = tuple((Pattern(pattern), meant) for pattern, meant in _RULES)
_GLUED = Pattern(r"\b([xy]|solve|factor|expand|simplify|differentiate|integrate)-(?=[a-z])")
_TELL_ONLY_THE_RESULT = frozenset({"linear", "quadratic", "simplification", "equation"})


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    meant: str


Solver = Callable[[str], Solution | Unclear | None]


def repaired(text: str, solve: Solver) -> Solution | Unclear | None:
    """The answer to the sum that `text` must have been; what to ask when it may have been two; else None.

    Call it only when `solve(text)` is no Solution. The first sentence says how the question was read.
    """
    plain = " ".join(text.lower().split())
    if not _TALKS_MATHS.search(plain):
        return None
    found: dict[str, tuple[str, Solution]] = {}
    level = 0
    for changes, reading in _readings(plain):
        if found and changes > level:
            break
        answer = solve(reading)
        if isinstance(answer, Solution):
            level = changes
            found.setdefault(answer.value, (reading, answer))
    if not found:
        return None
    if len(found) > 1:
        first, second, *_ = (_asked(reading) for reading, _ in found.values())
        return Unclear(f"Did you mean “{first}” or “{second}”?")
    [(reading, answer)] = found.values()
    return replace(answer, sentences=_saying(reading, answer))


def _readings(text: str) -> Iterator[tuple[int, str]]:
    """The ways `text` can be read with the fewest words changed first, and how many were."""
    text = _GLUED.sub(r"\1 ", text)
    changes = [
        _Change(found.start(), found.end(), meant)
        for pattern, choices in _COMPILED
        for found in pattern.finditer(text)
        for meant in choices
    ]
    tried = 0
    for many in range(1, MOST_CHANGES + 1):
        for chosen in combinations(sorted(changes, key=lambda change: change.start), many):
            if any(one.end > other.start for one, other in pairwise(chosen)):
                continue
            tried += 1
            if tried > MOST_READINGS:
                return
            yield many, _changed(text, chosen)


def _changed(text: str, changes: tuple[_Change, ...]) -> str:
    for change in reversed(changes):
        text = f"{text[: change.start]}{change.meant}{text[change.end :]}"
    return text


def _asked(reading: str) -> str:
    """The reading as it can be said; “to x” and “for x” are read as 2x and 4x."""
    said = " ".join(reading.split()).rstrip(" .?!,")
    said = re.sub(r"\bex\b", "x", said)
    return re.sub(r"\b(?:(to|too)|for)(?= [xy]\b)", lambda found: "2" if found[1] else "4", said)


def _saying(reading: str, answer: Solution) -> tuple[str, ...]:
    """The sentences, the first of which tells the question as it was read."""
    told = set(re.findall(r"\d+", answer.sentences[0].replace(",", "")))
    if answer.kind not in _TELL_ONLY_THE_RESULT and set(re.findall(r"\d+", answer.question)) <= told:
        return answer.sentences
    return (f"I take that as: {_asked(reading)}.", *answer.sentences)
