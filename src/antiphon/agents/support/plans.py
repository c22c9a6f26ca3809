"""The plans of Larkboard, and which one a caller means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and its price by the month, in cents. `people`: how many it is for."""

    key: str
    name: str
    cents: int
    people: int


FREE = Plan("free", "Free", 0, 3)
STARTER = Plan("starter", "Starter", 1900, 5)
TEAM = Plan("team", "Team", 4900, 20)
BUSINESS = Plan("business", "Business", 12900, 100)
PLANS = (FREE, STARTER, TEAM, BUSINESS)
"The plans that can be had at once, the cheapest first."
BY_KEY = {plan.key: plan for plan in PLANS}

# "Team" and "free" are common words: alone they name a plan only where a plan must be meant.
_NAMES = re.compile(
    r"\b(?:(?P<starter>starter)|(?P<business>business(?! days?\b))|"
    r"(?P<team>team(?= (?:plan|one|tier|subscription))|(?<=plan )team|(?:(?<=\bto )|(?<=\bwith )|(?<=\bon )|"
    r"(?<=\bfor )|(?<=\btake )|(?<=\bbuy )|(?<=\bor )|(?<=\band )|(?<=\bno )|(?<=\bbetween )|(?<=, ))team\b|"
    r"^(?:the )?team(?=$|[ ,.!?]*(?:please|then|instead|$)))|"
    r"(?P<free>free(?= (?:plan|one|tier|version))|(?:(?<=\bto )|(?<=\bto the ))free\b|"
    r"^(?:the )?free(?=$|[ ,.!?]*(?:please|then|instead|$))))",
    re.I,
)
_ENTERPRISE = re.compile(r"\benterprise\b", re.I)
_FROM = re.compile(r"\bfrom (?:the )?(?:\w+)(?: plan)?\b", re.I)
_CHEAPEST = re.compile(r"\b(?:cheapest|smallest|lowest)\b", re.I)
_DEAREST = re.compile(r"\b(?:biggest|largest|most expensive|highest|best)\b", re.I)
_CHEAPER = re.compile(
    r"\b(?:cheaper|smaller|less expensive|lower|lesser|(?:one|next)(?: plan)? down|a step down|downgrade)\b",
    re.I,
)
_DEARER = re.compile(
    r"\b(?:bigger|larger|more expensive|dearer|higher|(?:one|next)(?: plan)? up|a step up|upgrade)\b", re.I
)
_FIRST = re.compile(r"\bfirst (?:one|plan)\b|\bthe former\b", re.I)
_SECOND = re.compile(r"\b(?:second|other|last) (?:one|plan)\b|\bthe latter\b", re.I)
_ENDS = re.compile(
    r"\b(?:cancel|end|stop|quit|terminate)\b.*\b(?:plan|subscription|account|paying|it)\b|\bcancel$", re.I
)


def named(text: str) -> list[Plan]:
    """The plans that `text` names, in order, each once. One that it wants to leave ("from Team") is not among them."""
    said = _FROM.sub("", text.strip()) or text
    found = (BY_KEY[m.lastgroup] for m in _NAMES.finditer(said) if m.lastgroup)
    return list(dict.fromkeys(found))


def wants_enterprise(text: str) -> bool:
    return bool(_ENTERPRISE.search(text))


def wants_end(text: str) -> bool:
    """The caller wants to pay no longer."""
    return bool(_ENDS.search(text.strip().rstrip(".!? ")))


def meant(
    text: str, current: Plan | None, talked_of: Sequence[Plan] = (), proposed: Plan | None = None
) -> Plan | None:
    """The one plan that `text` asks for, by its name or beside others ("the cheaper one"); None: it says none.

    It compares with the `proposed` plan, else among those just talked of, else with the `current` one.
    """
    if found := named(text):
        return found[-1] if len(found) == 1 or re.search(r"\b(?:to|instead|rather)\b", text, re.I) else None
    if wants_end(text):
        return FREE
    among = sorted(talked_of, key=lambda plan: plan.cents) if len(talked_of) > 1 else []
    if _CHEAPEST.search(text):
        return among[0] if among else FREE
    if _DEAREST.search(text):
        return among[-1] if among else BUSINESS
    if len(talked_of) > 1 and _FIRST.search(text):
        return talked_of[0]
    if len(talked_of) > 1 and _SECOND.search(text):
        return talked_of[-1]
    for pattern, step in ((_CHEAPER, -1), (_DEARER, 1)):
        if pattern.search(text):
            if proposed is None and among:
                return among[0 if step < 0 else -1]
            return beside(proposed or current, step)
    return None


def beside(plan: Plan | None, step: int) -> Plan | None:
    """The plan so many steps up from another; None where there is none."""
    if plan is None:
        return None
    at = PLANS.index(plan) + step
    return PLANS[at] if 0 <= at < len(PLANS) else None
