"""Canonical text to the signs of an expression: “divided by” to OVER, “to the 4th power” to ^ 4."""

from __future__ import annotations

import re

from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths
from antiphon.agents.tutor.patterns import Pattern

MAX_TOKENS = 80

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"(?:open|left) (?:bracket|parenthesis|parentheses|paren|parens|brackets)(?: ,)?", "("),
    (r"(?:, )?(?:close|closed|right|end) (?:bracket|parenthesis|parentheses|paren|parens|brackets)", ")"),
    (r"(?:raised )?to the power(?: of)?", "^"),
    (r"(?:raised )?to the (\d+)th(?: power)?", r"^ \1"),
    (r"raised to(?: the)?", "^"),
    (r"to the (?:power )?minus(?= \d)", "^ -"),
    (r"(?<=[\dex-z] )to the(?= -?\d+(?!\S)| [nxy](?!\S))", "^"),
    (r"(?<=\^ \d) power|(?<=\^ \d\d) power", ""),
    (r"(?:the )?(?:square|squared) root(?: of)?(?: the)?", "sqrt"),
    (r"(?:the )?cubed? root(?: of)?(?: the)?", "root 3"),
    (r"(?:the )?(\d+)th root(?: of)?(?: the)?", r"root \1"),
    (r"(?:the )?root(?= of)(?: of)?", "sqrt"),
    (r"(?:the )?square of(?: the)?", "square-of"),
    (r"(?:the )?cube of(?: the)?", "cube-of"),
    (r"(?:the )?absolute value(?: of)?", "abs"),
    (r"(?:the )?natural log(?:arithm)?(?: of)?|ln(?: of)?", "ln"),
    (r"(?:the )?log(?:arithm)? (?:of (\S+) )?(?:to |in )?(?:the )?base (\S+)$", r"logbase \2 \1"),
    (r"(?:the )?log(?:arithm)? (?:to )?(?:the )?base (\S+)(?: of)?", r"logbase \1 of"),
    (r"(?:the )?log(?:arithm)?(?: of)?", "log"),
    (r"(?:the )?(?:sine|sin)(?: of)?", "sin"),
    (r"(?:the )?(?:cosine|cos)(?: of)?", "cos"),
    (r"(?:the )?(?:tangent|tan)(?: of)?", "tan"),
    (r"(?:the )?factorial of", "factorial-of"),
    (r"(?:the )?sum of", "sum-of"),
    (r"(?:the )?product of", "product-of"),
    (r"(?:the )?(?:difference (?:of|between))", "difference-of"),
    (r"(?:the )?quotient of", "quotient-of"),
    (r"(?:twice|double)(?: of)?", "2 of"),
    (r"(?:triple|three times)(?: of)?", "3 of"),
    (r"squared?", "squared"),
    (r"cubed?", "cubed"),
    (r"multiplied (?:by|with)|multiply by|times by|times", "*"),
    (r"(?:all )?divided by|divide by|over", "OVER"),
    (r"plus|added to", "+"),
    (r"minus|take away|takeaway|subtract", "-"),
    (r"(?:is )?(?:equals|equal)(?: to)?|is the same as", "="),
    (r"factorial", "!"),
    (r"the whole thing|the whole|all of that|all of it", "all"),
    (r"ex|eggs|axe|eggs'", "x"),
    (r"pie", "pi"),
)
_COMPILED = tuple((Pattern(rf"(?<!\S)(?:{pattern})(?!\S)"), into) for pattern, into in _PHRASES)


def tokens_of(text: str) -> list[str]:
    """Operators and functions as signs, everything else as it was."""
    is_slashed = " / " in f" {text} "
    for pattern, into in _COMPILED:
        text = pattern.sub(into, text)
    text = re.sub(r" ,(?= [=)])|(?<=\() ,|(?<=[-+*/]) ,", "", text)
    crossed = re.sub(r"(?<=\d) x (?=\d)", " * ", text)
    if crossed != text and re.search(r"(?<!\S)(?:x|=)(?!\S)", crossed):
        raise Muddled(
            "Is that x a variable or times, or did you mean x squared? Please say “x squared” or “times”."
        )
    text = re.sub(r"(?<=[\d)]) x (?=-?[\d(])", " * ", text)
    if not is_slashed:
        text = text.replace(" / ", " OVER ")
    tokens = [
        token
        for token in text.split()
        if token not in ("the", "a", "an") or (token == "a" and _names_a(text))
    ]
    if len(tokens) > MAX_TOKENS:
        raise NotMaths("too long")
    return tokens


def _names_a(text: str) -> bool:
    """Whether “a” stands like a variable: before a sign or a power."""
    return bool(re.search(r"(?<!\S)a (?:[-+*/^=]|squared|cubed|OVER)(?!\S)", text))
