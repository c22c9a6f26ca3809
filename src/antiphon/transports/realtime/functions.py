"""Functions that the client is asked to call, until it wants an answer made of what they gave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator


class Functions:
    """Of one turn. A call is *due* until its client knows of it, and *open* until what it gave is handed on."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._due: list[tuple[str, str, str]] = []
        self._open: dict[str, Callable[[str], None]] = {}
        self._given: dict[str, str] = {}

    def call(self, name: str, arguments: object, answer: Callable[[str], None]) -> None:
        """The function is to be called; `answer` will be given what it gave."""
        call = self._new_id("call")
        self._due.append((call, name, json.dumps(arguments)))
        self._open[call] = answer

    @property
    def are_due(self) -> bool:
        return bool(self._due)

    def due(self) -> Iterator[tuple[str, str, str]]:
        """The id, the name and the arguments of each call that the client is now told of."""
        due, self._due = self._due, []
        yield from due

    def gave(self, call: str, output: str) -> None:
        """The client says what came of it."""
        if call in self._open:
            self._given[call] = output

    @property
    def are_answered(self) -> bool:
        """There were calls, and the client has said what came of each."""
        return bool(self._open) and self._given.keys() >= self._open.keys()

    def hand_on(self) -> None:
        """Who waits for what the functions gave has it."""
        given, self._given = self._given, {}
        for call, output in given.items():
            self._open.pop(call)(output)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._due.clear()
        self._open.clear()
        self._given.clear()
