"""Regular expressions that are compiled when they are first asked, or all at once when there is time.

A hundred of them compiled at import are a seventh of a second by which every start of a server is longer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

_made: list[Pattern] = []


class Pattern:
    """As what `re.compile` gives, as far as it is used here."""

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pattern = pattern
        self._flags = flags
        _made.append(self)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready. Raises re.error for one that is none."""
        return re.compile(self.pattern, self._flags)

    def search(self, text: str) -> re.Match[str] | None:
        return self.compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        return self.compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self.compiled.fullmatch(text)

    def sub(self, into: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        return self.compiled.sub(into, text, count)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.compiled.finditer(text)

    def findall(self, text: str) -> list[str]:
        return self.compiled.findall(text)


def compile_all() -> None:
    """Every pattern there is so far is compiled: no question waits for one. Some 0.15 s, once."""
    for pattern in _made:
        _ = pattern.compiled
