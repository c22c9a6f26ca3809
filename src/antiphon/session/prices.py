"""What hosted models and services cost. The prices are data, `prices.json`, with their date and sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

from antiphon.core.notes import ModelUsed, ServiceUsed

STORED = 1.25
"Times the price of reading: what Anthropic asks for tokens that go into its cache for five minutes."
_TABLE = json.loads((files("antiphon.session") / "prices.json").read_text(encoding="utf-8"))
AS_OF: str = _TABLE["as_of"]
_PRICES: dict[str, list[float]] = _TABLE["prices"]
_SERVICES: dict[str, dict[str, float]] = _TABLE["services"]
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8})$")


def price(used: ModelUsed | ServiceUsed) -> float | None:
    """US dollars; None: the price is not known. What runs on this machine costs nothing."""
    return _of_service(used) if isinstance(used, ServiceUsed) else _of_model(used)


def cost(used: Iterable[ModelUsed | ServiceUsed]) -> float | None:
    """US dollars for all of it; None when any price is not known."""
    total = 0.0
    for one in used:
        if (usd := price(one)) is None:
            return None
        total += usd
    return round(total, 6)


def _of_model(used: ModelUsed) -> float | None:
    if used.is_from_cache or used.model.startswith("local/"):
        return 0.0
    found = _PRICES.get(used.model) or _PRICES.get(_undated(used.model))
    if found is None:
        return None
    read, cached, written = found
    tokens = used.tokens_in * read + used.tokens_stored * read * STORED
    return (tokens + used.tokens_cached * cached + used.tokens_out * written) / 1e6


def _of_service(used: ServiceUsed) -> float | None:
    found: Mapping[str, float] | None = _SERVICES.get(used.service)
    if found is None and (found := _SERVICES.get(_undated(used.service))) is None:
        return None
    measures = {
        "minute": used.seconds / 60,
        "million_characters": used.characters / 1e6,
        "million_tokens": used.tokens / 1e6,
        "request": float(used.requests),
    }
    return sum(usd * measures[unit] for unit, usd in found.items())


def _undated(name: str) -> str:
    return _DATED.sub("", name)
