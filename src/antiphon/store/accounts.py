"""Customers' accounts and what agents remember of customers, in Postgres.

What belongs to a caller is found under the caller's own rights, by the policies; only what was found that
way is changed, as the service, in the same transaction. Callers themselves may change nothing: invoices are theirs
to read.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from antiphon.agent.tools import Person
from antiphon.core.accounts import Account, Invoice, Ticket
from antiphon.core.errors import CallerError
from antiphon.core.records import Viewer
from antiphon.store.database import Database
from antiphon.store.lines import fit, fit_json
from antiphon.store.records import claims

if TYPE_CHECKING:
    from antiphon.store.database import Connection

SUBJECT_MOST = 200
"Characters of a ticket's subject that are kept: it is what somebody said, in a sentence."
FIRST_TICKET = 1001
"A number that is easily said, and not mistaken for a count."

_MINE = (
    "select a.id, a.status, a.plan, a.details::text as details, coalesce(u.name, '') as name"
    " from app.accounts a left join app.users u on u.id = a.owner and u.tenant = a.tenant"
    " where a.tenant = $1 and a.owner = $2 order by a.created_at, a.id limit 1"
)


class PostgresAccounts:
    """`Accounts` in Postgres."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, owner: Person, account: Account) -> None:
        signed_in(owner)
        async with self._database.transaction() as connection:
            mine = (fit(owner.tenant), fit(owner.id))
            if account.name:
                await connection.execute(
                    "insert into app.users (id, tenant, name) values ($2, $1, $3)"
                    " on conflict (id) do update set name = $3 where users.tenant = $1 and users.name = ''",
                    *mine,
                    fit(account.name),
                )
            put = await connection.fetchval(
                "insert into app.accounts (tenant, owner, id, status, plan, details)"
                " values ($1, $2, $3, $4, $5, $6::jsonb) on conflict (id) do update"
                " set status = $4, plan = $5, details = $6::jsonb, updated_at = now()"
                " where accounts.tenant = $1 and accounts.owner = $2 returning id",
                *mine,
                fit(account.id),
                fit(account.status),
                fit(account.plan),
                fit_json(details(account)),
            )
        if put is None:
            raise CallerError(f"the account {account.id!r} is somebody else's", field="id", code="taken")

    async def get(self, caller: Person) -> Account | None:
        if not caller.id:
            return None
        async with self._database.as_user(_claims(caller)) as connection:
            return await _mine(connection, caller)

    async def invoices(self, caller: Person, limit: int = 12) -> tuple[Invoice, ...]:
        account = await self.get(caller)
        return account.invoices[: max(0, limit)] if account else ()

    async def change_plan(self, caller: Person, plan: str, starts_on: date | None = None) -> Account:
        async with self._changing(caller) as (connection, account):
            changed = changed_plan(account, plan, starts_on)
            await _write(connection, caller, changed, "changed the plan", {"from": account.plan, "to": plan})
            return changed

    async def open_ticket(self, caller: Person, subject: str, on: date) -> Ticket:
        async with self._changing(caller) as (connection, account):
            changed, ticket = with_ticket(account, subject, on)
            if changed is not account:
                await _write(connection, caller, changed, "opened a ticket", {"number": ticket.number})
            return ticket

    async def last_interaction(self, caller: Person, agent: str) -> str:
        if not caller.id:
            return ""
        async with self._database.as_user(_claims(caller)) as connection:
            found = await connection.fetchval(
                "select last_interaction from app.memories where tenant = $1 and owner = $2 and agent = $3",
                fit(caller.tenant),
                fit(caller.id),
                fit(agent),
            )
        return str(found or "")

    async def remember_interaction(self, caller: Person, agent: str, text: str, session: str = "") -> None:
        signed_in(caller)
        async with self._database.transaction() as connection:
            await connection.execute(
                "insert into app.memories (tenant, owner, agent, last_interaction, session_id)"
                " values ($1, $2, $3, $4, $5) on conflict (tenant, owner, agent) do update"
                " set last_interaction = $4, session_id = $5, updated_at = now()",
                fit(caller.tenant),
                fit(caller.id),
                fit(agent),
                fit(text),
                fit(session),
            )

    @asynccontextmanager
    async def _changing(self, caller: Person) -> AsyncIterator[tuple[Connection, Account]]:
        """The caller's account, locked until the block is left, on a connection that may change it."""
        signed_in(caller)
        async with self._database.as_user(_claims(caller)) as connection:
            seen = await _mine(connection, caller)
            if seen is None:
                raise no_account()
            await connection.execute("select set_config('role', 'none', true)")
            await connection.execute("select from app.accounts where id = $1 for update", seen.id)
            account = await _mine(connection, caller)  # as it is once whoever changed it before is done
            if account is None:
                raise no_account()
            yield connection, account


