"""A caller's sound, cut into what the voice activity detector judges at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.ports import VoiceActivityDetector
from antiphon.session.resampling import Resampler

log = structlog.get_logger(__name__)

Judged = Callable[[bytes, float, float], None]
"Takes a frame, P(speech) in it, and when the last of it had arrived, in session seconds."


class Frames:
    """The frames of one caller, each judged in its turn.

    A frame is given to the detector as soon as it is whole: a detector that gathers the frames of many callers
    may take longer than a frame to answer, and still nobody falls behind.
    """

    def __init__(
        self, vad: VoiceActivityDetector, judged: Judged, now: Callable[[], float], max_behind: float
    ) -> None:
        """`judged` is called on the loop, in the order of the sound. It must not block."""
        self.dropped = 0.0
        "Seconds of sound that came faster than it could be judged."
        self._activity = vad.open()
        self._rate = vad.rate
        self._size = vad.frame * BYTES_PER_SAMPLE
        self._seconds = vad.frame / vad.rate
        self._most = max(1, round(max_behind / self._seconds))
        self._max_behind = max_behind
        self._judged = judged
        self._now = now
        self._resampler: Resampler | None = None
        self._rest = b""
        self._waiting: deque[tuple[asyncio.Future[float], Callable[[float], None]]] = deque()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def push(self, pcm: Pcm) -> None:
        """`pcm`, of any rate and length, has just arrived. Never blocks."""
        arrived, size = self._now(), self._size
        sound = self._rest + self._resampled(pcm)
        whole = len(sound) - len(sound) % size
        self._rest = sound[whole:]
        for at in range(0, whole, size):
            self._ask(sound[at : at + size], arrived)

    def after(self, reached: Callable[[], None]) -> None:
        """`reached` is called on the loop once everything that was pushed so far is judged."""
        if not self._waiting:
            reached()
            return
        mark: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        mark.set_result(0.0)
        self._waiting.append((mark, lambda _: reached()))

    async def run(self) -> None:
        """Frames are judged until this is cancelled. Raises what the detector raised, or who takes its word."""
        try:
            await self._broken
        finally:
            while self._waiting:
                self._waiting.popleft()[0].cancel()

    def _ask(self, frame: bytes, arrived: float) -> None:
        if self._broken.done():
            return
        if len(self._waiting) >= self._most:
            if not self.dropped:
                log.warning("ears fall behind: sound is dropped", behind_s=self._max_behind)
            self.dropped += self._seconds
            return
        answer = asyncio.ensure_future(self._activity.probability(Pcm(frame, self._rate)))
        self._waiting.append((answer, lambda p: self._judged(frame, p, arrived)))
        if answer.done():
            self._answered(answer)
        else:
            answer.add_done_callback(self._answered)

    def _answered(self, _: asyncio.Future[float]) -> None:
        """Whatever is known without a gap is passed on."""
        waiting = self._waiting
        while waiting and waiting[0][0].done() and not self._broken.done():
            answer, take = waiting.popleft()
            if answer.cancelled():
                continue
            try:
                take(answer.result())
            except Exception as error:  # noqa: BLE001 - it is raised by `run`, whose owner knows what to do
                self._broken.set_exception(error)

    def _resampled(self, pcm: Pcm) -> bytes:
        if pcm.rate == self._rate:
            self._resampler = None
            return pcm.data
        if self._resampler is None or self._resampler.source != pcm.rate:
            self._resampler = Resampler(pcm.rate, self._rate)
        return self._resampler.resample(pcm).data
