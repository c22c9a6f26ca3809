"""What other programs see of a session: its state, copied as it changes."""

from __future__ import annotations

from datetime import UTC, datetime

from antiphon.core import events as e
from antiphon.core.notes import Note, RouteDecided
from antiphon.session.session import Session, Watcher
from antiphon.store.mirror import Mirror


def mirrored(session: Session, mirror: Mirror, node: str) -> Watcher:
    """A watcher that copies what changes in the session's state."""
    mirror.state(session.id, {"agent": session.agent.name, "node": node})

    def note(_: float, item: e.Event | e.Command | Note) -> None:
        match item:
            case e.ChangePhase(phase):
                changed = {"phase": phase.value, "turn": str(session.conversation.turn)}
            case RouteDecided(_, specialist):
                changed = {"specialist": specialist}
            case e.TakenOver(by):
                changed = {"taken_over_by": by}
            case e.HandedBack():
                changed = {"taken_over_by": ""}
            case _:
                return
        mirror.state(
            session.id, {**changed, "updated_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        )

    return note
