"""A calendar in memory, for tests: the same rules as in Postgres, without its durability."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from antiphon.core.appointments import Appointment, SlotTaken, no_appointment
from antiphon.core.records import StoreUnavailable


@dataclass(slots=True)
class MemoryCalendar:
    """`Calendar` in memory. Set `is_away` to see how people are told; `is_cut`: what is done is not told of."""

    is_away: bool = False
    is_cut: bool = False
    "The next change is made, and its answer lost."
    appointments: dict[str, Appointment] = field(default_factory=dict)
    changes: int = 0
    "How often something was really changed."

    @property
    def booked(self) -> list[Appointment]:
        """All that is booked, in the order of time."""
        kept = [a for a in self.appointments.values() if a.status == "booked"]
        return sorted(kept, key=lambda appointment: appointment.starts_at)

    async def taken(
        self, tenant: str, first: datetime, last: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        self._reach()
        return tuple(
            (a.starts_at, a.ends_at)
            for a in self.booked
            if a.tenant == tenant and a.starts_at < last and a.ends_at > first
        )

    async def book(self, new: Appointment) -> Appointment:
        self._reach()
        known = self.appointments.get(new.id)
        if known is not None:
            if (known.tenant, known.owner) != (new.tenant, new.owner):
                raise no_appointment()
            return known
        self._free(new.tenant, new.id, new.starts_at, new.ends_at)
        return self._keep(replace(new, status="booked", details=_plain(new.details)))

    async def move(
        self, tenant: str, owner: str, id: str, starts_at: datetime, details: Mapping[str, object]
    ) -> Appointment:
        self._reach()
        before = self._mine(tenant, owner, id)
        if before is None or before.status != "booked":
            raise no_appointment()
        ends_at = starts_at + (before.ends_at - before.starts_at)
        self._free(tenant, id, starts_at, ends_at)
        details = {**before.details, **_plain(details)}
        return self._keep(replace(before, starts_at=starts_at, ends_at=ends_at, details=details))

    async def cancel(self, tenant: str, owner: str, id: str) -> Appointment:
        self._reach()
        before = self._mine(tenant, owner, id)
        if before is None:
            raise no_appointment()
        return self._keep(replace(before, status="cancelled"))

    async def get(self, tenant: str, owner: str, id: str) -> Appointment | None:
        self._reach()
        return self._mine(tenant, owner, id)

    async def of(self, tenant: str, owner: str, after: datetime) -> tuple[Appointment, ...]:
        self._reach()
        theirs = (a for a in self.booked if (a.tenant, a.owner) == (tenant, owner) and a.ends_at > after)
        return tuple(theirs) if owner else ()

    def _mine(self, tenant: str, owner: str, id: str) -> Appointment | None:
        found = self.appointments.get(id)
        return found if found is not None and (found.tenant, found.owner) == (tenant, owner) else None

    def _free(self, tenant: str, id: str, starts_at: datetime, ends_at: datetime) -> None:
        for other in self.booked:
            overlaps = other.starts_at < ends_at and other.ends_at > starts_at
            if overlaps and other.tenant == tenant and other.id != id:
                raise SlotTaken

    def _keep(self, appointment: Appointment) -> Appointment:
        self.changes += self.appointments.get(appointment.id) != appointment
        self.appointments[appointment.id] = appointment
        if self.is_cut:
            self.is_cut = False
            raise StoreUnavailable("the connection broke after the change was made")
        return appointment

    def _reach(self) -> None:
        if self.is_away:
            raise StoreUnavailable("the calendar in memory was told to be away")


def _plain(details: Mapping[str, object]) -> dict[str, object]:
    """As it comes back from a store: through JSON."""
    found: dict[str, object] = json.loads(json.dumps(dict(details)))
    return found
