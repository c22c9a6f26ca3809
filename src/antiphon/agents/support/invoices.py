"""Which of a caller's invoices is meant, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from antiphon.agents.support.plans import BY_KEY
from antiphon.agents.support.spoken import MONTHS, count, day, dollars, number, on
from antiphon.core.accounts import Invoice

_BEFORE = re.compile(r"\b(?:before|previous|earlier|prior|older|preceding)\b", re.I)
_AFTER = re.compile(r"\b(?:after that|next one|newer|following|later one)\b", re.I)
_OLDEST = re.compile(r"\b(?:oldest|very first|first)\b", re.I)
_LATEST = re.compile(r"\b(?:last|latest|newest|most recent|current)\b", re.I)
_UNPAID = re.compile(
    r"\b(?:overdue|unpaid|owe|open|outstanding|unsettled|still (?:have to |must )?pay|balance|late)\b", re.I
)
_ALL = re.compile(r"\b(?:all|list|how many|invoices|bills)\b", re.I)
_MONTH = re.compile(r"\b(" + "|".join(MONTHS) + r")\b", re.I)
_LAST_MONTH = re.compile(r"\blast month\b", re.I)
_POINTS = re.compile(
    r"\b(?:one|ones|that|it|this|invoice|invoices|bill|bills|paid|due|overdue|before|previous|month)\b", re.I
)
PAY = "You can pay it on the Settings page, under Billing."


def points(text: str) -> bool:
    """It may be about the invoices that were talked of: it points at one, or names a month."""
    return bool(_POINTS.search(text) or _MONTH.search(text))


def read(found: Sequence[object]) -> list[Invoice]:
    """What the tool listed."""
    rows = [one for one in found if isinstance(one, Mapping)]
    return [
        Invoice(
            str(one["number"]),
            date.fromisoformat(str(one["issued_on"])),
            date.fromisoformat(str(one["due_on"])),
            int(str(one["cents"])),
            str(one.get("plan", "")),
            one.get("is_paid") is True,
        )
        for one in rows
    ]


def told(
    text: str, found: Sequence[Invoice], before: int | None, today: date
) -> tuple[tuple[str, ...], int | None]:
    """The answer, and which invoice it was about, counted from the newest; `before`: the one that was talked of."""
    if not found:
        return ("You have no invoices.",), None
    if _UNPAID.search(text):
        return _unpaid(found, today)
    if months := _MONTH.findall(text):
        return _of_month(MONTHS.index(months[-1].capitalize()) + 1, found, today)
    if _LAST_MONTH.search(text):
        return _of_month((today.month - 2) % 12 + 1, found, today)
    if _BEFORE.search(text):
        at = (before if before is not None else 0) + 1
        return (_one(found, at, today), at) if at < len(found) else (("There is none before that.",), before)
    if _AFTER.search(text) and before is not None:
        at = before - 1
        return (_one(found, at, today), at) if at >= 0 else (("That was the newest one.",), before)
    if _OLDEST.search(text):
        return _one(found, len(found) - 1, today), len(found) - 1
    if _ALL.search(text) and not _LATEST.search(text):
        return _all(found, today), 0
    at = 0 if before is None or _LATEST.search(text) else before
    return _one(found, at, today), at


def _one(found: Sequence[Invoice], at: int, today: date) -> tuple[str, ...]:
    one = found[at]
    which = (
        "Your latest invoice"
        if at == 0
        else "The one before it"
        if at == 1
        else f"The invoice of {day(one.issued_on, today)}"
    )
    plan = BY_KEY.get(one.plan)
    for_what = f" for the {plan.name} plan" if plan else ""
    issued = f", issued {on(one.issued_on, today)}" if not which.startswith("The invoice") else ""
    first = f"{which} is {dollars(one.cents)}{for_what}{issued}."
    return (first, _state(one, today), *(() if one.is_paid else (PAY,)))


def _state(one: Invoice, today: date) -> str:
    if one.is_paid:
        return "It is paid."
    if one.is_overdue(today):
        late = count((today - one.due_on).days, "day", "days")
        return f"It was due {on(one.due_on, today)}, so it is {late} overdue."
    return f"It is due {on(one.due_on, today)}."


def _unpaid(found: Sequence[Invoice], today: date) -> tuple[tuple[str, ...], int | None]:
    due = [at for at, one in enumerate(found) if not one.is_paid]
    if not due:
        return ("No, everything is paid.",), None
    if len(due) == 1:
        one = found[due[0]]
        return (f"One invoice is open, over {dollars(one.cents)}.", _state(one, today), PAY), due[0]
    total = dollars(sum(found[at].cents for at in due))
    oldest = found[due[-1]]
    late = _state(oldest, today).replace("It ", "The oldest ", 1)
    return (f"{number(len(due)).capitalize()} invoices are open, {total} in all.", late), due[0]


def _of_month(month: int, found: Sequence[Invoice], today: date) -> tuple[tuple[str, ...], int | None]:
    for at, one in enumerate(found):
        if one.issued_on.month == month:
            first = f"The invoice of {day(one.issued_on, today)} is {dollars(one.cents)}."
            return (first, _state(one, today), *(() if one.is_paid else (PAY,))), at
    return (f"I find no invoice of yours from {MONTHS[month - 1]}.",), None


def _all(found: Sequence[Invoice], today: date) -> tuple[str, ...]:
    unpaid = sum(not one.is_paid for one in found)
    state = (
        "All are paid."
        if not unpaid
        else f"{number(unpaid).capitalize()} {'is' if unpaid == 1 else 'are'} not paid yet."
    )
    latest = f"The latest is {dollars(found[0].cents)}, issued {on(found[0].issued_on, today)}."
    return (f"You have {count(len(found), 'invoice', 'invoices')}. {state}", latest)
