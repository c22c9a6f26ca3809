"""What the tables tell of a session, told from its journal: turns, routes, verdicts, calls for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from antiphon.store.lines import Row, fields, fit

Value = str | int | float | bool | datetime | tuple[str, ...]
Record = tuple[Value, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "transcript_turns": ("session_id", "seq", "turn", "role", "speaker", "text", "is_cut", "at"),
    "routing_decisions": (
        *("session_id", "seq", "turn", "from_agent", "to_agent", "confidence", "reason", "at"),
    ),
    "guardrail_events": (
        *("session_id", "seq", "turn", "side", "action", "original_text", "categories_flagged"),
        *("confidence", "at"),
    ),
    "escalation_events": ("id", "session_id", "seq", "turn", "reason", "opened_at"),
    "orchestrator_jobs": (
        *("id", "session_id", "number", "status", "turn", "question", "safe_text", "tts_ready", "call_id"),
        *("created_at", "expires_at"),
    ),
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "transcript_turns": ("session_id", "seq"),
    "orchestrator_jobs": ("id",),
}
"Of tables whose records may be told anew."
LASTING: Mapping[str, tuple[str, ...]] = {
    "transcript_turns": ("session_id", "seq", "turn", "role", "speaker", "at"),
    "orchestrator_jobs": ("id", "session_id", "number", "question", "call_id", "created_at"),
}
"What stays as it was told first."
TYPES = {
    "seq": "bigint",
    "turn": "int",
    "is_cut": "bool",
    "confidence": "float8",
    "at": "timestamptz",
    "opened_at": "timestamptz",
    "number": "int",
    "tts_ready": "bool",
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
}
"Of columns that are not text."
TOLD = frozenset({"Remember", "Revise", "RouteDecided", "TextJudged", "PersonNeeded", "JobChanged"})
JOB_LASTS = timedelta(hours=1)
"For so long after its last change what a job gave can be asked for."


@dataclass(slots=True)
class Folding:
    """Reads one session's journal from its beginning, in order."""

    session: str
    speaker: str = ""
    "Who answered last."
    _speakers: dict[int, str] = field(default_factory=dict)
    _lines: list[Record] = field(default_factory=list)
    "Of the transcript, by their numbers: what is revised stays where it is."

    def fold(self, row: Row) -> tuple[str, Record] | None:
        """The table and the record that the entry adds, if any."""
        if row.name not in TOLD:
            return None
        said = fields(row)
        turn = _whole(said.get("turn"))
        at = datetime.fromtimestamp(row.at, UTC)
        key = (self.session, row.seq)
        match row.name:
            case "Remember":
                role = fit(said.get("role", ""))
                speaker = fit(said.get("by", "")) or (self._speakers.get(turn, "") if role == "agent" else "")
                text = fit(said.get("text", ""))
                line: Record = (*key, turn, role, speaker, text, bool(said.get("is_cut")), at)
                self._lines.append(line)
                return "transcript_turns", line
            case "Revise":
                number = _whole(said.get("line"))
                if not 0 <= number < len(self._lines):
                    return None
                old = self._lines[number]
                revised: Record = (*old[:5], fit(said.get("text", "")), bool(said.get("is_cut")), old[7])
                self._lines[number] = revised
                return "transcript_turns", revised
            case "RouteDecided":
                before, to = self.speaker, fit(said.get("specialist", ""))
                self.speaker = self._speakers[turn] = to
                confidence, reason = _share(said.get("confidence")), fit(said.get("reason", ""))
                return "routing_decisions", (*key, turn, before, to, confidence, reason, at)
            case "TextJudged":
                action = fit(said.get("action", ""))
                if action == "allow":
                    return None
                side, text = fit(said.get("side", "")), fit(said.get("text", ""))
                named = said.get("categories")
                categories = tuple(fit(name) for name in named) if isinstance(named, list) else ()
                judged = (turn, side, action, text, categories, _share(said.get("confidence")), at)
                return "guardrail_events", (*key, *judged)
            case "JobChanged":
                named_job = (fit(said.get("job", "")), self.session, _whole(said.get("number")))
                asked, text = fit(said.get("question", "")), fit(said.get("text", ""))
                state = (fit(said.get("status", "")), turn, asked, text, bool(said.get("is_ready")))
                call = fit(said.get("call", ""))
                return "orchestrator_jobs", (*named_job, *state, call, at, at + JOB_LASTS)
            case _:
                name = f"{self.session}-{row.seq}"
                return "escalation_events", (name, *key, turn, fit(said.get("reason", "")), at)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < 1 << 31 else 0


def _share(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 1.0
