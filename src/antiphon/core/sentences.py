"""Cuts text that is still being written into sentences that can be spoken, each as early as is safe."""

from __future__ import annotations

import re
from enum import Enum, auto

LONGEST = 200
"Characters after which a sentence without a stop is cut at a clause or a space: nobody waits for more."
LONGEST_WORD = 2 * LONGEST
"Characters without any space after which even a word is cut."
FIRST_CLAUSE_WORDS = 6
FIRST_CLAUSE_CHARS = 25
"A first clause shorter than this would sound chopped and would not cover the making of the next piece."

_STOPS = ".!?…"
_WIDE_STOPS = "。！？｡"
_CLOSERS = "\"'”’»)]}*_`」』）】"
_OPENING = "\"'“‘«([{*_"
_WIDE_COMMAS = "，、；："
_CLAUSE_ENDS = ",;:—–-" + _WIDE_COMMAS
_FIRST_WIDE = "\u2e80"
"Scripts from here on put no space after a stop."

_NEVER_LAST = frozenset(
    "mr mrs ms mx dr prof gen sen rep gov capt cmdr lt col sgt rev hon pres supt mt ft messrs vs "
    "cf e.g i.e eg ie viz approx al".split()
)
"Abbreviations that a sentence hardly ends with: the words they belong to follow."
_BEFORE_NUMBER = frozenset(
    "no nos p pp vol vols ch sec art fig figs eq para ext tel jan feb mar apr jun jul aug sep "
    "sept oct nov dec".split()
)
"Not stops when a number follows: “No. 5”, but “No. I won't.”"
_MAYBE_LAST = frozenset(
    "jr sr inc ltd co corp st ave rd blvd dept est bros univ assn etc ph.d m.d b.a m.a".split()
)
_CLOCK = frozenset({"a.m", "p.m"})
_AFTER_CLOCK = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december eastern central mountain pacific est "
    "edt cst cdt mst mdt pst pdt utc gmt cet bst".split()
)
_OPENERS = frozenset(
    "the a an i it its it's i'm i'll i'd i've he she we they you your my our his her their this "
    "that these those there here what when where who why how which is are was were do does did "
    "can could will would should shall may please if in on at as so and but or no not yes for "
    "from after before then thanks thank let let's now also however next first finally you'll "
    "you're we'll we're that's there's what's would".split()
)
"Words that begin sentences: after an abbreviation that may end one, a capital letter alone proves nothing."

_LIST_NUMBER = re.compile(r"[\s*_#>(\[-]*(?:\d{1,3}|[A-Za-z])[.)]*\Z")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\Z")
_LONG_CLAUSE = re.compile(r"[,;:—](?=\s)|[—，、；：]")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class _Verdict(Enum):
    CUT = auto()
    GO_ON = auto()
    WAIT = auto()
    "What follows decides, and has not been written yet."


_GO_ON = (_Verdict.GO_ON, 0)
_WAIT = (_Verdict.WAIT, 0)


class Sentences:
    """Takes text as it is written and gives it back in speakable pieces.

    Joined, the pieces are the text but for white space at their ends. Where the cuts fall depends on the
    text alone, not on how it came in. With `first_clause`, the very first piece may end at a comma, colon
    or dash once it has six words, so that a voice can begin sooner.
    """

    def __init__(self, first_clause: bool = False) -> None:
        self._text = ""
        self._may_cut_clause = first_clause

    def push(self, delta: str) -> list[str]:
        """The pieces that `delta` has completed, in order."""
        self._text += delta
        pieces = []
        while (end := self._next_cut()) is not None:
            piece, self._text = self._text[:end].strip(), self._text[end:]
            if piece:
                pieces.append(piece)
                self._may_cut_clause = False
        return pieces

    def flush(self) -> list[str]:
        """All the rest. What is pushed later begins a sentence of its own."""
        return self.push("\n")

    def _next_cut(self) -> int | None:
        """Where the text's first piece ends, or None while that depends on what is not written yet."""
        text = self._text = self._text.lstrip()
        for at, char in enumerate(text):
            if char == "\n":
                return at + 1
            if at >= LONGEST and (end := _long_cut(text, at)):
                return end
            verdict, end = _GO_ON
            if char in _WIDE_STOPS:
                verdict, end = _after_wide_stop(text, at)
            elif char in _STOPS and not (at and text[at - 1] in _STOPS):
                verdict, end = _after_stop(text, at)
            elif self._may_cut_clause and char in _CLAUSE_ENDS:
                verdict, end = _after_clause(text, at)
            if verdict is _Verdict.CUT:
                return end
            if verdict is _Verdict.WAIT:
                return None
        return None


