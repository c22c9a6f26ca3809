"""The conversation as it is remembered: lines in the order they were heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from antiphon.core.events import Remember, Revise, Role, TurnId


@dataclass(frozen=True, slots=True)
class Line:
    """One remembered line. An agent's line is what was heard of it, to the word."""

    role: Role
    text: str
    turn: TurnId = 0
    is_cut: bool = False
    speaker: str = ""
    "The specialist who spoke, for an agent's line; for one of a person who had taken over, their name."


class Transcript:
    """The lines of one conversation. It grows; what is revised keeps its place, and what is forgotten its number."""

    def __init__(self, lines: tuple[Line, ...] = ()) -> None:
        self._places: list[Line | None] = list(lines)

    @property
    def lines(self) -> list[Line]:
        """Those that are remembered."""
        return [line for line in self._places if line is not None]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def remember(self, command: Remember, speaker: str = "") -> Line:
        """The line is the last one. Returns it."""
        line = Line(command.role, command.text, command.turn, command.is_cut, command.by or speaker)
        self._places.append(line)
        return line

    def revise(self, command: Revise) -> None:
        """The line of that number holds what the command says. One that was forgotten stays so."""
        if command.line < len(self._places) and (line := self._places[command.line]) is not None:
            changed = replace(line, text=command.text, is_cut=command.is_cut)
            self._places[command.line] = changed if command.text else None

    def before(self, question: str) -> tuple[Line, ...]:
        """The lines but for the user's last ones that `question` consists of: they may be remembered already."""
        lines = self.lines
        while lines and lines[-1].role is Role.USER and lines[-1].text in question:
            lines.pop()
        return tuple(lines)

    def last(self, count: int) -> tuple[Line, ...]:
        """The latest `count` lines, oldest first; a cut line ends in a dash, as a reader would write it."""
        return tuple(
            replace(line, text=line.text + " —") if line.is_cut else line
            for line in (self.lines[-count:] if count else ())
        )
