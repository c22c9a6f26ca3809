"""What a call cost, as the server that held it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from antiphon.bench.site import Site, told
from antiphon.core.errors import CallerError

KEPT_WITHIN_S = 5.0
"Seconds a server has to put down the report of a call that is over."


@dataclass(frozen=True, slots=True)
class Bill:
    """US dollars for hosted models and services, and the turns they were for. The machine's own work is not in it."""

    usd: float
    turns: int


async def bill_of(url: str, session: str, key: str = "") -> Bill | None:
    """The session's, once its report is there; None where no sessions are kept, or a price is not known."""
    site = Site(url, key)
    until = asyncio.get_running_loop().time() + KEPT_WITHIN_S
    while asyncio.get_running_loop().time() < until:
        try:
            async with site.ask("GET", f"/api/sessions/{session}") as answer:
                report = told(answer.status, await answer.whole()).get("report")
        except (CallerError, OSError, TimeoutError):
            return None
        if isinstance(report, Mapping) and "cost" in report:
            return _bill(report)
        await asyncio.sleep(0.2)
    return None


def _bill(report: Mapping[str, object]) -> Bill | None:
    cost, turns = report["cost"], report.get("turns")
    usd = cost.get("usd") if isinstance(cost, Mapping) else None
    return Bill(float(usd), turns) if isinstance(usd, int | float) and isinstance(turns, int) else None
