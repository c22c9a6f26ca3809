"""Whether the support agent finds the article that answers a question, and refuses when there is none.

The questions are none of the articles' own: plain ones name what they are about in other words; oblique ones
tell it from the caller's side with hardly a word of the article's; and some have no answer, among them many about
things that are very near to what we have. Thresholds were chosen on every other question; the figures are of
the rest. A search is measured in an embedded Postgres of our own, without and with the encoding of the question.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.agent.retrieval import Passage
from antiphon.agents.support.articles import TENANT, Articles, Support, bare, collection, near, weigh
from antiphon.bench.figures import Detail, Figure, Goal, Kind, Outcome, least, most, p50_p95
from antiphon.bench.trials.retrieval_questions import OBLIQUE, PLAIN, UNANSWERED, Asked
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache
from antiphon.store.database import Database
from antiphon.store.embedded import Embedded
from antiphon.store.knowledge import PostgresKnowledge
from antiphon.store.migrate import migrate

TITLE = "Finding the article"
WARM = 5
"Searches before the first that counts: the server plans and reads its tables once."


@dataclass(frozen=True, slots=True)
class Trial:
    """One question, and what came of it."""

    kind: str
    asked: Asked
    found: tuple[Passage, ...]
    search_ms: float
    "In the store alone."
    whole_ms: float
    "With the encoding of the question."

    @property
    def support(self) -> Support:
        return weigh(self.found)

    def is_among(self, first: int) -> bool:
        """One of the first so many articles answers it."""
        return any(passage.id in self.asked.answers for passage in self.found[:first])

    @property
    def is_offered(self) -> bool:
        """The caller is asked about an article that answers it."""
        meant = near(self.found) if self.support is Support.MAY else ()
        return any(passage.id in self.asked.answers for passage in meant)

    def detail(self) -> Detail:
        best = self.found[0] if self.found else None
        return {
            "kind": self.kind,
            "asked": self.asked.text,
            "wanted": " ".join(self.asked.answers) or None,
            "found": best.id if best else None,
            "score": round(best.score, 3) if best else None,
            "support": self.support.value,
        }


async def run(setup: Setup) -> Outcome:
    """Every question that no threshold was chosen on was asked once."""
    begun = time.monotonic()
    questions = [(kind, asked) for kind, asked, is_held in split() if is_held]
    with TemporaryDirectory(prefix="antiphon-bench-") as folder:
        os.chmod(folder, 0o755)  # the server may run as somebody else
        trials = await ask(questions, Path(folder), setup)
    return Outcome(
        "retrieval",
        TITLE,
        __doc__ or "",
        figures(trials),
        details=tuple(trial.detail() for trial in trials),
        seconds=round(time.monotonic() - begun, 1),
    )


def split() -> list[tuple[str, Asked, bool]]:
    """Every question with its kind, and whether it is held back from tuning: every other one is."""
    kinds = (("plain", PLAIN), ("oblique", OBLIQUE), ("unanswerable", UNANSWERED))
    return [(kind, asked, bool(at % 2)) for kind, asks in kinds for at, asked in enumerate(asks)]


async def ask(questions: Sequence[tuple[str, Asked]], home: Path, setup: Setup) -> list[Trial]:
    """What comes of each question, in a database in `home`."""
    encoder, trials = MiniLM(), []
    try:
        async with Embedded(home / "postgres") as embedded:
            database = await Database.open(embedded.url)
            try:
                await migrate(database)
                knowledge = await PostgresKnowledge.open(database)
                articles = await Articles.open(encoder, VectorCache(home / "cache"), knowledge)
                for _ in range(WARM):
                    await articles.search("Where are my invoices?")
                for kind, asked in questions:
                    start = time.perf_counter()
                    found = await articles.search(asked.text)
                    whole = time.perf_counter()
                    [vector] = await encoder.encode([bare(asked.text)])  # known by now
                    encoded = time.perf_counter()
                    await knowledge.search(TENANT, collection(encoder), bare(asked.text), vector)
                    search_ms = 1000 * (time.perf_counter() - encoded)
                    trials.append(Trial(kind, asked, tuple(found), search_ms, 1000 * (whole - start)))
                    setup.tell(Progress("retrieval", len(trials), len(questions)))
            finally:
                await database.close()
    finally:
        await encoder.close()
    return trials


def figures(trials: Sequence[Trial]) -> tuple[Figure, ...]:
    """What the trials come to."""
    by = {
        kind: [trial for trial in trials if trial.kind == kind]
        for kind in ("plain", "oblique", "unanswerable")
    }
    made = []
    for kind in ("plain", "oblique"):
        of = by[kind]
        goals = ((least(85),), (least(95),)) if kind == "plain" else ((), ())
        made += [
            _share(f"{kind}: the first article answers (hit@1)", [t.is_among(1) for t in of], *goals[0]),
            _share(f"{kind}: one of three answers (hit@3)", [t.is_among(3) for t in of], *goals[1]),
            _share(
                f"{kind}: answered rightly at once",
                [t.support is Support.ANSWERS and t.is_among(1) for t in of],
            ),
            _share(f"{kind}: asked back about the right article", [t.is_offered for t in of]),
            _share(
                f"{kind}: answered from another article",
                [t.support is Support.ANSWERS and not t.is_among(1) for t in of],
                *((most(10),) if kind == "plain" else ()),
            ),
            _share(f"{kind}: refused falsely", [t.support is Support.NONE for t in of]),
        ]
    none = by["unanswerable"]
    return (
        *made,
        _share("unanswerable: refused", [t.support is Support.NONE for t in none]),
        _share("unanswerable: asked back", [t.support is Support.MAY for t in none]),
        _share("unanswerable: answered all the same", [t.support is Support.ANSWERS for t in none], most(5)),
        Figure("a search in the store", "ms", tuple(t.search_ms for t in trials), p50_p95(15, 40)),
        Figure("with the encoding of the question", "ms", tuple(t.whole_ms for t in trials)),
    )


def _share(name: str, values: Sequence[bool], *goals: Goal) -> Figure:
    return Figure(name, "%", tuple(map(float, values)), goals, Kind.SHARE)
