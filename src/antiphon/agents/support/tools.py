"""What the support agent can look up and do. Every tool works for who calls, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from antiphon.agent.tools import Person, Tool
from antiphon.agents.support.plans import BY_KEY
from antiphon.core.accounts import Account
from antiphon.core.errors import CallerError
from antiphon.ports import Accounts

Today = Callable[[], date]


def tools(accounts: Accounts, today: Today) -> tuple[Tool, ...]:
    """get_account and list_invoices, which read; change_plan and open_ticket, which write."""

    async def get_account(caller: Person, arguments: Mapping[str, object]) -> object:
        account = await accounts.get(caller)
        return {"found": False} if account is None else {"found": True, **told(account)}

    async def list_invoices(caller: Person, arguments: Mapping[str, object]) -> object:
        limit = arguments.get("limit")
        found = await accounts.invoices(caller, limit if isinstance(limit, int) else 12)
        return [
            {
                "number": one.number,
                "issued_on": one.issued_on.isoformat(),
                "due_on": one.due_on.isoformat(),
                "cents": one.cents,
                "plan": one.plan,
                "is_paid": one.is_paid,
                "is_overdue": one.is_overdue(today()),
            }
            for one in found
        ]

    async def change_plan(caller: Person, arguments: Mapping[str, object]) -> object:
        account, plan = await accounts.get(caller), BY_KEY.get(str(arguments.get("plan", "")).lower())
        if account is None:
            raise CallerError("there is no account for this person", code="unknown_account")
        if plan is None:
            raise CallerError(f"there is no such plan; there are: {', '.join(BY_KEY)}", field="plan")
        if account.people > plan.people and plan.cents:
            raise CallerError(
                f"{plan.name} is for at most {plan.people} people", field="plan", code="too_many"
            )
        changed = await accounts.change_plan(caller, plan.key, starts_on(account, plan.key, today()))
        return {"found": True, **told(changed)}

    async def open_ticket(caller: Person, arguments: Mapping[str, object]) -> object:
        ticket = await accounts.open_ticket(caller, str(arguments.get("subject", "")), today())
        return {"number": ticket.number, "subject": ticket.subject, "opened_on": ticket.opened_on.isoformat()}

    return (
        Tool("get_account", "The caller's plan, trial, people and tickets.", get_account),
        Tool(
            "list_invoices",
            "The caller's invoices, the newest first.",
            list_invoices,
            _object(limit={"type": "integer", "minimum": 1, "maximum": 24}),
        ),
        Tool(
            "change_plan",
            "Changes the caller's plan: a dearer one begins at once, a cheaper one on the next billing date. "
            "Only after the caller has heard the price and agreed.",
            change_plan,
            _object("plan", plan={"type": "string", "enum": [*BY_KEY]}),
            writes=True,
        ),
        Tool(
            "open_ticket",
            "Opens a ticket in the caller's own words, after they agreed.",
            open_ticket,
            _object("subject", subject={"type": "string", "maxLength": 200}),
            writes=True,
        ),
    )


def starts_on(account: Account, plan: str, today: date) -> date | None:
    """When a change to this plan begins; None: at once, as it does unless something dearer is paid for."""
    now = BY_KEY.get(account.plan)
    is_dearer = now is None or BY_KEY[plan].cents >= now.cents
    if is_dearer or account.status == "trial" or account.renews_on is None or account.renews_on <= today:
        return None
    return account.renews_on


def told(account: Account) -> dict[str, object]:
    """The account as plain JSON."""
    return {
        "plan": account.plan,
        "status": account.status,
        "workspace": account.workspace,
        "people": account.people,
        "renews_on": account.renews_on.isoformat() if account.renews_on else None,
        "trial_ends_on": account.trial_ends_on.isoformat() if account.trial_ends_on else None,
        "next_plan": account.next_plan,
        "next_plan_from": account.next_plan_from.isoformat() if account.next_plan_from else None,
        "tickets": [
            {"number": one.number, "subject": one.subject, "is_open": one.is_open}
            for one in account.tickets[:5]
        ],
    }


def _object(*required: str, **properties: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
