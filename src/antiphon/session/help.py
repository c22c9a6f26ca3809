"""When a person is to be asked for: a fold over a session's stream, the same after a resume."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.notes import Attended, NothingKnown, PersonAsked, PersonNeeded, RouteDecided
from antiphon.session.journal import Item

IN_A_ROW = 2
"Answers that were guesses, one after the other, from which the agent does not get on by itself."


class Help:
    """Feed it every item once, in order. A person is asked for once, until one has come.

    What distresses a caller or endangers them is said by the guardrail and is no matter of this: it calls always.
    """

    def __init__(self, unsure_below: float) -> None:
        self._unsure_below = unsure_below
        self._turn: e.TurnId = 0
        self._is_guess: dict[e.TurnId, bool] = {}
        "Of answers that were made; some are never heard."
        self._in_a_row = 0
        self._is_called = False

    def note(self, item: Item) -> PersonNeeded | None:
        """The item has happened. Returns the call for a person that follows from it."""
        match item:
            case e.Speak(turn):
                self._turn = turn
            case RouteDecided(turn, _, confidence):
                self._is_guess[turn] = confidence < self._unsure_below
            case NothingKnown(turn):
                self._is_guess[turn] = True
            case e.ContinueReply():  # the same answer, a second time
                self._in_a_row = max(0, self._in_a_row - 1)
            case e.Remember(turn, e.Role.AGENT) if turn in self._is_guess:
                return self._answered(turn)
            case PersonAsked() if not self._is_called:
                return PersonNeeded(self._turn, "the caller asked for a person")
            case PersonNeeded():
                self._is_called = True
            case Attended(_, is_there) if is_there:
                self._is_called = False
                self._in_a_row = 0
            case _:
                pass
        return None

    def _answered(self, turn: e.TurnId) -> PersonNeeded | None:
        self._in_a_row = self._in_a_row + 1 if self._is_guess[turn] else 0
        self._is_guess.clear()
        if self._in_a_row < IN_A_ROW or self._is_called:
            return None
        self._in_a_row = 0
        return PersonNeeded(turn, f"unsure {IN_A_ROW} times in a row")
