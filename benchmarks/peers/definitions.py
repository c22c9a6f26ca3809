"""What is measured, as pure functions: from notes, samples and lines to figures, and from figures to a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from antiphon.bench.figures import percentile


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of one framework under one setting. Of a single value p50 is that value, and p95 None."""

    framework: str
    version: str
    setting: str
    measure: str
    unit: str
    n: int
    p50: float | None
    p95: float | None
    load: float
    "Load average of the last minute when the first of its trials began; other work on the machine is in it."
    date: str
    note: str = ""

    @property
    def trial(self) -> str:
        """Which entrant's trial of which kind it comes from."""
        return f"{self.measure.partition('.')[0]}, {self.framework}, {self.setting}"

    def asdict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Share:
    """One turn's own share of the framework, milliseconds. `kind` is spoken or typed."""

    session: str
    kind: str
    ms: float


def shares(lines: Iterable[str]) -> list[Share]:
    """The share of each turn that a driver noted: from the decision that the turn is over to its first sound.

    A decision that another one follows before any sound came (the caller went on) counts for nothing.
    """
    confirmed: dict[str, tuple[str, float]] = {}
    found = []
    for line in lines:
        note = json.loads(line)
        session, at = str(note["session"]), float(note["at"])
        if note["event"] == "confirmed":
            confirmed[session] = str(note["kind"]), at
        elif note["event"] == "sounded" and session in confirmed:
            kind, since = confirmed.pop(session)
            found.append(Share(session, kind, (at - since) * 1000))
    return found


Word = tuple[str, int, int]
"A word, and the samples at which it begins and ends."


def in_tones(text: str, char: int) -> list[Word]:
    """The words of a text in tones, `char` samples a letter and one letter of silence after each word."""
    words, at = [], 0
    for word in text.split():
        words.append((word, at, at + len(word) * char))
        at += (len(word) + 1) * char
    return words


def heard(words: Sequence[Word], played: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the words whose last sample is among the `played` ones, those of which at least one sample is)."""
    whole = tuple(word for word, _, end in words if end <= played)
    begun = tuple(word for word, start, _ in words if start < played)
    return whole, begun


def difference(words: Sequence[Word], played: int, remembered: Sequence[str]) -> int:
    """Words remembered and not heard, plus words heard and not remembered.

    The word at which the sound was cut counts neither way: some frameworks keep a word that has begun, others one that
    is whole.
    """
    return min(_apart(words_heard, remembered) for words_heard in heard(words, played))


def _apart(one: Sequence[str], other: Sequence[str]) -> int:
    """Words beyond those with which both begin."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return len(one) + len(other) - 2 * same


def statistics(values: Sequence[float]) -> tuple[float | None, float | None]:
    """(median, 95th percentile), rounded to three decimals; None where there is nothing to tell."""
    if not values:
        return None, None
    median = round(percentile(values, 50), 3)
    return median, round(percentile(values, 95), 3) if len(values) > 1 else None


MEASURES: Mapping[str, str] = {
    "share.spoken": "own share, spoken turn: turn decided over → first audio byte written",
    "share.typed": "own share, typed turn: line received → first audio byte written",
    "yield.silent": "caller speaks over the agent → agent silent at the caller",
    "yield.yielded": "interruptions yielded to",
    "remember.words": "words remembered ≠ words played at an interruption; the voice tells word times",
    "remember.words.untimed": "the same with a voice that tells none",
    "remember.exact": "lines remembered to the word; the voice tells word times",
    "remember.exact.untimed": "the same with a voice that tells none",
    "load.cpu": "processor time per session-minute",
    "load.memory": "memory per added session",
    "load.response": "end of speech → first sound of the answer under that load",
    "load.missed": "utterances not answered under that load",
}
"What is measured, by the name it has in the file of results; a load's name is followed by its number of callers."


def titled(measure: str) -> str:
    """The measure as a person reads it."""
    name, _, callers = measure.rpartition(".")
    if callers.isdigit():
        return f"{MEASURES[name]}, {callers} callers"
    return MEASURES[measure]


def grid(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """(heads, lines) of a table of the rows: a line for each measure, a column for each framework and setting."""
    columns = list(dict.fromkeys((row.framework, row.version, row.setting) for row in rows))
    known = {(row.framework, row.version, row.setting, row.measure): row for row in rows}
    units = {row.measure: row.unit for row in rows}
    heads = ["what", "unit", *(f"{name} {version}, {setting}" for name, version, setting in columns)]
    lines = [
        [titled(measure), units[measure], *(_cell(known.get((*column, measure))) for column in columns)]
        for measure in sorted(units, key=_order)
    ]
    return heads, lines


def table(rows: Sequence[Row]) -> str:
    """The same in Markdown."""
    heads, lines = grid(rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *lines])


def _order(measure: str) -> tuple[int, int]:
    names = list(MEASURES)
    name, _, callers = measure.rpartition(".")
    return (names.index(name), int(callers)) if callers.isdigit() else (names.index(measure), 0)


def _cell(row: Row | None) -> str:
    if row is None or row.p50 is None:
        return "not measured"
    if row.p95 is None:
        return _short(row.p50)
    return f"{_short(row.p50)} / {_short(row.p95)} (n {row.n})"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
