"""What was said, as items: which line of the transcript each of them is, what the client writes and takes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from antiphon.core import events as e
from antiphon.core.transcript import Line
from antiphon.transports.realtime.items import Items
from antiphon.wire import openai_realtime as rt

Told = e.UserEvent | e.ProgramEvent
_ROLES = {"user": e.Role.USER, "assistant": e.Role.AGENT}


@dataclass(frozen=True, slots=True)
class Span:
    """The sound of an item: of the turn, in seconds from its start, what was sent."""

    turn: e.TurnId
    begin: float
    end: float


class History:
    """The conversation of one client. `ms` are milliseconds of an item's own sound."""

    def __init__(
        self,
        items: Items,
        say: Callable[[rt.ServerEvent], None],
        tell: Callable[[Told], None],
        stopped: Callable[[e.TurnId, float], None],
    ) -> None:
        """`stopped` is told that of the turn no more than so many seconds were heard."""
        self._items = items
        self._say = say
        self._tell = tell
        self._stopped = stopped
        self.spans: dict[str, Span] = {}
        self.unheard: deque[tuple[str, bytes]] = deque()
        "Sound that the client wrote as an item, whose words are to be made out: see `made_out`."
        self._count = 0
        "Lines remembered so far."
        self._written: deque[tuple[str, e.Role, str]] = deque()
        "Lines of the client's on their way to being remembered, with their items."
        self._lines: dict[str, tuple[int, str]] = {}
        "For each item the number of its line, and what that holds."
        self._taken_back: set[str] = set()
        "Items that were deleted before they were lines."
        self._of_turn: dict[e.TurnId, list[str]] = {}
        "Items of the agent's line that is being said."
        self._whole: dict[str, str] = {}
        "What was to be said in the items of which less was heard."
        self._handed_on: set[str] = set()
        "Calls of functions whose answer knows what they gave."

    # ---- what the client does ----------------------------------------------------------------------------
    def create(self, item: rt.Item, behind: str | None, gave: Callable[[str, str], bool]) -> None:
        """The item is part of the conversation. `gave` takes what a function gave, if somebody waits for it."""
        item, before = self._items.add(replace(item, status="completed"), behind)
        assert item.id is not None
        self._say(rt.ItemAdded(item, before))
        self._say(rt.ItemDone(item, before))
        if isinstance(item, rt.FunctionCallOutput) and gave(item.call_id, item.output):
            self._handed_on.add(item.call_id)
        elif isinstance(item, rt.Message) and item.role in _ROLES:
            sound = b"".join(part.audio or b"" for part in item.content if isinstance(part, rt.InputAudio))
            if sound and not item.text:
                self.unheard.append((item.id, sound))
            elif item.text:
                self._write(item.id, _ROLES[item.role], item.text)

    def made_out(self, id: str, text: str) -> None:
        """These are the words of the sound."""
        item = self._items.find(id)
        if isinstance(item, rt.Message):
            self._items.put(replace(item, content=(rt.InputAudio(transcript=text),)))
        if text:
            self._write(id, e.Role.USER, text)

    def delete(self, id: str) -> None:
        """The item is gone, and the agent does not remember it. Raises EventRefused."""
        self._items.drop(id)
        self._say(rt.ItemDeleted(id))
        line = self._lines.pop(id, None)
        if line is None:
            self._taken_back.add(id)
        elif not any(number == line[0] for number, _ in self._lines.values()):
            self._tell(e.LineErased(*line))

    def truncate(self, id: str, index: int, ms: int) -> None:
        """No more of the item than that was heard, and no more is remembered. Raises EventRefused."""
        item, span = self._items.get(id, "item_truncate_invalid_item_id"), self.spans.get(id)
        if span is None or not isinstance(item, rt.Message):
            raise rt.EventRefused(
                "Only model output audio messages can be truncated", code="invalid_value", param="item_id"
            )
        heard = min(ms / 1000, span.end - span.begin)
        self._say(rt.ItemTruncated(id, index, min(ms, int(heard * 1000))))
        self._stopped(span.turn, span.begin + heard)

    def _write(self, id: str, role: e.Role, text: str) -> None:
        self._written.append((id, role, text))
        self._tell(e.LineWritten(role, text))

    # ---- what happens ------------------------------------------------------------------------------------
    def is_written(self, role: e.Role, text: str) -> bool:
        """The line that is remembered now is one that the client wrote; if so it is dealt with."""
        if not self._written or self._written[0][1:] != (role, text):
            return False
        self.remembered([self._written.popleft()[0]], text)
        return True

    def remembered(self, items: list[str], text: str) -> None:
        """The next line is remembered: these items are it."""
        number, self._count = self._count, self._count + 1
        for id in items:
            if id in self._taken_back:
                self._taken_back.discard(id)
                self._tell(e.LineErased(number, text))
            else:
                self._lines[id] = number, text

    def heard_of(self, turn: e.TurnId, text: str) -> None:
        """The agent's line of the turn is remembered as it was heard: its items hold that."""
        items = self._of_turn.pop(turn, [])
        self._hold(items, text)
        self.remembered(items, text)

    def cut(self, turn: e.TurnId, heard: str) -> None:
        """The turn is given up; no more of it than this was heard, as far as anybody knows by now."""
        self._hold(self._of_turn.get(turn, []), heard)

    def said(self, turn: e.TurnId, id: str) -> None:
        """The item is of what the agent says in the turn."""
        self._of_turn.setdefault(turn, []).append(id)

    def revised(self, number: int, text: str) -> None:
        """The line holds this now."""
        items = [id for id, (line, _) in self._lines.items() if line == number]
        self._hold(items, text)
        for id in items:
            self._lines[id] = number, text

    def _hold(self, items: list[str], text: str) -> None:
        """Together the items say this, each no more than it said before."""
        for id in items:
            item = self._items.find(id)
            if not isinstance(item, rt.Message) or item.role != "assistant" or item.status == "in_progress":
                continue
            whole = self._whole.setdefault(id, item.text.strip())
            part = whole if text.startswith(whole) else text
            text = text[len(part) :].strip()
            is_text = any(isinstance(one, rt.OutputText) for one in item.content)
            content: rt.Content = rt.OutputText(part) if is_text else rt.OutputAudio(transcript=part)
            self._items.put(replace(item, content=(content,)))

    # ---- what it amounts to ------------------------------------------------------------------------------
    def notes(self) -> str:
        """What the client wrote for the agent and nobody said: system messages, and what functions gave before."""
        calls = {x.call_id: x for x in self._items if isinstance(x, rt.FunctionCall)}
        told = []
        for item in self._items:
            if isinstance(item, rt.Message) and item.role == "system":
                told.append(item.text)
            elif isinstance(item, rt.FunctionCallOutput) and item.call_id not in self._handed_on:
                call = calls.get(item.call_id)
                of = f"{call.name} {call.arguments}" if call is not None else "A function"
                told.append(f"{of} gave: {item.output}")
        return "\n".join(filter(None, told))

    def lines(self, items: list[rt.Item] | None = None) -> list[Line]:
        """What was said, line by line: in the conversation, or in these items."""
        found = []
        for item in self._items if items is None else items:
            if isinstance(item, rt.Message) and item.role in _ROLES and item.text:
                found.append(Line(_ROLES[item.role], item.text))
        return found
