"""What the nodes of a test share: one store in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from antiphon.core.records import Change, Escalation, SessionRecord, StoreUnavailable
from antiphon.store.folding import Record
from antiphon.store.lines import Row
from antiphon.store.notices import Notices

AWAY = "the store in memory was told to be away"
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Held:
    """One session in memory."""

    record: SessionRecord
    digest: str
    rows: list[Row] = field(default_factory=list)
    told: dict[str, list[Record]] = field(default_factory=dict)
    "What the tables learned, by table; the columns are `store.folding.COLUMNS`."
    lost_at: datetime = NEVER


@dataclass(slots=True)
class MemoryStore:
    """What all nodes share. Set `is_away` to see how they do without."""

    is_away: bool = False
    sessions: dict[str, Held] = field(default_factory=dict)
    escalations: dict[str, Escalation] = field(default_factory=dict)
    told: dict[str, datetime] = field(default_factory=dict)
    "Until when a node has time to tell somebody of an escalation; far away when it has."
    audits: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    "tenant, actor, act, object, detail as JSON."
    nodes: dict[str, str] = field(default_factory=dict)
    spent: dict[str, datetime] = field(default_factory=dict)
    "Tokens, and when they expire."
    watchers: list[Notices] = field(default_factory=list)

    def reach(self) -> None:
        """Raises StoreUnavailable while the store is away."""
        if self.is_away:
            raise StoreUnavailable(AWAY)

    def change(self, held: Held, **values: object) -> None:
        """The session's record has these values, and who watches knows if it matters."""
        before, held.record = held.record, replace(held.record, **values)  # type: ignore[arg-type]
        if (before.status, before.epoch) != (held.record.status, held.record.epoch):
            self.tell(Change("sessions", before.id, before.id), before.tenant)

    def forget_calls(self, sessions: Collection[str]) -> None:
        """Calls for a person from those sessions are gone."""
        self.escalations = {k: v for k, v in self.escalations.items() if v.session not in sessions}

    def tell(self, change: Change, tenant: str) -> None:
        for notices in self.watchers:
            notices.tell(change, tenant)
