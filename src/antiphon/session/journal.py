"""The journal: every event, command and note of a conversation with its time, and its replay.

One JSON object a line. The first is the header: what the conversation was made with. Then, in order,
`{"t": seconds, "e": name, …}` for an event, `"c"` for a command, `"n"` for a note, and
`{"t": …, "tick": true}` where a deadline passed. Sound is never in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TypeVar, Union, cast, get_args, get_origin, get_type_hints

from antiphon.core.conversation import Conversation
from antiphon.core.errors import CallerError
from antiphon.core.events import Command, Event, Played
from antiphon.core.notes import Note
from antiphon.core.records import StoreUnavailable
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.ports import Ledger
from antiphon.session.journal_file import JournalFile
from antiphon.session.redaction import redacted

FORMAT = 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Header:
    """What a conversation was made with: enough to run it again."""

    session: str
    agent: str
    policy: TurnPolicy
    lines: Lines
    started_at: str = ""
    "When, ISO 8601, for people; the entries count seconds from any origin."
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline passed."""


Item = Event | Command | Note | Tick


@dataclass(frozen=True, slots=True)
class Entry:
    """`item` happened at `t` session seconds."""

    t: float
    item: Item


_KINDS: dict[str, dict[str, type]] = {
    "e": {cls.__name__: cls for cls in get_args(Event)},
    "c": {cls.__name__: cls for cls in get_args(Command)},
    "n": {cls.__name__: cls for cls in get_args(Note)},
}


_KEYS = {cls: key for key, kinds in _KINDS.items() for cls in kinds.values()}
_FIELDS = {cls: tuple(f.name for f in fields(cls)) for cls in _KEYS}


class Journal:
    """Writes a conversation down as it happens: to a file, to a store's ledger, to both, or to nowhere."""

    def __init__(
        self,
        header: Header,
        path: Path | None = None,
        ledger: Ledger | None = None,
        *,
        goes_on: bool = False,
        clean: Callable[[str], str] | None = None,
    ) -> None:
        """With `goes_on`, what follows continues a journal that has its header already.

        `clean` is applied to everything that anybody said before it is written.
        """
        self._clean = clean
        self.header = header
        self.path = path
        self.ledger = ledger
        self._file = JournalFile(path, goes_on=goes_on) if path is not None else None
        if not goes_on:
            self._line(encode_header(header))

    def write(self, t: float, item: Item) -> None:
        """The item is in the journal; on disk after the next `durable`. Raises Fenced: see `ports.Ledger`."""
        if self._file is not None or self.ledger is not None:
            self._line(encode_entry(Entry(t, redacted(item, self._clean) if self._clean else item)))

    @property
    def is_kept(self) -> bool:
        """What is written outlives the process, once `durable` has returned."""
        return self.ledger is not None

    def flush(self) -> None:
        """What was written so far is in the file, if the disk takes it."""
        if self._file is not None:
            self._file.flush()

    async def durable(self) -> None:
        """Everything written so far outlives this process. Raises Fenced and StoreUnavailable."""
        if self.ledger is not None:
            await self.ledger.durable()

    async def committed(self, is_urgent: bool) -> None:
        """Everything written so far outlives this process, unless the store is away. Raises Fenced."""
        if self.ledger is not None:
            with suppress(StoreUnavailable):
                await self.ledger.durable(None, is_urgent=is_urgent)

    def close(self, report: Mapping[str, object] | None = None) -> None:
        """The conversation is over; `report` sums it up."""
        self.leave()
        if self.ledger is not None:
            self.ledger.close(report)

    def leave(self) -> None:
        """Nothing more is written from here, but the conversation may go on elsewhere."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _line(self, line: str) -> None:
        if self._file is not None:
            self._file.write(line)
        if self.ledger is not None:
            self.ledger.write(line)


def encode_header(header: Header) -> str:
    """The first line of a journal."""
    return _dump({"header": header})


def decode_header(line: str, source: object = "this") -> Header:
    """Reads the first line of the journal `source`. Raises CallerError when it is none."""
    try:
        header = _revive(json.loads(line)["header"], Header)
    except (ValueError, KeyError, TypeError) as error:
        raise CallerError(f"{source} is not a journal: its first line is no header ({error!r})") from None
    if header.format != FORMAT:
        raise CallerError(f"{source} has journal format {header.format}; this version reads {FORMAT}")
    return header


def encode_entry(entry: Entry) -> str:
    """The entry as one line of JSON, without the line's end."""
    match entry.item:
        case Played(turn, samples):
            # Twenty a second of each caller who listens: json.dumps takes five times as long.
            return f'{{"t":{entry.t!r},"e":"Played","turn":{turn},"samples":{samples}}}'
        case Tick():
            return _dump({"t": entry.t, "tick": True})
    kind = type(entry.item)
    return _dump({"t": entry.t, _KEYS[kind]: kind.__name__, **_plain(entry.item)})


