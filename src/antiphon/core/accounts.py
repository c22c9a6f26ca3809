"""A customer's account, as an agent may look it up: plan, invoices, tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Invoice:
    """One bill. Amounts are in cents of a dollar."""

    number: str
    issued_on: date
    due_on: date
    cents: int
    plan: str = ""
    is_paid: bool = False

    def is_overdue(self, today: date) -> bool:
        return not self.is_paid and self.due_on < today


@dataclass(frozen=True, slots=True)
class Ticket:
    """A question that people will answer in writing."""

    number: int
    subject: str
    opened_on: date
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """What a customer has with us."""

    id: str
    plan: str
    workspace: str = ""
    status: str = "active"
    "active, trial or cancelled."
    people: int = 1
    name: str = ""
    "Of the person who calls; empty when nobody told us."
    renews_on: date | None = None
    "The next billing date."
    trial_ends_on: date | None = None
    "The last day of the trial."
    next_plan: str = ""
    "The plan that follows; empty: the same one."
    next_plan_from: date | None = None
    invoices: tuple[Invoice, ...] = ()
    "The newest first."
    tickets: tuple[Ticket, ...] = ()
    "The newest first."
