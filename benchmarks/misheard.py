"""How the tutor answers what a recognizer made of strange voices, with and without going by the sound.

    python benchmarks/misheard.py [--list VERDICT]

`data/misheard.jsonl` holds questions that synthetic voices spoke and Moonshine tiny wrote down, with what a
right answer is: ids of notes, the value of a sum, a part of the sentence after a *, or nothing, for questions
the tutor cannot know. An answer is right, wrong, or unknown (the tutor said so, or asked back). Small talk in
place of an answer counts as unknown; so does it for what the tutor cannot know, where that is right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from antiphon.agent.definition import Agent, Question
from antiphon.agents.tutor.library import KNOWLEDGE
from antiphon.agents.tutor.mathematics import Solution
from antiphon.agents.tutor.tutor import tutor
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.vectors import VectorCache

DATA = Path(__file__).parent / "data"
TUNED_ON = ("flite-kal", "flite-slt", "flite-awb", "espeak-en-us")
"Voices whose mishearings were looked at when thresholds and repairs were chosen; the others only tell."
VERDICTS = ("right", "wrong", "unknown")


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it was spoken and as it was heard."""

    subject: str
    question: str
    origin: str
    expect: str
    voice: str
    heard: str

    @property
    def group(self) -> str:
        return f"{self.voice}{'' if self.voice in TUNED_ON else ' *'}"


def cases(path: Path) -> list[Case]:
    """The cases in a file with a JSON object a line."""
    return [Case(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def notes() -> dict[str, str]:
    """The id of each note, by its text."""
    lines = [
        json.loads(line)
        for subject in ("history", "english")
        for line in (KNOWLEDGE / f"{subject}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return {line["text"]: line["id"].partition("/")[2] for line in lines}


async def verdict(agent: Agent, case: Case, known: dict[str, str]) -> tuple[str, str, str]:
    """Whether the answer to what was heard is right; why it was routed so; and what is said."""
    assert agent.router is not None
    route = await agent.router.route((), case.heard)
    found = await agent.specialist(route.specialist).ground(Question(case.heard, route=route))
    spoken = " ".join(found.sentences)
    note = known.get(found.sentences[0]) if found.sentences else None
    worked = found.memory.get("math")
    value = worked.value if isinstance(worked, Solution) else None
    if case.expect.startswith("*"):
        is_right = case.expect[1:] in spoken
    else:
        is_right = bool(case.expect) and (value == case.expect or (note or "") in case.expect.split(","))
    is_answer = note is not None or value is not None or "“" in spoken
    result = "right" if is_right else "wrong" if is_answer else "unknown"
    return result, f"{route.specialist}: {route.reason}", spoken


async def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument(
        "--list", choices=VERDICTS, help="also print the cases that end so, and did not before"
    )
    options.add_argument("--voice", default="")
    asked = options.parse_args()
    rows = [case for case in cases(DATA / "misheard.jsonl") if asked.voice in case.voice]
    known = notes()
    encoder = MiniLM()
    tables: list[Counter[tuple[str, str]]] = []
    verdicts: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder))
        for by_sound in (False, True):
            agent = await tutor(encoder, LocalGuardrail(encoder, cache), cache, by_sound=by_sound)
            table: Counter[tuple[str, str]] = Counter()
            verdicts.append([])
            for at, case in enumerate(rows):
                result, why, spoken = await verdict(agent, case, known)
                verdicts[-1].append(result)
                for group in (case.group, case.subject, "tuned" if case.voice in TUNED_ON else "others *"):
                    table[group, result] += 1
                if by_sound and asked.list == result != verdicts[0][at]:
                    print(f"{verdicts[0][at]}: {case.question} | {case.heard} | {why} | {spoken[:90]}")
            tables.append(table)
    await encoder.close()
    _print(tables, list(dict.fromkeys(group for group, _ in tables[0])))


def _print(tables: list[Counter[tuple[str, str]]], groups: list[str]) -> None:
    print(f"{'':16}{'before':>24}{'after':>24}")
    print(f"{'':16}" + "".join(f"{name:>8}" for name in VERDICTS * 2))
    for group in groups:
        counts = "".join(f"{table[group, name]:8}" for table in tables for name in VERDICTS)
        print(f"{group:16}{counts}")


if __name__ == "__main__":
    asyncio.run(main())
