"""What a screen learns of what happens in a conversation."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.notes import (
    Attended,
    Note,
    PersonNeeded,
    RouteDecided,
    Stage,
    StageDone,
    Suspended,
    TextJudged,
    TurnMeasured,
)
from antiphon.core.transcript import Line
from antiphon.wire import native

SHOWN = frozenset(
    {
        e.ChangePhase, e.ConfirmReply, e.ContinueReply, e.PartiallyTranscribed, e.Remember, e.ShowHeard, e.Speak,
        e.Transcribed, e.TakenOver, e.HandedBack,
        Attended, PersonNeeded, RouteDecided, StageDone, Suspended, TextJudged, TurnMeasured,
    }
)  # fmt: skip
"What is looked at. Most news is acknowledgements and weights of speech: they come many times a second."

STEPS = frozenset({Stage.RETRIEVAL, Stage.MODEL, Stage.GUARDRAIL})
"What is told when it is done. Of the others a message tells already: the words, the route, the sound."


def past(line: Line) -> native.Remembered:
    """A line from before, for a screen that has not seen it."""
    by = line.speaker if line.role is e.Role.SUPERVISOR else ""
    return native.Remembered(line.turn, line.role.value, line.text, line.is_cut, is_past=True, by=by)


class News:
    """The messages for one screen. Remembers the turn in hand."""

    def __init__(self, turn: e.TurnId = 0) -> None:
        """`turn`: the one in hand."""
        self._turn = turn
        self._passed: tuple[e.TurnId, set[Stage]] = (turn, set())

    def shown(self, news: e.Event | e.Command | Note) -> native.ServerMessage | None:
        """What the caller's screen is told of the news; None for what it does not show."""
        if type(news) not in SHOWN:
            return None
        match news:
            case e.ChangePhase(phase):
                return native.PhaseIs(phase.value, self._turn)
            case e.ConfirmReply(turn) | e.ContinueReply(turn):
                self._turn = turn
                return None
            case e.PartiallyTranscribed(utterance, text):
                return native.Transcript(utterance, text)
            case e.Transcribed(utterance, text):
                return native.Transcript(utterance, text, is_final=True)
            case RouteDecided(turn, specialist, confidence, reason):
                return native.RouteChosen(turn, specialist, round(confidence, 4), reason)
            case StageDone(turn, stage) if stage in STEPS:
                return self._step(turn, stage)
            case TextJudged(turn, side, action, _, categories, confidence) if action != "allow":
                return native.VerdictGiven(turn, side, action, categories, round(confidence, 4))
            case e.Speak(turn, sentence, text, purpose):
                self._turn = turn
                return native.Sentence(turn, sentence, text.text, purpose.value, text.is_rewritten)
            case e.ShowHeard(turn, heard, unheard):
                return native.HeardText(turn, heard, unheard)
            case e.Remember(turn, role, text, is_cut, by):
                return native.Remembered(turn, role.value, text, is_cut, by=by)
            case TurnMeasured(turn, response_ms, parts_ms):
                return native.Latency(turn, response_ms, parts_ms)
            case Attended(by, is_there):
                return native.Supervised(by, "joined" if is_there else "left")
            case e.TakenOver(by):
                return native.Supervised(by, "taken_over")
            case e.HandedBack(by):
                return native.Supervised(by, "handed_back")
            case PersonNeeded(turn, reason):
                return native.Escalated(turn, reason)
            case Suspended(reason, retry_ms):
                return native.GoAway(reason, retry_ms)
            case _:
                return None

    def _step(self, turn: e.TurnId, stage: Stage) -> native.ServerMessage | None:
        """Told once in a turn: later sentences take the same steps again."""
        of, passed = self._passed
        if turn != of:
            self._passed = (turn, passed := set())
        if stage in passed:
            return None
        passed.add(stage)
        return native.StagePassed(turn, stage.value)
