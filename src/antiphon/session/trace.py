"""The trace of a session: a fold over its stream, so that it is the same on every host.

A turn lies from the end of the user's speech to the end of its playout. Its parts are the stretches that the turn's
measurement is the sum of. What the fold leaves out unless it is asked for is every word that anybody said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from antiphon.core import events as e
from antiphon.core.notes import (
    Attended,
    ConnectionLost,
    CutShort,
    Faulted,
    ModelUsed,
    Note,
    NothingKnown,
    PageReported,
    PersonNeeded,
    RouteDecided,
    ServiceUsed,
    SoundSent,
    Stage,
    StageDone,
    Suspended,
    TextJudged,
    ToolUsed,
)
from antiphon.session.spans import (
    ROOT,
    Moment,
    Span,
    Value,
    generation,
    message,
    on_page,
    part,
    service,
    tool,
    turn_key,
)
from antiphon.session.telemetry import Stopwatch

MOST_MOMENTS = 64
"Of one turn. More of them say nothing more, and a span is held in memory."
_SEVERITY = ("allow", "rewrite", "block")


@dataclass(slots=True)
class _Turn:
    id: e.TurnId
    start: float
    last: float
    "When something of it was last heard of."
    told: dict[str, Value]
    moments: list[Moment] = field(default_factory=list)
    sounded_at: float | None = None
    "When its answer, or what was spoken instead, began to leave."
    asked_model_at: float = 0.0
    "When everything was there that a language model is asked with."
    sentences: int = 0
    error: str = ""


class Trace:
    """Gives spans as they end. Feed it every item of a session once, in order; what it is given is not kept."""

    def __init__(
        self, agent: str, emit: Callable[[Span], None], *, host: str = "", tells_text: bool = False
    ) -> None:
        self._agent = agent
        self._emit = emit
        self._host = host
        self._tells_text = tells_text
        self._stopwatch = Stopwatch()
        self._asked_at = 0.0
        self._turn: _Turn | None = None
        self._over: e.TurnId = 0
        "The latest turn whose span has ended."
        self._number = 0
        "Counts spans, so that two of a kind have two keys."
        self.last_t = 0.0

    def note(self, t: float, item: e.Event | e.Command | Note) -> None:
        """The item happened at `t`; spans that it ended were emitted."""
        self.last_t = t
        kind = type(item)
        if kind is e.Played:
            if (turn := self._turn) is not None:
                turn.last = t
            return
        if kind in _MEASURED:
            self._measure(t, item)
        if kind in _MOMENTS:
            self._happened(t, item)
        elif kind in _USED:
            self._used(t, item)
        elif kind in _TURNS:
            self._follow(t, item)
            if (turn := self._turn) is not None:
                turn.last = t

    def close(self) -> None:
        """The turn that was going on has ended as far as it came. Items may still follow."""
        self._end()

    def root(self, start: float, report: Mapping[str, object]) -> Span:
        """The session as a whole, from `start`, session seconds, perhaps on another node. See `Report.summary`."""
        told: dict[str, Value] = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": self._agent,
            "voice.ended": str(report.get("ended", "")),
        }
        for name in ("turns", "interruptions", "failed_replies", "resumed", "faults", "taken_over"):
            if isinstance(count := report.get(name), int):
                told[f"voice.{name}"] = count
        bill = report.get("cost")
        if isinstance(bill, Mapping) and isinstance(usd := bill.get("usd"), int | float):
            told["voice.usd"] = float(usd)
        if self._host:
            told["voice.host"] = self._host
        return Span(ROOT, "", f"session {self._agent}", start, self.last_t, told)

    # ---- turns -----------------------------------------------------------------------------------------
    def _measure(self, t: float, item: e.Event | e.Command | Note) -> None:
        match item:
            case e.SpeechStopped(at):
                self._asked_at = at
            case e.Typed() | e.AnswerAsked():
                self._asked_at = t
        measured = self._stopwatch.note(t, item)
        if measured is None:
            return
        for stretch in self._stopwatch.stretches:
            self._emit(part(measured.turn, self._next(), stretch))
        if (turn := self._turn) is not None and turn.id == measured.turn:
            turn.sounded_at = t
            turn.told["voice.response_ms"] = measured.response_ms

    def _follow(self, t: float, item: e.Event | e.Command | Note) -> None:
        match item:
            case e.StartReply(id, text):
                self._asked(self._begin(id, self._asked_at or t, t), text)
            case e.ContinueReply(id, question):
                turn = self._begin(id, t, t)
                turn.told["voice.is_continued"] = True
                self._asked(turn, question)
            case e.Speak(id, _, _, purpose) if id > self._over:
                turn = self._begin(id, t, t)
                turn.sentences += 1
                turn.told.setdefault("voice.purpose", purpose.value)
                if purpose is not e.Purpose.ANSWER:
                    self._moment(id, t, f"voice.{purpose.value}")
                else:
                    turn.told["voice.purpose"] = purpose.value
            case e.Remember(id, e.Role.AGENT, text, is_cut):
                if (found := self._of(id)) is not None:
                    found.told["voice.heard_words"] = len(text.split())
                    found.told["voice.interrupted"] = is_cut or bool(found.told.get("voice.interrupted"))
                    if self._tells_text:
                        found.told["gen_ai.output.messages"] = message("assistant", text)
                    found.last = t
                    self._end()
            case e.Remember(id, e.Role.USER, text):
                if (found := self._of(id)) is not None:
                    self._asked(found, text)
            case SoundSent(id) if (found := self._of(id)) is not None and found.sounded_at is None:
                found.sounded_at = t
            case StageDone(id, Stage.ROUTING | Stage.RETRIEVAL) if (found := self._of(id)) is not None:
                found.asked_model_at = t
            case RouteDecided(id, specialist, confidence, reason) if (found := self._of(id)) is not None:
                found.told["voice.route.specialist"] = specialist
                found.told["voice.route.confidence"] = round(confidence, 4)
                if self._tells_text:
                    found.told["voice.route.reason"] = reason
            case TextJudged(id, side, action, _, categories, confidence):
                self._judged(id, t, side, action, categories, confidence)
            case e.ReplyFailed(id) if (found := self._of(id)) is not None:
                found.error = "reply_failed"
            case e.SynthesisFailed(id):
                self._moment(id, t, "voice.synthesis_failed")
            case e.ClearPlayout(id) if (found := self._of(id)) is not None:
                found.told["voice.interrupted"] = True
                self._moment(id, t, "voice.interrupted")
            case e.HoldPlayout(id):
                self._moment(id, t, "voice.held")
            case e.ResumePlayout(id):
                self._moment(id, t, "voice.resumed")
            case e.ConfirmReply(id):
                self._moment(id, t, "voice.confirmed")
            case e.CancelReply(id):
                self._moment(id, t, "voice.reply_dropped")
            case NothingKnown(id) if (found := self._of(id)) is not None:
                found.told["voice.nothing_known"] = True
            case CutShort(id) if (found := self._of(id)) is not None:
                found.told["voice.cut_short"] = True
            case _:
                pass

    def _begin(self, id: e.TurnId, start: float, t: float) -> _Turn:
        """The span of that turn, begun if it was not; the one before has ended."""
        turn = self._turn
        if turn is not None and turn.id == id:
            return turn
        self._end()
        told: dict[str, Value] = {
            "gen_ai.operation.name": "invoke_agent",
            "langfuse.observation.type": "agent",
            "voice.turn": id,
            "voice.interrupted": False,
        }
        self._turn = turn = _Turn(id, min(start, t), t, told, asked_model_at=t)
        return turn

    def _of(self, id: e.TurnId) -> _Turn | None:
        """The turn, if it goes on."""
        turn = self._turn
        return turn if turn is not None and turn.id == id else None

    def _asked(self, turn: _Turn, text: str) -> None:
        turn.told["voice.asked_words"] = len(text.split())
        if self._tells_text:
            turn.told["gen_ai.input.messages"] = message("user", text)

    def _judged(
        self, id: e.TurnId, t: float, side: str, action: str, categories: tuple[str, ...], confidence: float
    ) -> None:
        if (turn := self._of(id)) is None:
            return
        before = str(turn.told.get("voice.guardrail.action", ""))
        if before not in _SEVERITY or _SEVERITY.index(before) < _rank(action):
            turn.told["voice.guardrail.action"] = action
        if action != "allow":
            told: dict[str, Value] = {"side": side, "action": action, "categories": categories}
            self._moment(id, t, "voice.guardrail", **told, confidence=round(confidence, 4))

    def _moment(self, id: e.TurnId, t: float, name: str, **told: Value) -> None:
        if (turn := self._of(id)) is not None and len(turn.moments) < MOST_MOMENTS:
            turn.moments.append(Moment(t, name, {f"voice.{key}": value for key, value in told.items()}))

    def _end(self) -> None:
        """The turn's span, and its playout's, are emitted."""
        if (turn := self._turn) is None:
            return
        self._turn, self._over = None, turn.id
        key = turn_key(turn.id)
        if turn.sentences:
            turn.told["voice.sentences"] = turn.sentences
        end = max(turn.last, turn.start)
        if turn.sounded_at is not None:
            kept = ("voice.turn", "voice.heard_words", "voice.interrupted", "voice.sentences")
            told = {**{name: turn.told[name] for name in kept if name in turn.told}, "voice.part": "playout"}
            self._emit(Span(f"{key}/playout", key, "voice.playout", turn.sounded_at, end, told))
        turn.told["gen_ai.agent.name"] = str(turn.told.get("voice.route.specialist") or self._agent)
        moments, name = tuple(turn.moments), f"invoke_agent {self._agent}"
        self._emit(Span(key, ROOT, name, turn.start, end, turn.told, moments, turn.error))

    # ---- what was used, and what happened to the session ---------------------------------------------------
    def _used(self, t: float, item: e.Event | e.Command | Note) -> None:
        match item:
            case ModelUsed(id):
                turn = self._of(id)
                # Of a turn that is over it is only known that the model was told to stop.
                self._emit(generation(item, self._next(), turn.asked_model_at if turn else t, t))
            case ToolUsed():
                self._emit(tool(item, self._next(), t))
            case ServiceUsed():
                self._emit(service(item, self._next(), t))
            case PageReported():
                self._emit(on_page(item, self._next(), t))

    def _happened(self, t: float, item: e.Event | e.Command | Note) -> None:
        """A span without length, so that it is seen at once and on whichever node it was."""
        told: dict[str, Value] = {}
        error = ""
        match item:
            case PersonNeeded(turn):
                told["voice.turn"] = turn
            case Faulted(where):
                told["voice.where"], error = where, "fault"
            case ConnectionLost():
                error = "connection_lost"
            case Attended(_, is_there):
                told["voice.is_there"] = is_there
        key = f"{ROOT}/{_MOMENTS[type(item)]}/{t:.4f}/{self._next()}"
        self._emit(Span(key, ROOT, f"voice.{_MOMENTS[type(item)]}", t, t, told, error=error))

    def _next(self) -> int:
        self._number += 1
        return self._number


def _rank(action: str) -> int:
    return _SEVERITY.index(action) if action in _SEVERITY else len(_SEVERITY)


_MOMENTS: dict[type, str] = {
    PersonNeeded: "person_needed",
    Faulted: "fault",
    ConnectionLost: "connection_lost",
    Suspended: "suspended",
    Attended: "attended",
    e.CallerReturned: "caller_returned",
    e.TakenOver: "taken_over",
    e.HandedBack: "handed_back",
    e.HungUp: "hung_up",
    e.EndConversation: "ended",
}
_USED = frozenset({ModelUsed, ToolUsed, ServiceUsed, PageReported})
_MEASURED = frozenset(
    {
        *(e.SpeechStopped, e.Transcribed, e.Typed, e.AnswerAsked, e.StartReply, e.ConfirmReply, e.Speak),
        *(e.SpeechSynthesized, e.Remember, StageDone, SoundSent),
    }
)
_TURNS = frozenset(
    {
        *(e.StartReply, e.ContinueReply, e.Speak, e.Remember, e.ReplyFailed, e.SynthesisFailed),
        *(e.ClearPlayout, e.HoldPlayout, e.ResumePlayout, e.ConfirmReply, e.CancelReply),
        *(SoundSent, StageDone, RouteDecided, TextJudged, NothingKnown, CutShort),
    }
)
