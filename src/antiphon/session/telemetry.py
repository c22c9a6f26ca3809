"""How long a turn took and where the time went: a fold over the journal's stream, the same on every host."""

from __future__ import annotations

from dataclasses import dataclass, field

from antiphon.core.events import (
    AnswerAsked,
    Command,
    ConfirmReply,
    Event,
    Purpose,
    Remember,
    Role,
    Speak,
    SpeechStopped,
    SpeechSynthesized,
    StartReply,
    Transcribed,
    TurnId,
    Typed,
)
from antiphon.core.notes import Note, SoundSent, Stage, StageDone, TurnMeasured


@dataclass(frozen=True, slots=True)
class Stretch:
    """The caller waited for `stage` from `start` to `end`, session seconds."""

    stage: Stage
    start: float
    end: float


@dataclass(slots=True)
class _Turn:
    """The milestones of one turn, in the order they were passed."""

    asked_at: float
    "The end of the user's speech, or the moment a typed line came, or an answer was asked for."
    passed: list[tuple[float, Stage]] = field(default_factory=list)
    answer: int | None = None
    "The number of the answer's first sentence; fillers come before it."
    is_measured: bool = False


class Stopwatch:
    """Measures turns from the stream of a conversation. Feed it every item once, in order."""

    def __init__(self) -> None:
        self._asked_at = 0.0
        self._before: list[tuple[float, Stage]] = []
        "Milestones passed since the user fell silent, before any reply began."
        self._turns: dict[TurnId, _Turn] = {}
        self.stretches: tuple[Stretch, ...] = ()
        "What the latest measurement is the sum of, in order and without gaps."

    def note(self, t: float, item: Event | Command | Note) -> TurnMeasured | None:
        """The item happened at `t`. Returns the measurement when a turn's first answer has been sent."""
        if type(item) is SpeechSynthesized and not self._waits_for(item.turn):
            return None  # fifty a turn, of which one counts
        match item:
            case SpeechStopped(at):
                self._asked_at, self._before = at, [(t, Stage.ENDPOINTING)]
            case Transcribed():
                self._before.append((t, Stage.RECOGNITION))
            case Typed() | AnswerAsked():
                self._asked_at, self._before = t, []
            case StartReply(turn):
                self._turns = {turn: _Turn(self._asked_at, list(self._before))}
            case StageDone(turn, stage):
                self._pass(turn, t, stage)
            case ConfirmReply(turn):
                self._pass(turn, t, Stage.ENDPOINTING)
            case Speak(turn, sentence, _, purpose) if purpose is Purpose.ANSWER:
                if (known := self._turns.get(turn)) and known.answer is None:
                    known.answer = sentence
            case SpeechSynthesized(turn, sentence):
                if (known := self._turns.get(turn)) and sentence == known.answer:
                    self._pass(turn, t, Stage.SYNTHESIS)
            case SoundSent(turn, sentence):
                if (known := self._turns.get(turn)) and sentence == known.answer and not known.is_measured:
                    self._pass(turn, t, Stage.TRANSPORT)
                    known.is_measured = True
                    self.stretches = _stretches(known)
                    return _measured(turn, t - known.asked_at, self.stretches)
            case Remember(_, Role.AGENT):
                self._before = []
            case _:
                pass
        return None

    def _waits_for(self, turn: TurnId) -> bool:
        known = self._turns.get(turn)
        return known is not None and not known.is_measured

    def _pass(self, turn: TurnId, t: float, stage: Stage) -> None:
        known = self._turns.get(turn)
        if known is None or known.is_measured:
            return
        # Later sentences pass the same stages again; the caller waits for the first.
        if stage is Stage.ENDPOINTING or all(passed is not stage for _, passed in known.passed):
            known.passed.append((t, stage))


def _stretches(known: _Turn) -> tuple[Stretch, ...]:
    """Each stretch of the wait is charged to the milestone that ended it, so they fill the whole."""
    found: list[Stretch] = []
    cursor = known.asked_at
    for t, stage in sorted(known.passed, key=lambda passed: passed[0]):
        if t > cursor:
            found.append(Stretch(stage, cursor, t))
            cursor = t
    return tuple(found)


def _measured(turn: TurnId, whole: float, stretches: tuple[Stretch, ...]) -> TurnMeasured:
    """The parts sum to the whole."""
    parts = dict.fromkeys(Stage, 0.0)
    for stretch in stretches:
        parts[stretch.stage] += stretch.end - stretch.start
    return TurnMeasured(
        turn,
        round(max(0.0, whole) * 1000, 2),
        {stage.value: round(seconds * 1000, 2) for stage, seconds in parts.items() if seconds},
    )
