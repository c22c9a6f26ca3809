"""What a provider hears of the caller, as news of the call; and its share of the time that an answer takes."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.wire import native
from antiphon.wire import openai_realtime as rt
from antiphon.wire.direct import JobIs

PROVIDER = "provider"
"The part of a turn's time that passes before there is a job."


@dataclass(slots=True)
class Speech:
    """One thing that the caller said, as the provider numbers it."""

    number: int
    text: str = ""
    ended_at: float | None = None
    "When the caller was last heard before the provider noticed the end, seconds."
    is_asked: bool = False
    "It was handed on: its words are those of the job."


class Overheard:
    """One call's. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._speeches: dict[str, Speech] = {}
        self._typed: list[str] = []
        self._jobs: dict[str, float | None] = {}
        "Seconds from the end of the caller's speech to the job, where it was spoken."
        self._by_turn: dict[int, float] = {}
        self._loud_at: float | None = None

    def sounds(self, now: float) -> None:
        """The caller is audible."""
        self._loud_at = now

    def types(self, text: str) -> None:
        """The caller has sent this line, which will be a job."""
        self._typed.append(text.strip())

    def event(self, event: rt.ServerEvent | rt.UnknownEvent, now: float) -> list[native.ServerMessage]:
        """The provider's event; what the caller is told of it."""
        match event:
            case rt.SpeechStarted(item_id=item):
                self._speech(item)
            case rt.SpeechStopped(item_id=item):
                self._speech(item).ended_at = now if self._loud_at is None else self._loud_at
            case rt.TranscriptionDelta(item_id=item, delta=words):
                speech = self._speech(item)
                return self._worded(speech, speech.text + (words or ""), is_final=False)
            case rt.TranscriptionCompleted(item_id=item, transcript=words):
                return self._worded(self._speech(item), words, is_final=True)
            case _:
                pass
        return []

    def job(self, job: JobIs, now: float) -> list[native.ServerMessage]:
        """News of a job; what the caller is told of it: the question, once."""
        told: list[native.ServerMessage] = []
        if job.job_id not in self._jobs:
            self._jobs[job.job_id] = None
            if job.question in self._typed:
                self._typed.remove(job.question)
            elif job.question:
                told = [self._asked(job, now)]
        seconds = self._jobs[job.job_id]
        if job.turn and seconds is not None:
            self._by_turn[job.turn] = seconds
        return told

    def whole(self, latency: native.Latency) -> native.Latency:
        """The turn's time with the provider's share in front, as far as that is known."""
        ms = 1000 * self._by_turn.get(latency.turn, 0.0)
        if ms <= 0:
            return latency
        parts = {PROVIDER: round(ms, 1), **latency.parts_ms}
        return native.Latency(latency.turn, round(latency.response_ms + ms, 1), parts)

    def _asked(self, job: JobIs, now: float) -> native.Transcript:
        waiting = [speech for speech in self._speeches.values() if not speech.is_asked]
        speech = waiting[-1] if waiting else self._speech(job.job_id)
        # The provider's word that it is over may come later than the job, which comes by another connection.
        ended_at = self._loud_at if speech.ended_at is None else speech.ended_at
        if ended_at is not None:
            self._jobs[job.job_id] = now - ended_at
        for earlier in self._speeches.values():  # whatever was said before belongs to it
            earlier.is_asked = True
        return native.Transcript(speech.number, job.question, is_final=True)

    def _worded(self, speech: Speech, text: str, *, is_final: bool) -> list[native.ServerMessage]:
        speech.text = text
        if speech.is_asked or not text.strip():
            return []
        return [native.Transcript(speech.number, text.strip(), is_final)]

    def _speech(self, item: str) -> Speech:
        return self._speeches.setdefault(item, Speech(len(self._speeches) + 1))