def decode_entry(line: str) -> Entry:
    """Reads `encode_entry`'s line. Raises CallerError when it is none."""
    try:
        data = json.loads(line)
        t = float(data.pop("t"))
        if data.pop("tick", False):
            return Entry(t, Tick())
        key = next(key for key in _KINDS if key in data)
        kind = _KINDS[key][data.pop(key)]
        return Entry(t, cast(Item, _revive(data, kind)))
    except (ValueError, KeyError, StopIteration, TypeError, AttributeError) as error:
        raise CallerError(f"not a journal entry ({error!r}): {line[:120]}") from None


def read(path: Path) -> tuple[Header, Iterator[Entry]]:
    """The header and the entries of a journal. A last line that was cut short by a crash is left out."""
    whole = path.read_text(encoding="utf-8").split("\n")[:-1]
    header = decode_header(whole[0] if whole else "", path)
    return header, (decode_entry(line) for line in whole[1:] if line)


@dataclass(frozen=True, slots=True)
class Difference:
    """At `t`, replay gave `replayed` where the journal has `recorded`; None: nothing."""

    t: float
    recorded: Command | None
    replayed: Command | None


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of running a journal's events through the conversation again."""

    events: int
    commands: int
    seconds: float
    "How long the conversation lasted."
    differences: tuple[Difference, ...]


def replay(header: Header, entries: Iterable[Entry]) -> Replay:
    """The conversation was held again from its journalled events; commands that differ are named."""
    conversation = Conversation(header.policy, header.lines)
    pending: list[Command] = []
    differences: list[Difference] = []
    events = commands = 0
    first = last = None

    def close(t: float) -> None:
        differences.extend(Difference(t, None, command) for command in pending)
        pending.clear()

    for entry in entries:
        first = entry.t if first is None else first
        last = entry.t
        match entry.item:
            case Tick():
                close(entry.t)
                pending.extend(conversation.tick(entry.t))
            case item if isinstance(item, Command):
                commands += 1
                expected = pending.pop(0) if pending else None
                if expected != item:
                    differences.append(Difference(entry.t, item, expected))
            case item if isinstance(item, Event):
                events += 1
                close(entry.t)
                pending.extend(conversation.handle(item, entry.t))
            case _:
                pass
    close(last or 0.0)
    return Replay(events, commands, (last or 0.0) - (first or 0.0), tuple(differences))


def _dump(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> dict[str, object]:
    """A dataclass or a mapping, one level deep. Frames of sound make many entries: `asdict` is too slow."""
    if isinstance(value, Mapping):
        return dict(value)
    kind = type(value)
    names = _FIELDS.get(kind) or tuple(f.name for f in fields(kind))  # type: ignore[arg-type]
    return {name: getattr(value, name) for name in names}


def _revive(value: object, kind: type[T]) -> T:
    """`value`, as JSON gave it, as the type that was written."""
    return cast(T, _reader(cast(object, kind))(value))


@cache
def _reader(kind: object) -> Callable[[object], object]:
    """What turns JSON into `kind`. Made once: a session that is gone on with has tens of thousands of entries."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        inner = _reader(next(arg for arg in get_args(kind) if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda value: tuple(map(item, value)) if isinstance(value, list) else value
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is float:
        return lambda value: float(value) if isinstance(value, int) else value
    return lambda value: value


def _dataclass_reader(kind: type) -> Callable[[object], object]:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}

    def read(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return kind(**{name: readers[name](item) for name, item in value.items() if name in readers})

    return read