def changed_plan(account: Account, plan: str, starts_on: date | None) -> Account:
    """The account with the plan from that day on; at once without one."""
    if starts_on is not None:
        return replace(account, next_plan=plan, next_plan_from=starts_on)
    return replace(account, plan=plan, status="active", trial_ends_on=None, next_plan="", next_plan_from=None)


def with_ticket(account: Account, subject: str, on: date) -> tuple[Account, Ticket]:
    """The account with an open ticket about the subject, and the ticket. The very same account if it had it."""
    subject = fit(" ".join(subject.split())[:SUBJECT_MOST])
    if not subject:
        raise CallerError("what shall the ticket be about?", field="subject", code="empty")
    for ticket in account.tickets:
        if ticket.is_open and ticket.subject.lower() == subject.lower():
            return account, ticket
    number = max((ticket.number for ticket in account.tickets), default=FIRST_TICKET - 1) + 1
    ticket = Ticket(number, subject, on)
    return replace(account, tickets=(ticket, *account.tickets)), ticket


def signed_in(caller: Person) -> None:
    """Nothing, for somebody who is known. Raises CallerError."""
    if not caller.id:
        raise CallerError("sign in first", code="not_signed_in")


def no_account() -> CallerError:
    return CallerError("there is no account for this person", code="unknown_account")


async def _mine(connection: Connection, caller: Person) -> Account | None:
    row = await connection.fetchrow(_MINE, fit(caller.tenant), fit(caller.id))
    return None if row is None else read(row["id"], row["status"], row["plan"], row["name"], row["details"])


async def _write(
    connection: Connection, caller: Person, account: Account, act: str, detail: Mapping[str, object]
) -> None:
    """The account is kept, and on record is who changed it and how."""
    await connection.execute(
        "update app.accounts set status = $4, plan = $5, details = $6::jsonb, updated_at = now()"
        " where id = $1 and tenant = $2 and owner = $3",
        account.id,
        fit(caller.tenant),
        fit(caller.id),
        account.status,
        fit(account.plan),
        fit_json(details(account)),
    )
    await connection.execute(
        "insert into app.audit_log (tenant, actor, act, object, detail, at)"
        " values ($1, $2, $3, $4, $5::jsonb, now())",
        fit(caller.tenant),
        fit(caller.id),
        act,
        f"account:{account.id}",
        fit_json(dict(detail)),
    )


def _claims(caller: Person) -> dict[str, object]:
    return claims(Viewer(caller.id, caller.tenant))


def details(account: Account) -> dict[str, object]:
    """What a table of accounts has no columns for, as plain JSON."""
    return {
        "workspace": account.workspace,
        "people": account.people,
        "renews_on": _iso(account.renews_on),
        "trial_ends_on": _iso(account.trial_ends_on),
        "next_plan": account.next_plan,
        "next_plan_from": _iso(account.next_plan_from),
        "invoices": [
            {
                "number": one.number,
                "issued_on": one.issued_on.isoformat(),
                "due_on": one.due_on.isoformat(),
                "cents": one.cents,
                "plan": one.plan,
                "is_paid": one.is_paid,
            }
            for one in account.invoices
        ],
        "tickets": [
            {
                "number": one.number,
                "subject": one.subject,
                "opened_on": one.opened_on.isoformat(),
                "is_open": one.is_open,
            }
            for one in account.tickets
        ],
    }


def read(id: str, status: str, plan: str, name: str, kept: str) -> Account:
    """The account of a row. What other programs left out of its details is as if it were not."""
    found: Mapping[str, object] = json.loads(kept)
    invoices = tuple(
        Invoice(
            str(one["number"]),
            date.fromisoformat(str(one["issued_on"])),
            date.fromisoformat(str(one["due_on"])),
            _number(one["cents"]),
            str(one.get("plan", "")),
            one.get("is_paid") is True,
        )
        for one in _several(found.get("invoices"))
    )
    tickets = tuple(
        Ticket(
            _number(one["number"]),
            str(one["subject"]),
            date.fromisoformat(str(one["opened_on"])),
            one.get("is_open") is True,
        )
        for one in _several(found.get("tickets"))
    )
    return Account(
        id,
        plan,
        str(found.get("workspace") or ""),
        status,
        _number(found.get("people", 1)),
        name,
        _date(found.get("renews_on")),
        _date(found.get("trial_ends_on")),
        str(found.get("next_plan") or ""),
        _date(found.get("next_plan_from")),
        tuple(sorted(invoices, key=lambda one: one.issued_on, reverse=True)),
        tuple(sorted(tickets, key=lambda one: one.number, reverse=True)),
    )


def _several(value: object) -> Sequence[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float | str) else 0


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
