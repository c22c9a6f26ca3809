"""Speech to text by a plugin of LiveKit Agents."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.ports import Heard, Used, bill
from antiphon.providers.hosted import within
from antiphon.providers.livekit_loading import Loaded, in_context, once, telling

if TYPE_CHECKING:
    from livekit import rtc
    from livekit.agents import stt

HEARING_RATE = 16_000
QUIETEST = 100
"Peak sample, −50 dB of full scale, under which nothing was said: it is not sent."


class LiveKitRecognizer:
    """A `Recognizer` that is a plugin's STT. What streams is told sound as it comes; else it gets all at the end."""

    rate = HEARING_RATE

    def __init__(self, loaded: Loaded[stt.STT[str]], settle_s: float = 5.0) -> None:
        """`settle_s`: seconds for an answer once the sound has ended."""
        self.name = loaded.name
        self.settle_s = settle_s
        self.loaded = loaded

    def open(self) -> LiveKitRecognition:
        """A new utterance with nothing said in it yet."""
        return LiveKitRecognition(self)

    async def close(self) -> None:
        """The plugin and its connections are closed."""
        await self.loaded.close()


class LiveKitRecognition:
    """One utterance. A stream can be ended once only, so what is said after `settle` is told to a new one, whole."""

    def __init__(self, recognizer: LiveKitRecognizer) -> None:
        self._recognizer = recognizer
        self._streams = recognizer.loaded.get().capabilities.streaming
        self._sound = bytearray()
        self._is_loud = False
        self._settled: tuple[int, Heard] | None = None
        self._hearing: _Hearing | None = None

    def push(self, pcm: Pcm) -> None:
        """`pcm`, 16 kHz, follows what was pushed before."""
        if pcm.rate != HEARING_RATE:
            raise ValueError(f"{self._recognizer.name} is given {HEARING_RATE} Hz, got {pcm.rate}")
        self._sound += pcm.data
        self._is_loud = self._is_loud or _peak(pcm.data) >= QUIETEST
        if self._hearing is not None:
            self._hearing.push(pcm.data)
        elif self._streams and self._is_loud:
            self._hearing = _Hearing(self._recognizer, bytes(self._sound))

    async def partial(self) -> Heard | None:
        """What the stream has made out so far; None without one, or when it has failed."""
        return self._hearing.guess() if self._hearing is not None else None

    async def settle(self) -> Heard:
        """The text of everything pushed so far. Raises ProviderError. Safe to cancel and call again."""
        length = len(self._sound)
        if not self._is_loud:
            return Heard("")
        if self._settled is None or self._settled[0] != length:
            name, settle_s = self._recognizer.name, self._recognizer.settle_s
            with telling(name):
                heard = await within(settle_s, self._stream() if self._streams else self._ask(), name)
            bill(Used("recognizer", name, length / BYTES_PER_SAMPLE / HEARING_RATE))
            self._settled = (length, heard)
        return self._settled[1]

    async def close(self) -> None:
        """The stream has ended; the sound is forgotten."""
        await self._stop()
        self._sound.clear()
        self._is_loud, self._settled = False, None

    async def _stream(self) -> Heard:
        hearing, self._hearing = self._hearing or _Hearing(self._recognizer, bytes(self._sound)), None
        try:
            return await hearing.end()
        finally:
            await hearing.stop()

    async def _stop(self) -> None:
        if self._hearing is not None:
            hearing, self._hearing = self._hearing, None
            await hearing.stop()

    async def _ask(self) -> Heard:
        from livekit.agents import stt

        loaded = self._recognizer.loaded
        context = (await loaded.context()).copy()
        options = once(self._recognizer.settle_s)
        event = await in_context(
            context, loaded.get().recognize(_frame(bytes(self._sound)), conn_options=options)
        )
        if event.type is not stt.SpeechEventType.FINAL_TRANSCRIPT:
            return Heard("")
        return _heard(event.alternatives[:1])


class _Hearing:
    """One stream of a plugin, and the task that reads it: its events come while nobody waits for them."""

    def __init__(self, recognizer: LiveKitRecognizer, sound: bytes) -> None:
        self._recognizer = recognizer
        self._ahead = bytearray(sound)
        "What came before the stream was there."
        self._stream: stt.RecognizeStream | None = None
        self._has_ended = False
        self._finals: list[stt.SpeechData] = []
        self._interim: stt.SpeechData | None = None
        self._reading = asyncio.get_running_loop().create_task(self._read(), name=f"{recognizer.name}: read")

    def push(self, data: bytes) -> None:
        """It follows what was pushed before."""
        if self._stream is None:
            self._ahead += data
        elif not self._reading.done():
            self._stream.push_frame(_frame(data))

    def guess(self) -> Heard | None:
        """What has been made out so far."""
        heard = _heard([*self._finals, *([self._interim] if self._interim is not None else [])])
        return heard if heard.text else None

    async def end(self) -> Heard:
        """The text of everything pushed. Raises what the plugin raises."""
        self._has_ended = True
        if self._stream is not None and not self._reading.done():
            self._stream.end_input()
        await self._reading
        return _heard(self._finals or ([self._interim] if self._interim is not None else []))

    async def stop(self) -> None:
        """The stream is closed, whatever became of it."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        from livekit.agents import stt

        loaded = self._recognizer.loaded
        context = await loaded.context()
        options = once(self._recognizer.settle_s)
        self._stream = stream = context.run(loaded.get().stream, conn_options=options)
        try:
            stream.push_frame(_frame(bytes(self._ahead)))
            self._ahead.clear()
            if self._has_ended:
                stream.end_input()
            async for event in stream:
                match event.type:
                    case stt.SpeechEventType.FINAL_TRANSCRIPT:
                        self._finals += event.alternatives[:1]
                        self._interim = None
                    case stt.SpeechEventType.INTERIM_TRANSCRIPT | stt.SpeechEventType.PREFLIGHT_TRANSCRIPT:
                        self._interim = next(iter(event.alternatives), None)
        finally:
            await stream.aclose()


def _heard(parts: Sequence[stt.SpeechData]) -> Heard:
    text = " ".join(part.text.strip() for part in parts if part.text.strip())
    told = [part.confidence for part in parts if part.confidence > 0]  # plugins that cannot tell say 0
    return Heard(text, min(1.0, sum(told) / len(told)) if told else 1.0)


def _peak(data: bytes) -> int:
    return int(np.abs(np.frombuffer(data, np.int16).astype(np.int32)).max(initial=0))


def _frame(data: bytes) -> rtc.AudioFrame:
    from livekit import rtc

    return rtc.AudioFrame(data, HEARING_RATE, 1, len(data) // 2)