def _after_stop(text: str, at: int) -> tuple[_Verdict, int]:
    """Whether the stop at `at` ends a sentence, and where the stops and closing marks after it end."""
    stopped = _run(text, at, _STOPS)
    end = _run(text, stopped, _CLOSERS)
    if end == len(text):
        return _WAIT
    if not text[end].isspace():
        return (_Verdict.CUT, end) if text[end] >= _FIRST_WIDE else _GO_ON
    following = end + len(text[end:]) - len(text[end:].lstrip())
    cut = (_Verdict.CUT, end)
    stops = text[at:stopped]
    if "\n" in text[end:following] or (end == stopped and stops.strip(".…")):
        return cut
    if following == len(text):
        return _WAIT
    if text[following].islower():
        return _GO_ON
    return _after_point(text, at, following, cut) if stops == "." else cut


def _after_point(text: str, at: int, following: int, cut: tuple[_Verdict, int]) -> tuple[_Verdict, int]:
    """Whether the full stop at `at` is one, or belongs to an abbreviation, an initial or a list's number."""
    if _LIST_NUMBER.match(text[:at]):
        return _GO_ON
    before = text[:at].rsplit(maxsplit=1)[-1].lstrip(_OPENING) if text[:at].strip() else ""
    word = before.lower()
    if word in _NEVER_LAST or (word in _BEFORE_NUMBER and text[following].isdigit()):
        return _GO_ON
    is_clock = word in _CLOCK
    is_initial = len(before) == 1 and before.isupper()
    if not (is_clock or is_initial or word in _MAYBE_LAST or _DOTTED.match(before)):
        return cut
    found = _NEXT_WORD.match(text, following)
    if not found:
        return _GO_ON
    rest = text[found.end() :]
    if not rest or (rest[0] in "'’" and len(rest) == 1):
        return _WAIT
    follower = found.group().lower().replace("’", "'")
    if is_clock:
        return _GO_ON if follower in _AFTER_CLOCK else cut
    is_next_initial = len(follower) == 1 and rest[0] == "."
    return cut if follower in _OPENERS and not is_next_initial else _GO_ON


def _after_wide_stop(text: str, at: int) -> tuple[_Verdict, int]:
    end = _run(text, _run(text, at, _WIDE_STOPS), _CLOSERS)
    return _WAIT if end == len(text) else (_Verdict.CUT, end)


def _after_clause(text: str, at: int) -> tuple[_Verdict, int]:
    """Whether the first piece, if long enough, may end at the comma, colon or dash at `at`."""
    if text[at] in _WIDE_COMMAS:
        return (_Verdict.CUT, at + 1) if at >= FIRST_CLAUSE_CHARS // 2 else _GO_ON
    if at + 1 < FIRST_CLAUSE_CHARS or len(text[:at].split()) < FIRST_CLAUSE_WORDS:
        return _GO_ON
    if text[at] in "–-" and not text[at - 1].isspace():
        return _GO_ON
    if at + 1 == len(text):
        return _WAIT
    return (_Verdict.CUT, at + 1) if text[at + 1].isspace() or text[at] == "—" else _GO_ON


def _long_cut(text: str, at: int) -> int | None:
    """Where to cut a text that has run for `at` characters without a stop; None inside its first word."""
    commas = [found.end() for found in _LONG_CLAUSE.finditer(text, 0, LONGEST)]
    if commas and commas[-1] >= LONGEST // 5:
        return commas[-1]
    if (space := text.rfind(" ", 0, LONGEST)) > 0:
        return space
    return at if text[at].isspace() or at >= LONGEST_WORD else None


def _run(text: str, at: int, chars: str) -> int:
    """The end of the run of `chars` that begins at `at`."""
    while at < len(text) and text[at] in chars:
        at += 1
    return at
