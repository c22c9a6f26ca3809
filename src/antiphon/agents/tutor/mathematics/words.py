"""Spoken English to canonical text: lower case, one blank between tokens, every number in digits.

Numbers become `25`, `3.14`, `2/3` (a fraction said as one), `-5` (“negative five”), ordinals `10th`;
“percent” becomes `%`. Everything else stays a word: whether “over” divides or “to” is a 2, the grammar
decides.
"""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.patterns import Pattern

UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL = {word: value for value, word in enumerate(UNITS)} | {
    word: 10 * (index + 2) for index, word in enumerate(TENS)
}
SMALL["fourty"] = 40
SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
        ],
        start=1,
    )
} | {word[:-1] + "ieth": SMALL[word] for word in TENS}
ORDINALS["hundredth"] = 100
ORDINALS["thousandth"] = 1000
PARTS = {word: value for word, value in ORDINALS.items() if value > 2} | {"half": 2, "quarter": 4}
PARTS |= {f"{word}s": value for word, value in PARTS.items() if word != "half"} | {"halves": 2}

SYMBOLS = {
    "×": " * ",
    "·": " * ",
    "⋅": " * ",
    "÷": " / ",
    "−": "-",
    "–": "-",
    "—": " , ",
    "²": " squared ",
    "³": " cubed ",
    "⁴": " ^ 4 ",
    "√": " square root of ",
    "∛": " cube root of ",
    "π": " pi ",
    "½": " 1/2 ",
    "¼": " 1/4 ",
    "¾": " 3/4 ",
    "⅓": " 1/3 ",
    "⅔": " 2/3 ",
    "’": "'",
    "°": " degrees ",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "%": " % ",
    "**": "^",
    ";": " , ",
    ":": " : ",
    "“": "",
    "”": "",
    '"': "",
    "…": " . ",
}
CONTRACTIONS = {
    "what's": "what is",
    "whats": "what is",
    "that's": "that is",
    "how's": "how is",
    "i'm": "i am",
    "it's": "it is",
    "i'd": "i would",
    "let's": "let us",
    "can't": "cannot",
    "who's": "who is",
    "where's": "where is",
    "there's": "there is",
}
_CURRENCY = Pattern(r"([$€£])\s?(\d[\d,]*(?:\.\d+)?)(\s(?:hundred|thousand|million|billion))?")
_CURRENCY_NAMES = {"$": "dollars", "€": "euros", "£": "pounds"}
_GLUED_FRACTION = Pattern(
    r"(?<![\w.^/*])(\d+)/(?=\d*[1-9])(\d+)(?![\d.^/!(]| ?squared| ?cubed|\s*\^)(?:ths|rds|nds|th|rd)?"
)
_TOKEN = Pattern(
    r"\d+/\d+|\d+(?:\.\d+)?(?:st|nd|rd|th)s?\b|\d+\.\d+|\.\d+|\d+|[a-z]+(?:'[a-z]+)?|[-+*/^=(),%!|<>.?:&]"
)
_DIGITS = Pattern(r"\d+(?:\.\d+)?|\.\d+")
_ORDINAL_DIGITS = Pattern(r"(\d+)(?:st|nd|rd|th)(s?)")
MAX_DIGITS = 40


def canonical(question: str) -> str:
    """`question` in canonical text; empty if there is nothing in it."""
    text = question.lower()
    for symbol, plain in SYMBOLS.items():
        text = text.replace(symbol, plain)
    text = _CURRENCY.sub(lambda m: f"{m[2]}{m[3] or ''} {_CURRENCY_NAMES[m[1]]}", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"\bhalf a dozen\b", "6", text)
    text = re.sub(r"\b(?:per cent|percents?)\b", " % ", text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z]{2})", " ", text)
    text = re.sub(r"(?<=\d)-(?=[a-z]{2})", " ", text)
    text = re.sub(r"(?<=\d)(?!(?:st|nd|rd|th)s?\b)(?=[a-z])", " ", text)
    text = re.sub(r"\b([xyz])(?=[xyz]\b)", r"\1 ", text)
    text = re.sub(r"\b([b-df-hj-z])(?=\d)", r"\1 ", text)
    text = _GLUED_FRACTION.sub(r"\1/\2", text)
    tokens: list[str] = []
    for token in _TOKEN.findall(_split_tight_slashes(text)):
        tokens += CONTRACTIONS.get(token, token).split()
    return _trim(" ".join(_numbers(tokens)))


