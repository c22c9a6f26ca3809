"""The end of a session whose node and caller are both gone, told from its journal alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from antiphon.core import events as e
from antiphon.session.journal import Entry, Item, decode_entry, decode_header, encode_entry
from antiphon.session.past import past
from antiphon.session.report import Report


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is still to be written of a conversation."""

    lines: tuple[str, ...]
    "The journal's last lines; none when it had come to its end."
    report: Mapping[str, object]
    "Plain JSON."


def concluded(id: str, lines: Sequence[str], reason: str) -> Conclusion:
    """The conversation of this journal is over at its last entry: what was heard of a broken line is remembered.

    About a second for an hour of conversation. Raises CallerError for what is no journal.
    """
    header = decode_header(lines[0] if lines else "", id)
    entries = [decode_entry(line) for line in lines[1:]]
    found, report = past(header, entries), Report(header)
    for entry in entries:
        report.note(entry.t, entry.item)
    missing: list[Item] = list(found.unrecorded)
    if not found.conversation.is_over:
        hung_up = e.HungUp(reason)
        missing += [hung_up, *found.conversation.handle(hung_up, found.last_t)]
    for item in missing:
        report.note(found.last_t, item)
        if isinstance(item, e.Remember):
            found.transcript.remember(item, found.specialist if item.role is e.Role.AGENT else "")
    written = tuple(encode_entry(Entry(found.last_t, item)) for item in missing)
    return Conclusion(written, report.summary(found.transcript))
