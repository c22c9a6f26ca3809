"""How often a pause is taken for the end of a turn, and how long a complete utterance waits for its answer.

    python benchmarks/endpointing.py [--half held|tune|fresh|last|unseen|final|all] [--inference 0.15]

Plays `data/pause_rows.jsonl` (see `pause_rows.py`) through `core.tails` and `TurnPolicy` as shipped, without
audio. A turn is confirmed when its words are scored and the silence since the last voiced frame has lasted for
`TurnPolicy.wait`; it was cut off if that is before speech is noticed again. Waits count from the end of what can
be heard.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from antiphon.core.tails import completeness
from antiphon.core.turns import TurnPolicy
from antiphon.session.ears import EarsPolicy

ROWS = Path(__file__).parent / "data" / "pause_rows.jsonl"
PAUSES = ("300", "500", "700")
CLEAR = ("hibari", "joe")
"Voices of which the recognizer mishears 1 to 5 % of the words, as of people; of the others, 8 to 24 %."


@dataclass(frozen=True)
class Row:
    half: str
    voice: str
    kind: str
    said: str
    could_end: bool
    p: float
    heard: str
    lag: float
    "Seconds from the end of what can be heard to the end of the last voiced frame."
    quiet: dict[str, float]
    "By pause (ms): seconds from the last voiced frame until speech is noticed again."

    @property
    def is_complete(self) -> bool:
        return self.kind == "complete"


def read_rows(half: str) -> list[Row]:
    rows = []
    for line in ROWS.read_text().splitlines():
        found = json.loads(line)
        found.pop("sentence")
        quiet = {ms: found.pop(f"quiet_{ms}") for ms in PAUSES if f"quiet_{ms}" in found}
        rows.append(Row(**found, quiet=quiet))
    return [row for row in rows if row.heard and half in ("all", row.half)]


def confirmed(row: Row, policy: TurnPolicy, inference: float) -> float:
    """Seconds from the last voiced frame to the end of the turn."""
    scored = EarsPolicy().min_silence + inference
    return max(scored, policy.wait(completeness(row.p, row.heard)))


def cut_off(rows: Iterable[Row], policy: TurnPolicy, inference: float, pause: str) -> float:
    """Share of pauses of so many ms that are taken for the end."""
    ends = [confirmed(row, policy, inference) < row.quiet[pause] for row in rows if not row.is_complete]
    return sum(ends) / max(len(ends), 1)


def waits(rows: Iterable[Row], policy: TurnPolicy, inference: float) -> list[float]:
    """Seconds of silence before complete utterances are answered, in order."""
    return sorted(row.lag + confirmed(row, policy, inference) for row in rows if row.is_complete)


def spoken_by(voice: str, row: Row) -> bool:
    return row.voice == voice


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--half", choices=("held", "tune", "fresh", "last", "unseen", "final", "all"), default="held"
    )
    parser.add_argument(
        "--inference", type=float, default=0.15, help="seconds to words and score after silence"
    )
    options = parser.parse_args()
    rows, policy = read_rows(options.half), TurnPolicy()
    groups: list[tuple[str, Callable[[Row], bool]]] = [
        ("clear voices", lambda row: row.voice in CLEAR),
        ("  words ask for more", lambda row: row.voice in CLEAR and (row.is_complete or not row.could_end)),
        ("  words could be all", lambda row: row.voice in CLEAR and (row.is_complete or row.could_end)),
        ("  spliced", lambda row: row.voice in CLEAR and row.kind != "fragment"),
        ("  own intonation", lambda row: row.voice in CLEAR and row.kind != "spliced"),
        ("all voices", lambda row: True),
    ]
    groups += [(f"  {name}", partial(spoken_by, name)) for name in sorted({row.voice for row in rows})]
    print(
        f"{options.half}, {options.inference:g} s inference; cut off in pauses of 300/500/700 ms, complete: wait in ms"
    )
    print(f"{'':24}{'pauses':>7}{'300':>7}{'500':>7}{'700':>7}{'complete':>10}{'median':>8}{'p95':>6}")
    for name, belongs in groups:
        chosen = [row for row in rows if belongs(row)]
        ends = [cut_off(chosen, policy, options.inference, pause) for pause in PAUSES]
        silent = waits(chosen, policy, options.inference)
        print(
            f"{name:24}{len(chosen) - len(silent):7}" + "".join(f"{end:7.1%}" for end in ends)
            + f"{len(silent):10}{median(silent) * 1000:8.0f}{silent[int(len(silent) * 0.95)] * 1000:6.0f}"
        )  # fmt: skip


if __name__ == "__main__":
    main()
