"""The user's side of a conversation: what was said and not yet answered, and the silence after it."""

from __future__ import annotations

from antiphon.core.events import (
    PartiallyTranscribed,
    SpeechStarted,
    SpeechStopped,
    SpeechWeighed,
    Transcribed,
    TurnScored,
    UtteranceId,
)


class Words:
    """Words that wait for an answer, in the order they were said, each exactly once.

    A burst is speech over the agent's reply whose meaning is not decided yet.
    """

    def __init__(self) -> None:
        self.is_speaking = False
        self.is_recognizing = False
        "The words up to the latest silence are still being made out."
        self.is_missed = False
        "The user said something, and nobody could make it out."
        self.is_burst = False
        self.is_all = False
        "The user has nothing to add: they wrote, or said so. No silence is waited for."
        self.voiced = 0.0
        "Seconds of the latest speech."
        self.softer = 0.0
        "Decibels by which the latest speech is softer than the user is usually."
        self.confidence = 1.0
        "The recognizer's, of its latest words."
        self.silent_since = 0.0
        self.completeness: float | None = None
        self._spoken: dict[UtteranceId, str] = {}
        self._typed: list[str] = []
        self._last_typed = 0
        self.carried = ""
        "Lines of before that are still to be answered."
        self._partial = ""
        self._taken: UtteranceId = 0
        self._latest: UtteranceId = 0

    @property
    def next_utterance(self) -> UtteranceId:
        """The first number that no utterance has had."""
        return max(self._taken, self._latest, *self._spoken, 0) + 1

    @property
    def fresh(self) -> list[str]:
        """The lines said or written since the last turn, for memory."""
        spoken = " ".join(text for text in self._spoken.values() if text)
        return [line for line in (spoken, *self._typed) if line]

    @property
    def text(self) -> str:
        """Everything that waits for an answer, once the recognizer has settled on it."""
        fresh = self.fresh
        return " ".join([self.carried, *fresh] if self.carried else fresh) if fresh else ""

    @property
    def burst_text(self) -> str:
        """What was made out of the speech over the agent's voice, guesses included."""
        return " ".join(text for text in (*self._spoken.values(), self._partial) if text)

    def begin(self, event: SpeechStarted, over_agent: bool) -> None:
        """The user is speaking, perhaps over the agent."""
        self.is_speaking, self.completeness = True, None
        self.voiced, self.softer, self.confidence = 0.0, 0.0, 1.0
        self.is_missed = False
        self.is_burst = self.is_burst or over_agent

    def note(
        self,
        event: SpeechStopped | SpeechWeighed | TurnScored | PartiallyTranscribed | Transcribed,
        now: float,
        over_agent: bool = False,
    ) -> None:
        """The ears' news is taken in. News of an utterance that was taken already changes nothing.

        Words that come late, after the agent went on for want of them, are a burst again.
        """
        match event:
            case SpeechStopped(at):
                if self.is_speaking:
                    self.is_speaking, self.is_recognizing = False, True
                    self.silent_since = min(at, now)
            case SpeechWeighed(voiced, softer):
                self.voiced, self.softer = voiced, softer
            case TurnScored(utterance, completeness) if utterance > self._taken:
                if not self.is_speaking:
                    self.completeness = completeness
            case PartiallyTranscribed(utterance, text) if utterance > self._taken:
                self._latest, self._partial = max(self._latest, utterance), text
            case Transcribed(utterance, text, confidence) if utterance > self._taken:
                self.is_missed = not text.strip() and not confidence
                self._latest = max(self._latest, utterance)
                self._spoken[utterance], self.confidence = text.strip(), confidence
                self._partial = ""
                self.is_burst = self.is_burst or (over_agent and bool(self._spoken[utterance]))
                if not self.is_speaking:
                    self.is_recognizing = False
            case _:
                pass

    def type(self, text: str, id: int = 0) -> bool:
        """A written line waits for an answer; it needs no silence to be a turn. False: there is nothing new in it."""
        is_known = 0 < id <= self._last_typed
        self._last_typed = max(self._last_typed, id)
        if not (text := text.strip()) or is_known:
            return False
        self._typed.append(text)
        self.is_all = True
        return True

    def unanswered(self, question: str) -> None:
        """`question` was answered by nothing that was heard: the next answer covers it too."""
        self.carried = question

    def forget(self, line: str) -> None:
        """The line, which was to be answered yet, is not."""
        self.carried = " ".join(self.carried.replace(line, " ", 1).split())

    def lost(self, now: float) -> None:
        """The user's microphone is gone: they are silent, and what they had not said to its end is unsaid."""
        self.is_speaking = self.is_recognizing = self.is_missed = False
        self.burst_over()
        self._partial = ""
        self._taken = max([self._taken, self._latest])
        self.silent_since, self.completeness = now, None

    def burst_over(self) -> None:
        """What the speech over the agent's voice meant is decided."""
        self.is_burst = False

    def take_spoken(self) -> tuple[UtteranceId, str]:
        """The spoken words, which wait no longer."""
        text = " ".join(text for text in self._spoken.values() if text)
        self._taken = max([self._taken, self._latest, *self._spoken])
        self._spoken.clear()
        self._partial = ""
        self.is_recognizing, self.is_missed, self.completeness = False, False, None
        return self._taken, text

    def take(self) -> UtteranceId:
        """Nothing waits any longer: all of it is a turn. Returns the last utterance that belongs to it."""
        utterance, _ = self.take_spoken()
        self._typed.clear()
        self.carried = ""
        self.is_all = False
        return utterance
