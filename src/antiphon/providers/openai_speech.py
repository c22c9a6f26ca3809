"""OpenAI's ears and voice, and every server that speaks the same protocol.

Facts: https://platform.openai.com/docs/api-reference/audio. An utterance is sent whole when it is over; a
sentence comes back as a stream of PCM16 at 24 kHz.
"""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.pronunciation import spoken
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Heard, Used, bill
from antiphon.providers.hosted import Patience, patiently, within
from antiphon.providers.local_text import loud_seconds, without_invention
from antiphon.providers.openai_wire import OpenAIWire
from antiphon.providers.utterances import WholeUtterance
from antiphon.providers.voice_streaming import Pace, streamed

if TYPE_CHECKING:
    from openai.types.audio import Transcription

HEARING_RATE = 16_000
SPEAKING_RATE = 24_000
QUIETEST = 100
"Peak sample, −50 dB of full scale, under which nothing was said: it is not sent."
SHORTEST_S = 0.1
"Seconds of sound in which no word fits; the API refuses less."
CHUNK = 4800
"Bytes handed on at a time, 0.1 s."


class OpenAIRecognizer:
    """A `Recognizer` behind transcriptions. One for the whole process: utterances share its connections."""

    rate = HEARING_RATE

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        name: str = "",
        language: str = "en",
        settle_s: float = 5.0,
        options: Mapping[str, object] | None = None,
    ) -> None:
        """`settle_s`: seconds for an answer. `options` go into every request as they are, such as `prompt`.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        self.name = name or f"openai/{model}"
        self.model = model
        self.language = language
        self._settle_s = settle_s
        self._options = dict(options or {})
        self._wire = OpenAIWire(
            base_url, api_key=api_key, provider=self.name, patience=Patience(settle_s, settle_s)
        )
        self._tells_sureness = True

    def open(self) -> WholeUtterance:
        """A new utterance with nothing said in it yet."""
        return WholeUtterance(self.name, HEARING_RATE, self.transcribe)

    async def close(self) -> None:
        """Every connection is closed; what is being recognized fails."""
        await self._wire.close()

    async def transcribe(self, sound: Pcm) -> Heard:
        """The words in `sound`, which is not sent when it is silent. Raises ProviderError."""
        samples = np.frombuffer(sound.data, np.int16)
        if sound.seconds < SHORTEST_S or np.abs(samples.astype(np.int32)).max() < QUIETEST:
            return Heard("")
        used = Used("recognizer", self.name, sound.seconds)
        try:
            with self._wire.telling():
                told = await within(self._settle_s, self._ask(sound), self.name)
        except asyncio.CancelledError:  # the caller went on: the sound was sent all the same
            bill(replace(used, is_estimate=True))
            raise
        bill(used)
        text = told.text if isinstance(getattr(told, "text", None), str) else None
        if text is None:
            raise self._wire.garbled("without a text")
        text = without_invention(text.strip(), loud_seconds(samples, sound.rate))
        return Heard(text, _sureness(told))

    async def _ask(self, sound: Pcm) -> Transcription:
        # Only some models tell how sure they are, and only the refusal tells which.
        asks = self._tells_sureness
        body: dict[str, object] = {**self._options, **({"include": ["logprobs"]} if asks else {})}
        try:
            answer = await self._wire.client.audio.transcriptions.create(
                file=("speech.wav", wav(sound), "audio/wav"),
                model=self.model,
                language=self.language,
                response_format="json",
                extra_body=body,
            )
        except self._wire.sdk.BadRequestError:
            if not asks:
                raise
            self._tells_sureness = False
            return await self._ask(sound)
        return answer


class OpenAIVoice:
    """A `Synthesizer` behind speech. One for the whole process: sentences share its connections.

    The vendor does not say when which word sounds, so word marks are estimated: see `voice_streaming`.
    """

    rate = SPEAKING_RATE

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        voice: str,
        overrides: bool = False,
        name: str = "",
        patience: Patience | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        """`voice` speaks where an agent names none, or always if it `overrides`, or where the one named is
        refused. `options` go into every request as they are, such as `instructions` or `speed`.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        self.name = name or f"openai/{model}"
        self.model = model
        self.voice = voice
        self._overrides = overrides
        self._patience = patience or Patience(first_s=4.0, between_s=3.0)
        self._options = dict(options or {})
        self._wire = OpenAIWire(base_url, api_key=api_key, provider=self.name, patience=self._patience)
        self._paces: dict[str, Pace] = {}
        self._unknown: set[str] = set()
        "Voices that were refused."

    @property
    def address(self) -> str:
        """Of the server."""
        return str(self._wire.client.base_url)

    async def close(self) -> None:
        """Every connection is closed; sentences under way fail."""
        await self._wire.close()

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech, piece by piece as it comes. Raises ProviderError.

        Blank text and bare symbols yield nothing. Cancelling or closing it ends the request.
        """
        words = spoken(sentence.text)
        if not words:
            return
        voice = self.voice if self._overrides or not voice or voice in self._unknown else voice
        pace = self._paces.setdefault(voice, Pace())
        sound = patiently(
            self._sound(" ".join(word.text for word in words), voice), self._patience, bool, self.name
        )
        has_sound = False
        async with (
            aclosing(sound),
            aclosing(streamed(sound, self.rate, sentence.text, words, pace)) as pieces,
        ):
            async for piece in pieces:
                has_sound = True
                yield piece
        if not has_sound:
            raise self._wire.garbled("with no sound")

    async def _sound(self, text: str, voice: str) -> AsyncGenerator[bytes, None]:
        with self._wire.telling():
            try:
                async with aclosing(self._asked(text, voice)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            except self._wire.sdk.BadRequestError as error:
                if voice == self.voice or "voice" not in (error.param or error.message):
                    raise
                self._unknown.add(voice)
                async with aclosing(self._asked(text, self.voice)) as chunks:
                    async for chunk in chunks:
                        yield chunk

    async def _asked(self, text: str, voice: str) -> AsyncGenerator[bytes, None]:
        request = self._wire.client.audio.speech.with_streaming_response.create(
            model=self.model, voice=voice, input=text, response_format="pcm", extra_body=self._options
        )
        async with request as response:
            kind = response.headers.get("content-type", "")
            if kind.startswith(("application/json", "text/")):
                raise self._wire.garbled(f"with {kind} in place of sound")
            length, is_whole = 0, False
            try:
                async for chunk in response.iter_bytes(CHUNK):
                    length += len(chunk)
                    yield chunk
                is_whole = True
            finally:
                seconds = length / BYTES_PER_SAMPLE / SPEAKING_RATE
                bill(Used("voice", self.name, seconds, len(text), is_estimate=not is_whole))


def wav(sound: Pcm) -> bytes:
    """`sound` as a WAV file: RIFF, PCM16, mono."""
    size = len(sound.data)
    layout = struct.pack("<IHHIIHH", 16, 1, 1, sound.rate, 2 * sound.rate, 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", size)
    return head + sound.data


def _sureness(told: Transcription) -> float:
    """The mean probability of the text's tokens; 1 where the server does not tell."""
    logs = [token.logprob for token in told.logprobs or () if token.logprob is not None]
    return min(1.0, math.exp(sum(logs) / len(logs))) if logs else 1.0
