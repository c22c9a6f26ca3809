"""The agent's output in a room, which counts what of it was heard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from livekit import rtc
from livekit.agents.voice import io

from antiphon.core.audio import Pcm
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.hosts.livekit_room.speech import Sentence, Speech

if TYPE_CHECKING:
    from collections.abc import Callable

TELL_EVERY = 0.1
"Seconds between two counts of what was heard."
MARK = "antiphon"
"In a frame's userdata: what it belongs to."


def frame_of(pcm: Pcm, speech: Speech, sentence: Sentence) -> rtc.AudioFrame:
    """The sound as LiveKit has it, with what it belongs to."""
    return rtc.AudioFrame(pcm.data, pcm.rate, 1, len(pcm), userdata={MARK: (speech, sentence)})


class CountingOutput(io.AudioOutput):
    """Passes sound on, and tells the line how much of each speech has been played.

    While a stretch plays, it is counted by the clock; how far it was at its end is what the next one says.
    """

    def __init__(self, line: RoomLine, next_in_chain: io.AudioOutput, rate: int) -> None:
        super().__init__(
            label="Antiphon",
            next_in_chain=next_in_chain,
            sample_rate=next_in_chain.sample_rate,
            capabilities=io.AudioOutputCapabilities(pause=True),
        )
        self._line = line
        self._rate = rate
        "Hz at which the session counts."
        self._speech: Speech | None = None
        "Whose stretch this is."
        self._starts: list[tuple[float, Sentence]] = []
        "Sentences that have not been heard yet, and the second of the stretch at which each begins."
        self._pushed = 0.0
        self._counted = 0.0
        "Seconds of this stretch that the clock has counted."
        self._runs_since: float | None = None
        self._clock = asyncio.get_running_loop().time
        self._timer: asyncio.TimerHandle | None = None
        self._is_paused = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        mark = frame.userdata.get(MARK)
        if mark is not None:
            speech, sentence = mark
            if self._speech is None:
                self._speech, speech.base = speech, speech.played
            if not sentence.is_heard and all(sentence is not one for _, one in self._starts):
                self._starts.append((self._pushed, sentence))
        self._pushed += frame.duration
        await self._next.capture_frame(frame)

    def flush(self) -> None:
        super().flush()
        self._next.flush()

    def clear_buffer(self) -> None:
        self._next.clear_buffer()

    def pause(self) -> None:
        self._count()
        self._is_paused, self._runs_since = True, None
        super().pause()

    def resume(self) -> None:
        if self._is_paused:
            self._is_paused = False
            if self._timer is not None:
                self._runs_since = self._clock()
        super().resume()

    def on_playback_started(self, *, created_at: float) -> None:
        super().on_playback_started(created_at=created_at)
        self._runs_since = self._clock()
        self._leave(0.0)
        self._tick()

    def on_playback_finished(
        self, *, playback_position: float, interrupted: bool, synchronized_transcript: str | None = None
    ) -> None:
        speech = self._speech
        if self._timer is not None:
            self._timer.cancel()
        if speech is not None:
            self._leave(playback_position)
            if interrupted:
                speech.played = speech.base + int(playback_position * self._rate)
                self._line.over(speech, is_cut=True)
            else:
                self._line.heard(speech, min(speech.samples, speech.base + round(self._pushed * self._rate)))
        self._speech, self._timer, self._runs_since = None, None, None
        self._pushed = self._counted = 0.0
        self._starts.clear()
        super().on_playback_finished(
            playback_position=playback_position,
            interrupted=interrupted,
            synchronized_transcript=synchronized_transcript,
        )

    @property
    def _next(self) -> io.AudioOutput:
        following = self.next_in_chain
        assert following is not None
        return following

    def _tick(self) -> None:
        self._count()
        self._timer = asyncio.get_running_loop().call_later(TELL_EVERY, self._tick)

    def _count(self) -> None:
        """What has been played by the clock is told."""
        if self._runs_since is not None:
            now = self._clock()
            self._counted = min(self._counted + now - self._runs_since, self._pushed)
            self._runs_since = now
        if self._speech is not None and self._runs_since is not None:
            self._leave(self._counted)
            self._line.heard(self._speech, self._speech.base + int(self._counted * self._rate))

    def _leave(self, seconds: float) -> None:
        while self._speech is not None and self._starts and self._starts[0][0] <= seconds:
            self._line.left(self._speech, self._starts.pop(0)[1])


class SilentOutput(io.AudioOutput):
    """An output that plays into nothing, in real time: for rooms without a listener, and for tests."""

    def __init__(self, rate: int, pace: float = 1.0, played: Callable[[rtc.AudioFrame], None] | None = None):
        """`pace`: seconds of sound played in a second. `played` is called with each frame as it is given."""
        super().__init__(
            label="silent",
            next_in_chain=None,
            sample_rate=rate,
            capabilities=io.AudioOutputCapabilities(pause=True),
        )
        self._pace = pace
        self._played = played or (lambda frame: None)
        self._pushed = 0.0
        self._position = 0.0
        self._since: float | None = None
        self._is_flushed = False
        self._clock = asyncio.get_running_loop().time
        self._timer: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._pushed:
            self._position, self._since = 0.0, self._clock()
            self.on_playback_started(created_at=0.0)
        self._pushed += frame.duration
        self._played(frame)

    def flush(self) -> None:
        super().flush()
        self._is_flushed = True
        self._look()

    def clear_buffer(self) -> None:
        if self._pushed:
            self._move()
            self._finish(interrupted=True)

    def pause(self) -> None:
        self._move()
        self._since = None
        super().pause()

    def resume(self) -> None:
        if self._pushed:
            self._since = self._clock()
            self._look()
        super().resume()

    def _move(self) -> None:
        if self._since is not None:
            now = self._clock()
            self._position = min(self._pushed, self._position + (now - self._since) * self._pace)
            self._since = now

    def _look(self) -> None:
        """It has finished if all of it was played; else it will be looked at again when it should be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._move()
        if not self._pushed or not self._is_flushed or self._since is None:
            return
        left = self._pushed - self._position
        if left < 1e-6:
            self._finish(interrupted=False)
        else:
            self._timer = asyncio.get_running_loop().call_later(left / self._pace, self._look)

    def _finish(self, interrupted: bool) -> None:
        position, self._pushed, self._is_flushed, self._since = self._position, 0.0, False, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.on_playback_finished(playback_position=position, interrupted=interrupted)
