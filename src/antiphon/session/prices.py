"""What language models cost. The prices are data, `prices.json`, with their date and where they were read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.resources import files

from antiphon.core.notes import ModelUsed

STORED = 1.25
"Times the price of reading: what Anthropic asks for tokens that go into its cache for five minutes."
_TABLE = json.loads((files("antiphon.session") / "prices.json").read_text(encoding="utf-8"))
AS_OF: str = _TABLE["as_of"]
_PRICES: dict[str, list[float]] = _TABLE["prices"]
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8})$")


def price(used: ModelUsed) -> float | None:
    """US dollars; None: the model's price is not known. What runs on this machine costs nothing."""
    if used.model.startswith("local/"):
        return 0.0
    found = _PRICES.get(used.model) or _PRICES.get(_DATED.sub("", used.model))
    if found is None:
        return None
    read, cached, written = found
    tokens = used.tokens_in * read + used.tokens_stored * read * STORED
    return (tokens + used.tokens_cached * cached + used.tokens_out * written) / 1e6


def cost(used: Iterable[ModelUsed]) -> float | None:
    """US dollars for all of it; None when any price is not known."""
    total = 0.0
    for one in used:
        if (usd := price(one)) is None:
            return None
        total += usd
    return round(total, 6)
