"""Shared pieces of pattern: one number, a list of numbers, and how lists are said."""

from __future__ import annotations

import re
from fractions import Fraction

N = r"-?\d+(?:\.\d+)?(?:/\d+)?"
LIST = rf"(?:- )?{N}(?:(?: , and| ,| and)? (?:- )?{N})+"
MAX_LENGTH = 40


def numbers(text: str) -> list[Fraction]:
    """The numbers of something that matched `LIST`."""
    joined = re.sub(r"(?<!\S)- (?=\d)", "-", text)
    return [Fraction(found) for found in re.findall(N, joined)][:MAX_LENGTH]


def said(items: list[str]) -> str:
    """“2, 4 and 6”."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def amount(text: str) -> Fraction:
    """The value of a numeral, “a”, “an” or “one”."""
    return Fraction(1) if text in ("a", "an", "one") else Fraction(text)
