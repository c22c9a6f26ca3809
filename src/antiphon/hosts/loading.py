"""What a server needs longest, on its way in threads of its own from the first moment of the process.

Networks are built outside the interpreter's lock, so they cost no time while the rest of the program is being
imported; and the embedded database is a process of its own. The imports of this module are few and in order:
what needs no settings is on its way before the settings are imported.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antiphon.core.errors import SetupError
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_smart_turn import SmartTurn

if TYPE_CHECKING:
    from antiphon.config import Settings
    from antiphon.ports import Recognizer, Synthesizer

AWAKE_FOR = 60.0
"Seconds the database is kept running for a stage that does not come."


@dataclass(frozen=True, slots=True)
class Models:
    """The models that calls are held with."""

    recognizer: Recognizer
    turns: SmartTurn
    voice: Synthesizer


class Loading:
    """What every server needs, on its way into memory; and once `name` is called what the settings name."""

    settings: Settings

    def __init__(self) -> None:
        self.encoder = MiniLM()
        "To be closed by whoever made this. Can be asked at once: it answers when it is loaded."
        self._named: Future[Settings] = Future()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
        self.models: Future[Models] = self._thread.submit(asyncio.run, _models(self._named, self.encoder))
        "Fails with SetupError when something is missing."
        self._thread.shutdown(wait=False)
        self._is_open = threading.Event()

    def name(self, settings: Settings) -> Loading:
        """The rest is on its way as well. To be called once."""
        self.settings = settings
        self._named.set_result(settings)
        if settings.store == "postgres" and not settings.database_url.get_secret_value():
            waking = threading.Thread(target=asyncio.run, args=[self._wake()], daemon=True, name="waking")
            waking.start()
        return self

    def give_up(self) -> None:
        """Nobody will name what is to be loaded."""
        self._named.set_exception(SetupError("there are no settings"))

    def opened(self) -> None:
        """The stage has the store open, or never will: it need not be kept awake from here."""
        self._is_open.set()

    async def _wake(self) -> None:
        """The embedded database runs, until the stage has opened it. What fails here fails there, and is told."""
        from antiphon.store.embedded import Embedded

        with suppress(SetupError):
            async with Embedded(self.settings.data / "postgres"):
                await asyncio.to_thread(self._is_open.wait, AWAKE_FOR)


_begun: list[Loading] = []
"What was begun before anybody asked for it: one at most."


def begin() -> None:
    """The models that the environment names are loading; the next `take` gets them."""
    loading = Loading()
    from antiphon.config import read_settings

    try:
        _begun[:] = [loading.name(read_settings())]
    except SetupError:
        loading.give_up()  # whoever needs the settings reads them again, and tells


def take(settings: Settings) -> Loading:
    """Models that are loading: those that were begun, if they are the ones `settings` name."""
    early = _begun.pop() if _begun else None
    return early if early is not None and early.settings == settings else Loading().name(settings)


def forget() -> None:
    """Nothing is kept awake for a stage that does not come any more: a process that ends need not wait for it."""
    while _begun:
        _begun.pop().opened()


async def _models(named: Future[Settings], encoder: MiniLM) -> Models:
    async with asyncio.TaskGroup() as tasks:
        turns = tasks.create_task(asyncio.to_thread(SmartTurn), name="load: turns")
        tasks.create_task(encoder.warm_up(), name="load: encoder")
        settings = await asyncio.wrap_future(named)
        voice = tasks.create_task(_voice(settings), name="load: voice")
        recognizer = tasks.create_task(asyncio.to_thread(_recognizer, settings), name="load: recognizer")
    return Models(recognizer.result(), turns.result(), voice.result())


def _recognizer(settings: Settings) -> Recognizer:
    from antiphon.providers import registry
    from antiphon.providers.resilience import first_recognizer

    return first_recognizer([registry.recognizer(settings.stt)])


async def _voice(settings: Settings) -> Synthesizer:
    """The voice, which has spoken once, and from then on remembers what it has said."""
    from antiphon.agent.guardrail import Gate
    from antiphon.providers import registry
    from antiphon.providers.resilience import CachedVoice, first_voice

    voice = registry.synthesizer(settings.tts, settings.data / "cache")
    async for _ in voice.speak(Gate.vouch("Ready.")):
        pass
    folder = settings.data / "cache" / "speech" if settings.keep_speech else None
    return CachedVoice(first_voice([voice]), folder=folder)


async def listened(recognizer: Recognizer) -> None:
    """The recognizer, or each of a chain, has listened once, and so is all in memory."""
    from antiphon.core.audio import silence
    from antiphon.providers.resilience import FirstRecognizer

    chained = recognizer.chain.providers if isinstance(recognizer, FirstRecognizer) else (recognizer,)
    for one in chained:  # without the chain's impatience: loading takes as long as it takes
        recognition = one.open()
        recognition.push(silence(1.0, one.rate))
        await recognition.settle()
        await recognition.close()
