"""Functions that the client is asked to call, until it wants an answer made of what they gave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

UNANSWERED = '{"error": "nothing was said of what came of it"}'


class Functions:
    """Of one turn. A call is *due* until its client knows of it, and *open* until what it gave is handed on."""

    def __init__(self, new_id: Callable[[str], str], are_waited_for: Callable[[bool], None]) -> None:
        """`are_waited_for` is told when the first call is made, and when what they gave is handed on."""
        self._new_id = new_id
        self._are_waited_for = are_waited_for
        self._due: list[tuple[str, str, str]] = []
        self._open: dict[str, Callable[[str], None]] = {}
        self._given: dict[str, str] = {}

    def call(self, name: str, arguments: object, answer: Callable[[str], None]) -> None:
        """The function is to be called; `answer` will be given what it gave."""
        if not self._open:
            self._are_waited_for(True)
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

    def gave(self, call: str, output: str) -> bool:
        """The client says what came of it. False: nobody waits for that."""
        if call in self._open:
            self._given[call] = output
        return call in self._open

    @property
    def are_open(self) -> bool:
        """Somebody waits for what they give, and the client knows of all of them."""
        return bool(self._open) and not self._due

    def hand_on(self) -> None:
        """Who waits has what the functions gave, or that nothing was said of it."""
        waiting, given = self._open, self._given
        self._open, self._given = {}, {}
        if waiting:
            self._are_waited_for(False)
        for call, answer in waiting.items():
            answer(given.get(call, UNANSWERED))

    def forget(self) -> None:
        """Nothing more is waited for."""
        self._due.clear()
        self._given.clear()
        self.hand_on()
