"""The live voice of a supervisor who is not in the room, as a second track of the agent's."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from livekit import rtc

from antiphon.core.audio import Pcm
from antiphon.hosts.livekit_room.errands import Errands
from antiphon.session.resampling import Resampler

log = structlog.get_logger(__name__)

TRACK = "teacher"
"The track's name."
RATE = 48_000
BEHIND = 0.4
"Seconds of voice that may wait: what is older is lost, or the person would be heard ever later."


class Relay:
    """One room's. The track is there from the first voice on, for the rest of the stay."""

    def __init__(self, room: rtc.Room, beside: Errands) -> None:
        self._room = room
        self._beside = beside
        self._waiting: deque[Pcm] = deque()
        self._due = asyncio.Event()
        self._is_open = False
        self._resampler: Resampler | None = None
        self._from = 0

    def open(self) -> None:
        """Somebody is about to speak."""
        if not self._is_open:
            self._is_open = True
            self._beside.run(self._publish(), "teacher's voice")

    def push(self, pcm: Pcm) -> None:
        """The room hears `pcm`."""
        if pcm.rate != RATE:
            if self._resampler is None or self._from != pcm.rate:
                self._resampler, self._from = Resampler(pcm.rate, RATE), pcm.rate
            pcm = self._resampler.resample(pcm)
        self._waiting.append(pcm)
        while len(self._waiting) > 1 and sum(len(one) for one in self._waiting) > BEHIND * RATE:
            self._waiting.popleft()
        self._due.set()

    async def _publish(self) -> None:
        source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        try:
            track = rtc.LocalAudioTrack.create_audio_track(TRACK, source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await self._room.local_participant.publish_track(track, options)
            while True:
                while self._waiting:
                    pcm = self._waiting.popleft()
                    if len(pcm):
                        await source.capture_frame(rtc.AudioFrame(pcm.data, RATE, 1, len(pcm)))
                self._due.clear()
                await self._due.wait()
        finally:
            self._is_open = False
            await source.aclose()
