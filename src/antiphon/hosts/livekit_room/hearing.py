"""The ears of our session as a recognizer of LiveKit's: one pair of ears, whose news both learn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable

from livekit import rtc
from livekit.agents import stt

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import Note
from antiphon.core.phases import BUSY
from antiphon.core.turns import TurnPolicy, Verdict
from antiphon.hosts.livekit_room.line import RoomLine

LANGUAGE = "en"


class RoomHearing:
    """What a session makes out of a room's sound, as LiveKit's events.

    Words over the agent's voice that ask for nothing are kept from LiveKit, which would stop for any word.
    """

    def __init__(self, line: RoomLine, policy: TurnPolicy | None = None) -> None:
        self._line = line
        self._policy = policy or TurnPolicy()
        self._events: deque[stt.SpeechEvent] = deque()
        "What no listener has been told: at a hand-over one agent's ears follow on another's."
        self._due = asyncio.Event()
        self._told: dict[e.UtteranceId, str] = {}
        "What LiveKit knows of utterances that are not answered yet."
        self._voiced = self._softer = 0.0
        line.shown.append(self._note)

    async def listen(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The events of all sound that the session hears, while `audio` is given to it."""

        async def hear() -> None:
            async for frame in audio:
                self._line.hear(mono(frame))

        # No TaskGroup: LiveKit closes a generator from another task than the one that began it, which a group forbids.
        # And no loop over the frames alone: who mutes the microphone sends none, and waits for what was said before.
        hearing = asyncio.create_task(hear(), name="room: hear")
        hearing.add_done_callback(lambda _: self._due.set())
        try:
            while True:
                while self._events:
                    yield self._events.popleft()
                if hearing.done():
                    return
                self._due.clear()
                await self._due.wait()
        finally:
            hearing.cancel()

    def _note(self, item: e.Event | e.Command | Note) -> None:
        match item:
            case e.SpeechStarted():
                self._voiced = self._softer = 0.0
            case e.SpeechWeighed(voiced, softer):
                self._voiced, self._softer = voiced, softer
            case e.PartiallyTranscribed(_, text) if text:
                self._tell(stt.SpeechEventType.INTERIM_TRANSCRIPT, text)
            case e.Transcribed(utterance, text, confidence):
                self._transcribed(utterance, text.strip(), confidence)
            case e.CutUtterance(utterance):
                for old in [known for known in self._told if known <= utterance]:
                    del self._told[old]
            case _:
                pass

    def _transcribed(self, utterance: e.UtteranceId, text: str, confidence: float) -> None:
        before = self._told.get(utterance, "")
        if not text or text == before:
            return
        conversation = self._line.conversation
        is_over_agent = conversation is not None and conversation.agent in BUSY
        verdict = self._policy.judge(
            text, self._voiced, is_over=True, softer=self._softer, confidence=confidence
        )
        if is_over_agent and verdict is Verdict.IGNORE:
            self._line.tell(e.TurnDropped())
            return
        self._told[utterance] = text
        self._tell(stt.SpeechEventType.FINAL_TRANSCRIPT, _added(before, text), confidence)

    def _tell(self, kind: stt.SpeechEventType, text: str, confidence: float = 1.0) -> None:
        self._events.append(
            stt.SpeechEvent(
                kind,
                alternatives=[stt.SpeechData(language=LANGUAGE, text=text, confidence=confidence)],  # type: ignore[arg-type]
            )
        )
        self._due.set()


def mono(frame: rtc.AudioFrame) -> Pcm:
    """The frame's first channel."""
    data = bytes(frame.data)
    if frame.num_channels > 1:
        whole = memoryview(data).cast("h")
        data = whole[:: frame.num_channels].tobytes()
    return Pcm(data, frame.sample_rate)


def _added(before: str, text: str) -> str:
    """What the text has more than what was told before; all of it when it begins otherwise."""
    known, words = before.split(), text.split()
    plain = [word.strip(".,!?").lower() for word in words[: len(known)]]
    if known and plain == [word.strip(".,!?").lower() for word in known]:
        return " ".join(words[len(known) :]) or text
    return text
