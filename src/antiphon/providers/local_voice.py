"""A voice that runs in this process: one worker thread and short jobs. `resilience.CachedVoice` remembers."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

from antiphon.core.errors import ProviderError
from antiphon.core.pronunciation import SpokenWord, spoken
from antiphon.core.speech import Approved, Speech
from antiphon.providers.voice_shaping import Clip, Shaper, calls

_ENGINE_ERRORS = (Fail, InvalidArgument, RuntimeException, RuntimeError, ValueError, LookupError, TypeError)
"What an engine raises on text it cannot cope with; onnxruntime's own errors share no base."


class LocalVoice(ABC):
    """A synthesizer with one voice and one thread, shared by every session.

    A job of the thread is one clause, so that callers take turns. Names of voices it does not have are
    spoken with the one it has. A subclass says how to load the engine and how to read words aloud.
    """

    name: str
    rate: int

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"voice-{self.name}")
        self._is_loaded = False

    @abstractmethod
    def load(self) -> None:
        """The engine is in memory. Runs in the worker thread."""

    @abstractmethod
    def read(self, words: Sequence[str]) -> Clip:
        """`words` as sound, with one end for each. Runs in the worker thread."""

    async def warm_up(self) -> None:
        """The engine is loaded and has spoken once, so that the first caller does not wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._read, spoken("Ready."))

    def close(self) -> None:
        """The worker thread ends when its current job does. Nothing can be spoken any more."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech in pieces of a quarter of a second. Raises ProviderError, SetupError.

        Blank text and bare symbols yield nothing. Safe to cancel anywhere; what was begun is dropped.
        """
        words = spoken(sentence.text)
        shaper = Shaper(self.rate, sentence.text, words)
        for portion in calls(words):
            clip = await asyncio.get_running_loop().run_in_executor(self._worker, self._read, portion)
            for piece in shaper.shape(clip):
                yield piece

    def _read(self, portion: Sequence[SpokenWord]) -> Clip:
        if not self._is_loaded:
            self.load()
            self._is_loaded = True
        try:
            return self.read([word.text for word in portion])
        except _ENGINE_ERRORS as error:
            raise ProviderError(f"{self.name} cannot speak: {error}", provider=self.name) from error
