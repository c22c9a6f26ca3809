"""The report of a session: what happened in it, in numbers and in a few words. A fold over its journal."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.core import events as e
from antiphon.core.notes import (
    Faulted,
    ModelUsed,
    PersonNeeded,
    RouteDecided,
    ServiceUsed,
    TextJudged,
    TurnMeasured,
)
from antiphon.core.transcript import Transcript
from antiphon.session.journal import Header, Item
from antiphon.session.prices import AS_OF, cost, price


@dataclass(frozen=True, slots=True)
class _Route:
    turn: e.TurnId
    specialist: str
    confidence: float


class Report:
    """Give it every event, command and note of a session, with its time in seconds."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._first: float | None = None
        self._last = 0.0
        self._responses = array("d")
        self._routes: list[_Route] = []
        self._guess: _Route | None = None
        "Of a reply that was begun before its turn was over."
        self._turns = 0
        self._answered: e.TurnId = 0
        "The latest turn that was."
        self._verdicts: list[dict[str, object]] = []
        self._escalations: list[dict[str, object]] = []
        self._counts: Counter[str] = Counter()
        self._used: list[ModelUsed | ServiceUsed] = []
        self._ended = ""

    def note(self, t: float, item: Item) -> None:
        """The item is part of the report."""
        self._first = t if self._first is None else self._first
        self._last = t
        match item:
            case RouteDecided(turn, specialist, confidence):
                self._guess = _Route(turn, specialist, round(confidence, 4))
                self._take_guess()
            case e.StartReply(turn, _, True) | e.ConfirmReply(turn):
                self._turns, self._answered = self._turns + 1, turn
                self._take_guess()
            case TextJudged(turn, side, action, _, categories, confidence) if action != "allow":
                found = {"turn": turn, "side": side, "action": action, "categories": list(categories)}
                self._verdicts.append({**found, "confidence": round(confidence, 4)})
            case TurnMeasured(_, response_ms):
                self._responses.append(response_ms)
            case PersonNeeded(turn, reason):
                self._escalations.append({"turn": turn, "reason": reason})
            case ModelUsed() | ServiceUsed():
                self._used.append(item)
            case e.ClearPlayout():
                self._counts["interruptions"] += 1
            case e.TakenOver():
                self._counts["taken_over"] += 1
            case e.ReplyFailed():
                self._counts["failed_replies"] += 1
            case e.CallerReturned():
                self._counts["resumed"] += 1
            case Faulted():
                self._counts["faults"] += 1
            case e.HungUp(reason) | e.EndConversation(reason):
                self._ended = reason
            case _:
                pass

    def _take_guess(self) -> None:
        if self._guess is not None and self._guess.turn == self._answered:
            self._routes.append(self._guess)
            self._guess = None

    @property
    def spent(self) -> float:
        """US dollars for hosted models and services so far, as far as their prices are known."""
        return sum(price(used) or 0.0 for used in self._used)

    def summary(self, transcript: Transcript) -> dict[str, object]:
        """The report as plain JSON."""
        return {
            "session": self._header.session,
            "agent": self._header.agent,
            "started_at": self._header.started_at,
            "seconds": round(self._last - (self._first or 0.0), 3),
            "turns": self._turns,
            "routes": [
                {"turn": r.turn, "specialist": r.specialist, "confidence": r.confidence} for r in self._routes
            ],
            "verdicts": self._verdicts,
            "escalations": self._escalations,
            "ended": self._ended,
            "response_ms": _spread(self._responses),
            "cost": _bill(self._used),
            **{
                name: self._counts[name]
                for name in ("interruptions", "taken_over", "failed_replies", "resumed", "faults")
            },
            "summary": in_words(transcript, [route.specialist for route in self._routes]),
        }


def _bill(used: Sequence[ModelUsed | ServiceUsed]) -> dict[str, object]:
    """What was used, and what it cost. `usd` is null where a price is not known: that is not nothing."""
    models = [one for one in used if isinstance(one, ModelUsed)]
    services = [one for one in used if isinstance(one, ServiceUsed)]
    return {
        "usd": cost(used),
        "models": [
            _of_model(name, [one for one in models if one.model == name])
            for name in dict.fromkeys(one.model for one in models)
        ],
        "services": [
            _of_service(kind, name, [one for one in services if (one.kind, one.service) == (kind, name)])
            for kind, name in dict.fromkeys((one.kind, one.service) for one in services)
        ],
        "turns": [
            {"turn": turn, "usd": cost([one for one in used if one.turn == turn])}
            for turn in sorted({one.turn for one in used})
        ],
        "prices_as_of": AS_OF,
    }


def _of_model(name: str, used: Sequence[ModelUsed]) -> dict[str, object]:
    return {
        "model": name,
        "tokens_in": sum(one.tokens_in + one.tokens_stored for one in used),
        "tokens_cached": sum(one.tokens_cached for one in used),
        "tokens_out": sum(one.tokens_out for one in used),
        "estimated": sum(one.is_estimate for one in used),
        "usd": cost(used),
    }


def _of_service(kind: str, name: str, used: Sequence[ServiceUsed]) -> dict[str, object]:
    return {
        "kind": kind,
        "service": name,
        "requests": sum(one.requests for one in used),
        "seconds": round(sum(one.seconds for one in used), 3),
        "characters": sum(one.characters for one in used),
        "tokens": sum(one.tokens for one in used),
        "estimated": sum(one.is_estimate for one in used),
        "usd": cost(used),
    }


def in_words(transcript: Transcript, specialists: Sequence[str]) -> str:
    """What the conversation was about, from what was said in it: its questions, and how it ended."""
    asked = [line for line in transcript if line.role is e.Role.USER]
    if not asked:
        return "Nothing was asked."
    about = ", ".join(f"{name} ({count})" for name, count in Counter(specialists).most_common())
    cut = sum(line.is_cut for line in transcript)
    parts = [
        f"{len(asked)} line{'s' * (len(asked) > 1)} of the caller" + (f", about {about}" if about else ""),
        f"first: “{asked[0].text}”",
    ]
    if len(asked) > 1:
        parts.append(f"last: “{asked[-1].text}”")
    if cut:
        parts.append(f"{cut} answer{'s' * (cut > 1)} interrupted")
    if any(line.role is e.Role.SUPERVISOR for line in transcript):
        parts.append("a person spoke")
    return "; ".join(parts) + "."


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    ranked = sorted(values)
    p50, p95 = (ranked[round(share * (len(ranked) - 1))] for share in (0.5, 0.95))
    return {"n": len(ranked), "p50": round(p50, 1), "p95": round(p95, 1)}
