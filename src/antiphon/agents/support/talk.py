"""What a support call leaves behind from turn to turn, and from call to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from antiphon.agent.definition import Grounding, Question
from antiphon.agents.support.spoken import listed
from antiphon.core.events import Role

PENDING, ABOUT, INVOICE, PLANS = "support.pending", "support.about", "support.invoice", "support.plans"
DONE, TOPICS, OPEN = "support.done", "support.topics", "support.open"
ASKS = "Shall I"
"Ends every question after which a yes changes something."
MOST_TOPICS = 3
"Topics that a summary names: one hears it in a sentence."


def strings(memory: Mapping[str, object], key: str) -> tuple[str, ...]:
    """The texts that were kept under `key`."""
    found = memory.get(key)
    return tuple(str(one) for one in found) if isinstance(found, list | tuple) else ()


def pending(question: Question) -> Mapping[str, object]:
    """What the caller was asked about and has not answered yet; empty when nothing is."""
    found = question.memory.get(PENDING)
    return found if isinstance(found, dict) else {}


def was_asked(question: Question) -> bool:
    """The question itself was heard, not only the words before it: the yes is an answer to it."""
    last = next((line for line in reversed(question.history) if line.role is Role.AGENT), None)
    return last is not None and ASKS in last.text


def keeping(grounding: Grounding, **kept: object) -> Grounding:
    """The grounding, which leaves these behind as well. Names are those of this module's keys, in lower case."""
    return replace(
        grounding, memory={**grounding.memory, **{f"support.{name}": value for name, value in kept.items()}}
    )


def noted(
    question: Question, grounding: Grounding, *, done: str = "", topic: str = "", open: str = ""
) -> Grounding:
    """The grounding, which leaves behind for the next call what was done, talked of, and left open."""
    added = {}
    for key, new in ((DONE, done), (TOPICS, topic), (OPEN, open)):
        known = strings({**question.memory, **grounding.memory}, key)
        if new and new not in known:
            added[key] = [*known, new]
    return replace(grounding, memory={**grounding.memory, **added}) if added else grounding


def summary(memory: Mapping[str, object]) -> str:
    """What to remember of a call, as it goes on after “last time”; empty when nothing came of it."""
    done, topics, still = strings(memory, DONE), strings(memory, TOPICS), strings(memory, OPEN)
    parts = []
    if done:
        parts.append(f"we {listed(done)}")
    elif topics:
        parts.append(f"we talked about {_named(topics)}")
    waits = memory.get(PENDING)
    if isinstance(waits, dict) and waits.get("thinking"):
        still = (*still, str(waits["thinking"]))
    if still:
        parts.append(f"{still[-1]} was left open")
    return ", and ".join(parts) + "." if parts else ""


def _named(topics: Sequence[str]) -> str:
    return listed(topics[-MOST_TOPICS:])
