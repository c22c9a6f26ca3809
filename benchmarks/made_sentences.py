"""Utterances made by the grammar of `data/grammar.txt`, to show the model of the words many structures."""

from __future__ import annotations

import random
import re
from pathlib import Path

GRAMMAR = Path(__file__).parent / "data" / "grammar.txt"
FORMS = {"v": 0, "vs": 1, "vd": 2, "ving": 3, "vn": 4}
BARE_FORMS = {"b": 0, "bs": 1, "bd": 2, "bing": 3}
KINDS = ["Q"] * 10 + ["S"] * 6 + ["I"] * 2 + ["C", "F"]
"Questions, statements, orders, clauses that are joined, and fragments that answer."


def rules() -> dict[str, list[str]]:
    """The alternatives of each rule."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in GRAMMAR.read_text().splitlines():
        if line.endswith(":"):
            name = line[:-1]
            found[name] = []
        elif not line.startswith("#"):
            found[name] += line.strip().split("|")
    return found


def made(count: int, rng: random.Random) -> list[list[str]]:
    """`count` utterances, each as the parts after which it could end."""
    grammar = rules()

    def grown(rule: str) -> str:
        for table, forms in (("verbs", FORMS), ("bare_verbs", BARE_FORMS)):
            if rule in forms:
                return rng.choice(grammar[table]).split()[forms[rule]].replace("_", " ")
        return re.sub(r"\{(\w+)\}", lambda inner: grown(inner[1]), rng.choice(grammar[rule]))

    texts = [grown(rng.choice(KINDS)) for _ in range(count)]
    # An inner "/" before which something else could end, or after which more must come, is no end.
    kept = [re.sub(r" /(?=.*(/|,| and | but | so ))", "", text) for text in texts]
    return [[part.strip() for part in text.split(" / ")] for text in kept]