def _split_tight_slashes(text: str) -> str:
    """A slash that belongs to a longer division or a power is an operator, not part of one fraction."""
    marked = _GLUED_FRACTION.sub(lambda m: f"{m[1]}\x00{m[2]}", text)
    return marked.replace("/", " / ").replace("\x00", "/")


def _trim(text: str) -> str:
    text = re.sub(r"(?:(?<= )|^)(?:[.,?] )*[.?](?: [.,?])*(?= |$)", ".", text)
    return text.strip(" .,:?")


def _numbers(tokens: list[str]) -> list[str]:
    """The tokens with every run of number words replaced by one numeral."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        found = _number_at(tokens, at)
        if found is None:
            out.append(tokens[at])
            at += 1
        else:
            numeral, at = found
            out.append(numeral)
    return out


def _number_at(tokens: list[str], at: int) -> tuple[str, int] | None:
    """The numeral that starts at `at` and the index after it."""
    token = tokens[at]
    if token in ("negative", "minus") and at + 1 < len(tokens):
        inner = _number_at(tokens, at + 1) if token == "negative" else None
        if inner and re.fullmatch(r"\d+(\.\d+)?(/\d+)?", inner[0]):
            return f"-{inner[0]}", inner[1]
        return None
    ordinal = _ordinal_at(tokens, at)
    if ordinal:
        return ordinal
    if token in ("half", "quarter"):
        return _fraction_text(Fraction(1, PARTS[token])), at + 1
    if token == "a" or token == "an":
        return _after_article(tokens, at)
    if re.fullmatch(r"\d+/\d+", token):
        if int(token.partition("/")[2]) == 0 or len(token) > MAX_DIGITS:
            return None
        return token, at + 1
    whole = _cardinal_at(tokens, at)
    if whole is None:
        return None
    numeral, after = whole
    return _with_fraction(tokens, numeral, after)


def _after_article(tokens: list[str], at: int) -> tuple[str, int] | None:
    """“a hundred”, “a half”, “a third”, “a quarter”, “a dozen”; an article before anything else is a word."""
    if at + 1 >= len(tokens):
        return None
    word = tokens[at + 1]
    if word in SCALES:
        return _cardinal_at(["one", *tokens[at + 1 :]], 0, offset=at)
    following = tokens[at + 2] if at + 2 < len(tokens) else ""
    is_certain = word == "half" or tokens[at - 1 : at] == ["and"]
    is_part = word in PARTS and not word.endswith("s") and following not in ("past", "to")
    if is_part and (is_certain or following in _AFTER_A_PART or (word == "quarter" and not following)):
        return _fraction_text(Fraction(1, PARTS[word])), at + 2
    if word == "dozen":
        return "12", at + 2
    return None


_AFTER_A_PART = frozenset(
    [
        "of",
        "plus",
        "minus",
        "times",
        "divided",
        "multiplied",
        "and",
        ",",
        ".",
        "as",
        "to",
        "in",
        "is",
        "%",
        "+",
        "-",
        "*",
        "/",
        "=",
        "into",
    ]
)


def _with_fraction(tokens: list[str], numeral: str, after: int) -> tuple[str, int]:
    """Joins “two thirds”, “one and a half”, “2 and 3/4” and “two dozen” to the whole number before them."""
    if "." in numeral or after >= len(tokens):
        return numeral, after
    whole = int(numeral)
    word = tokens[after]
    part = _ORDINAL_DIGITS.fullmatch(word)
    bottom = PARTS.get(word) or (int(part[1]) if part and (part[2] or whole == 1) else None)
    is_plural = word.endswith("s") or word == "halves"
    if bottom and bottom > 1 and (is_plural or whole == 1) and not (whole == 1 and word == "half"):
        return f"{whole}/{bottom}", after + 1
    if whole == 1 and word == "half":
        return "1/2", after + 1
    if word == "dozen":
        return str(whole * 12), after + 1
    if re.fullmatch(r"\d+/\d+", word) and tokens[after - 1 : after] == [numeral]:
        top, bottom_digits = word.split("/")
        if int(top) < int(bottom_digits) and len(word) <= MAX_DIGITS:
            return _fraction_text(whole + Fraction(word)), after + 1
    if word == "and" and after + 1 < len(tokens) and tokens[after + 1] not in ("negative", "minus"):
        inner = _number_at(tokens, after + 1)
        if inner and re.fullmatch(r"\d+/\d+", inner[0]) and Fraction(inner[0]) < 1:
            return _fraction_text(whole + Fraction(inner[0])), inner[1]
    return numeral, after


def _ordinal_at(tokens: list[str], at: int) -> tuple[str, int] | None:
    token = tokens[at]
    if token in ORDINALS:
        return f"{ORDINALS[token]}th", at + 1
    if re.fullmatch(r"\d+(?:st|nd|rd|th)", token):
        return re.sub(r"[a-z]+", "th", token), at + 1
    if token in TENS and at + 1 < len(tokens) and ORDINALS.get(tokens[at + 1], 99) < 10:
        return f"{SMALL[token] + ORDINALS[tokens[at + 1]]}th", at + 2
    return None


def _cardinal_at(tokens: list[str], at: int, offset: int = 0) -> tuple[str, int] | None:
    """A whole or decimal number: digits with an optional scale, or number words with scales and “and”."""
    start = at
    token = tokens[at]
    if _DIGITS.fullmatch(token):
        if len(token) > MAX_DIGITS:
            return None
        value = Fraction(token)
        at += 1
        while at < len(tokens) and tokens[at] in SCALES:
            value *= SCALES[tokens[at]]
            at += 1
        if at == start + 1:
            numeral = token if not token.startswith(".") else f"0{token}"
            return _with_point(tokens, numeral, at) if "." not in token else (numeral, at)
        return _decimal_text(value), at + offset
    if token not in SMALL:
        if (
            token == "point"
            and at + 1 < len(tokens)
            and (tokens[at + 1] in UNITS[:10] or tokens[at + 1].isdigit())
        ):
            return _with_point(tokens, "0", at)
        return None
    total, group, last = (
        0,
        0,
        10**15,
    )  # `last`: what the previous word was worth, so that “two three” stays apart
    while at < len(tokens):
        word = tokens[at]
        if word in SMALL and _fits(SMALL[word], last):
            group += SMALL[word]
            last = SMALL[word] if SMALL[word] else 1
            at += 1
        elif word == "hundred" and 0 < group < 100:
            group *= 100
            last = 100
            at += 1
        elif word in SCALES and word != "hundred" and group:
            total += group * SCALES[word]
            group, last = 0, 10**14
            at += 1
        elif word == "and" and last in (100, 10**14) and at + 1 < len(tokens) and tokens[at + 1] in SMALL:
            if at + 2 < len(tokens) and tokens[at + 2] in PARTS and tokens[at + 2] != "second":
                break
            at += 1
        else:
            break
    if offset:  # the caller put a “one” in the place of the article
        return str(total + group), at + offset
    return _with_point(tokens, str(total + group), at)


def _fits(value: int, last: int) -> bool:
    """May a word worth `value` follow a word worth `last` inside one number?"""
    if last >= 10**14:
        return True
    if last == 100:
        return True
    return last in range(20, 100) and last % 10 == 0 and 0 < value < 10


def _with_point(tokens: list[str], whole: str, at: int) -> tuple[str, int]:
    """Appends “point one four” digit by digit."""
    if at >= len(tokens) or tokens[at] != "point":
        return whole, at
    digits = ""
    after = at + 1
    while after < len(tokens) and len(digits) < MAX_DIGITS:
        word = tokens[after]
        if word in UNITS[:10]:
            digits += str(SMALL[word])
        elif word in ("oh", "o"):
            digits += "0"
        elif (word in SMALL or word.isdigit()) and not digits:
            found = _cardinal_at(tokens, after) if word in SMALL else (word, after + 1)
            if found is None or "." in found[0]:
                return whole, at
            digits, after = found
            break
        else:
            break
        after += 1
    return (f"{whole}.{digits}", after) if digits else (whole, at)


def _fraction_text(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _decimal_text(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12f}".rstrip("0").rstrip(".")
