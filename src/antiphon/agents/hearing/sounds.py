"""How English is said, one letter a sound, and how far two sounds are apart.

Good enough to compare what was heard with what may have been said; not good enough to speak.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

SOUNDS = "pbfvtdTDszSCJkgmnNlrwyhieaou"
"One letter a sound: T and D as in thin and then, S C J as in she, chin and gin, N as in sing; five vowels."
_VOWELS = "ieaou"
_KIN = {
    0.3: ("pb", "fv", "td", "TD", "sz", "SC", "CJ", "SJ", "kg", "mn", "nN", "lr", "lw", "rw"),
    0.4: (_VOWELS, "Tt", "Td", "Dt", "Dd"),
    0.55: ("TfDv", "szT", "sS", "zJ"),
}
"What it costs to take sounds for each other: those made alike cost little, all others 1."
_LOST = {0.3: "h", 0.4: _VOWELS, 0.5: "ywr"}
"What it costs to drop or add a sound that is hardly heard; all others 0.8."

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ROMAN = {
    "i": "one",
    "ii": "two",
    "iii": "three",
    "iv": "four",
    "v": "five",
    "vi": "six",
    "vii": "seven",
    "viii": "eight",
}
_SPOKEN = {
    "one": "wan", "once": "wans", "two": "tu", "eight": "et", "who": "hu", "whom": "hum", "whose": "huz",
    "of": "av", "was": "woz", "is": "iz", "his": "hiz", "has": "haz", "the": "Da", "a": "a", "i": "ai",
    "do": "du", "does": "daz", "to": "tu", "you": "yu", "your": "yor", "use": "yuz", "used": "yuzd", "are": "ar",
    "were": "wer", "what": "wat", "said": "sed", "says": "sez", "people": "pipal", "queen": "kwin",
    "world": "warld", "war": "wor", "write": "rait", "sure": "Sur", "island": "ailand", "me": "mi",
    "be": "bi", "he": "hi", "she": "Si", "we": "wi", "king": "kiN", "give": "giv", "get": "get", "begin": "bigin",
    "began": "bigan", "t": "ti", "b": "bi", "c": "si", "d": "di", "e": "i", "f": "ef", "g": "Ji", "k": "ke",
    "l": "el", "m": "em", "n": "en", "p": "pi", "q": "kyu", "r": "ar", "s": "es", "u": "yu", "x": "eks", "y": "wai",
}  # fmt: skip
_RULES = (
    (r"^(?:th)(?=(?:e|is|at|ey|em|eir|ere|ese|ose|en|an|ough|us|ou|ine)$)", "D"),
    (r"(?<=[aeiou])th(?=er)", "D"),
    (r"^x", "z"),
    (r"^(?:kn|gn|pn)", "n"),
    (r"^wr", "r"),
    (r"^ps", "s"),
    (r"^wh", "w"),
    (r"^rh", "r"),
    (r"mb$", "m"),
    (r"augh(?=t)|ough(?=t)", "o"),
    (r"eigh", "e"),
    (r"igh", "ai"),
    (r"ough", "of"),
    (r"gh(?=[aeiou])", "g"),
    (r"gh", ""),
    (r"tch", "C"),
    (r"sch|chr|ch(?=[ao]s)", "sk"),
    (r"ch", "C"),
    (r"tio(?=n)|sio(?=n)|cia(?=n)|ssio(?=n)", "Sa"),
    (r"cio|tia|cia|scio", "Sa"),
    (r"ture\b|ture(?=s$|d$)", "Car"),
    (r"sure\b", "Sar"),
    (r"sh", "S"),
    (r"ph", "f"),
    (r"sc(?=[eiy])", "s"),
    (r"ck|cqu", "k"),
    (r"cc(?=[ei])", "ks"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"dge|dg(?=[ei])", "J"),
    (r"gu(?=[eiy])", "g"),
    (r"(?<!^)g(?=[ey])|^g(?=[ey])|gi(?=[ao])", "J"),
    (r"j", "J"),
    (r"th", "T"),
    (r"qu", "kw"),
    (r"q", "k"),
    (r"x", "ks"),
    (r"ng(?=$|s|[^aeiouylrw])|n(?=k)", "N"),
    (r"^y(?=[aeiou])", "Y"),
    (r"(?<=[aeiouy])s(?=[aeiouy])|(?<=[bdgvlmnraeiouy])s$", "z"),
    (r"(?<=[^aeiou])le$|(?<=[^aeiou])el$", "al"),
    (r"(?<=[aeiouy])(?P<k>[^aeiou])e(?=s?$|d$)", r"\g<k>"),
    (r"(?<=[td])ed$", "id"),
    (r"ed$", "d"),
    (r"(?<=[^aeiou])e$", ""),
    (r"ee|ea|ie|ei", "i"),
    (r"ai|ay|ey", "e"),
    (r"oo|ou|ew|ue|ui", "u"),
    (r"oa|ow", "o"),
    (r"au|aw", "o"),
    (r"y", "i"),
    (r"(?<=[aeiou])w|w(?=[^aeiou]|$)", ""),
    (r"h(?=[^aeiou]|$)", ""),
    (r"Y", "y"),
)
_NUMBERED = frozenset("war george charles james edward richard".split())
_TWICE = re.compile(r"(.)\1+")
_WORD = re.compile(r"\d+|[a-z]+")


def sounds(text: str) -> str:
    """`text` as it is said, one letter of `SOUNDS` a sound, without the gaps between words."""
    return run_together([pronounced(word) for word in spoken(text)])


def spoken(text: str) -> list[str]:
    """The words as they are spoken: numerals become words."""
    written = _WORD.findall(text.lower().replace("'", "").replace("’", "").replace("%", " percent "))
    spoken: list[str] = []
    for at, word in enumerate(written):
        if word.isdigit():
            spoken += _number(word)
        elif word in _ROMAN and at and (word != "i" or written[at - 1] in _NUMBERED):
            spoken.append(_ROMAN[word])
        else:
            spoken.append(word)
    return spoken


def run_together(said: Sequence[str]) -> str:
    return _TWICE.sub(r"\1", "".join(said))


def _number(digits: str) -> list[str]:
    value = int(digits[:4])
    if value < 20:
        return [UNITS[value]]
    if value < 100:
        return [TENS[value // 10 - 2], *([UNITS[value % 10]] if value % 10 else [])]
    high, low = divmod(value, 100)
    return [*_number(str(high)), *(_number(str(low)) if low else ["hundred"])]


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled when first asked for: no start of a server waits for them."""
    return tuple((re.compile(pattern), sound) for pattern, sound in _RULES)


@lru_cache(maxsize=8192)
def pronounced(word: str) -> str:
    if word in _SPOKEN:
        return _SPOKEN[word]
    for pattern, sound in _rules():
        word = pattern.sub(sound, word)
    return word


def _distances() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What it costs to change one sound into another, and to lose or add one."""
    size = len(SOUNDS)
    change = np.ones((size + 1, size + 1), np.float32)
    for cost, groups in _KIN.items():
        for one, other in (pair for group in groups for pair in product(group, repeat=2)):
            i, j = SOUNDS.index(one), SOUNDS.index(other)
            change[i, j] = change[j, i] = min(change[i, j], cost)
    np.fill_diagonal(change, 0.0)
    loss = np.full(size + 1, 0.8, np.float32)
    for cost, sounds_lost in _LOST.items():
        loss[[SOUNDS.index(sound) for sound in sounds_lost]] = cost
    return change, loss


CHANGE, LOSS = _distances()
PAD = len(SOUNDS)
CODES = {sound: code for code, sound in enumerate(SOUNDS)}
