"""An account to try things with, for whoever uses this machine and is not asked to sign in."""

from __future__ import annotations

from datetime import date, timedelta

from antiphon.agent.tools import Person
from antiphon.core.accounts import Account, Invoice

VISITOR = Person("local", "local")
"As hosts call somebody on their own machine."


def demo_account(today: date) -> Account:
    """A small studio on the Starter plan, whose latest invoice is six days late."""
    issued = [today - timedelta(days=days) for days in (20, 50, 81)]
    cents = (1900, 1900, 1900)
    return Account(
        id="demo-larkboard",
        plan="starter",
        workspace="Harbor Studio",
        people=4,
        renews_on=today + timedelta(days=10),
        invoices=tuple(
            Invoice(f"LB-{2041 - at}", day, day + timedelta(days=14), amount, "starter", is_paid=at > 0)
            for at, (day, amount) in enumerate(zip(issued, cents, strict=True))
        ),
    )
