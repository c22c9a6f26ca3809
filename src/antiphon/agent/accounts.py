"""The contract of a store of customers' accounts. Conformance suite: `antiphon.testing.desk_conformance`."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from antiphon.agent.tools import Person
from antiphon.core.accounts import Account, Invoice, Ticket


class Accounts(Protocol):
    """Customers' accounts and what agents remember of customers. Raises StoreUnavailable.

    Whoever calls sees and changes their own and nothing else. One who has not signed in has nothing to see;
    changing something raises CallerError (not_signed_in, unknown_account).
    """

    async def put(self, owner: Person, account: Account) -> None:
        """The person has this account, in place of one of the same id. CallerError if that is another's."""

    async def get(self, caller: Person) -> Account | None: ...

    async def invoices(self, caller: Person, limit: int = 12) -> tuple[Invoice, ...]:
        """The newest first."""

    async def change_plan(self, caller: Person, plan: str, starts_on: date | None = None) -> Account:
        """The account has the plan from that day on; at once without one, and then it is no trial any more."""

    async def open_ticket(self, caller: Person, subject: str, on: date) -> Ticket:
        """There is an open ticket about it: a new one, or the one that was opened about the same before."""

    async def last_interaction(self, caller: Person, agent: str) -> str:
        """What the agent remembers of their last conversation; empty when it remembers none."""

    async def remember_interaction(self, caller: Person, agent: str, text: str, session: str = "") -> None:
        """Of all conversations of this caller with the agent, that is what is remembered."""
