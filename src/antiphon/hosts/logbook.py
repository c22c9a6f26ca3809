"""What happens in a call, as log lines: a fold over its stream, the same on every host. No line has anybody's words."""

from __future__ import annotations

import structlog

from antiphon.core import events as e
from antiphon.core.notes import (
    ConnectionLost,
    Faulted,
    ModelUsed,
    Note,
    PersonNeeded,
    RouteDecided,
    ServiceUsed,
    Suspended,
    TextJudged,
    ToolUsed,
    TurnMeasured,
)
from antiphon.session.prices import price

log = structlog.get_logger("antiphon.call")


def write_down(t: float, item: e.Event | e.Command | Note) -> None:
    """A watcher: the item is a line in the log, if it is of a kind that is."""
    if type(item) not in _TOLD:  # most are not, and there are a hundred a turn
        return
    match item:
        # ---- what an operator reads --------------------------------------------------------------------
        case e.Joined():
            log.info("a conversation begins")
        case TurnMeasured(turn, response_ms, parts_ms):
            log.info("a turn was answered", turn=turn, response_ms=response_ms, parts_ms=dict(parts_ms))
        case TextJudged(turn, side, action, _, categories, confidence) if action != "allow":
            told = {"side": side, "action": action, "categories": categories}
            log.info("a text was held back", turn=turn, confidence=round(confidence, 4), **told)
        case PersonNeeded(turn, reason):
            log.info("a person is needed", turn=turn, reason=reason)
        case e.TakenOver(by):
            log.info("a person has taken over", by=by)
        case e.HandedBack(by):
            log.info("a person has handed back", by=by)
        case ConnectionLost(reason):
            log.info("the caller's connection is lost", reason=reason)
        case e.CallerReturned():
            log.info("the caller has come back")
        case Suspended(reason):
            log.info("a conversation goes on elsewhere", reason=reason)
        case e.HungUp(reason) | e.EndConversation(reason):
            log.info("a conversation is over", reason=reason)
        # ---- what went wrong ---------------------------------------------------------------------------
        case e.ReplyFailed(turn, error):
            log.warning("an answer could not be made", turn=turn, error=error)
        case e.SynthesisFailed(turn):
            log.warning("a sentence could not be voiced", turn=turn)
        case ToolUsed(turn, tool, outcome, ms) if outcome != "done":
            log.warning("a tool failed", turn=turn, tool=tool, outcome=outcome, ms=round(ms, 1))
        case Faulted(where, error):
            log.error("something broke in a call", where=where, error=error)
        # ---- what one wants to know while something is looked for ---------------------------------------
        case _:
            _in_detail(item)


def _in_detail(item: e.Event | e.Command | Note) -> None:
    match item:
        case e.Transcribed(_, text):
            log.debug("speech was recognized", words=len(text.split()))
        case RouteDecided(turn, specialist, confidence):
            told = {"specialist": specialist, "confidence": round(confidence, 4)}
            log.debug("who answers was decided", turn=turn, **told)
        case ModelUsed(turn, model, read, written):
            usd = price(item)
            log.debug("a model was used", turn=turn, model=model, tokens_in=read, tokens_out=written, usd=usd)
        case ServiceUsed(turn, kind, service):
            log.debug("a service was used", turn=turn, kind=kind, service=service, usd=price(item))
        case ToolUsed(turn, tool, outcome, ms):
            log.debug("a tool was used", turn=turn, tool=tool, outcome=outcome, ms=round(ms, 1))
        case e.ClearPlayout(turn):
            log.debug("the agent gives way", turn=turn)
        case e.ChangePhase(phase):
            log.debug("the state changed", to=phase.value)
        case _:
            pass


_TOLD = frozenset(
    {
        *(e.Joined, e.TakenOver, e.HandedBack, e.CallerReturned, e.HungUp, e.EndConversation, e.ReplyFailed),
        *(e.SynthesisFailed, e.Transcribed, e.ClearPlayout, e.ChangePhase),
        *(TurnMeasured, TextJudged, PersonNeeded, ConnectionLost, Suspended, ToolUsed, Faulted),
        *(RouteDecided, ModelUsed, ServiceUsed),
    }
)
