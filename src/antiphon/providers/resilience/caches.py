"""Speech that was made before and is given again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import struct
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from antiphon.agent import pii
from antiphon.core.audio import Pcm
from antiphon.core.speech import Approved, Speech, WordMark
from antiphon.ports import Synthesizer
from antiphon.providers.resilience.chain import name_of
from antiphon.providers.resilience.health import CacheHealth, Health, healths

SPEECH_BYTES = 16 * 1024 * 1024
"Fillers, greetings and confirmations recur; this holds about five minutes of them."
DISK_BYTES = 256 * 1024 * 1024

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The most recently used values, as many as fit into `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._kept: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> Value | None:
        """The value, which is then the last to be forgotten."""
        if (found := self._kept.get(key)) is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: str, value: Value, size: int) -> None:
        """The value is kept, unless it would fill a quarter of the room; the longest unused make room for it."""
        if size > self.capacity // 4:
            return
        self.drop(key)
        self._kept[key] = (value, size)
        self.size += size
        while self.size > self.capacity:
            self.drop(next(iter(self._kept)))

    def drop(self, key: str) -> None:
        """It is not kept any longer."""
        if (found := self._kept.pop(key, None)) is not None:
            self.size -= found[1]


def is_personal(text: str) -> bool:
    """Personal details are in it, so that nothing of it may outlive its call."""
    return bool(pii.find(text))


@dataclass(eq=False, slots=True)
class _Making:
    """A sentence that is being made into sound by one of those who asked for it."""

    made: list[Speech]
    news: asyncio.Event
    is_over: bool = False
    "Whoever made it has ended or left."
    is_whole: bool = False
    error: Exception | None = None


class CachedVoice:
    """A `Synthesizer` that makes each sentence once. What holds personal details is never kept."""

    def __init__(self, voice: Synthesizer, capacity: int = SPEECH_BYTES, folder: Path | None = None) -> None:
        """With a `folder` sentences outlive the process there, DISK_BYTES of them at most."""
        self.rate = voice.rate
        self.name = name_of(voice)
        self.inner = voice
        self._kept: Kept[tuple[Speech, ...]] = Kept(capacity)
        self._shelf = Shelf(folder) if folder is not None else None
        self._making: dict[str, _Making] = {}
        self._hits = self._misses = self._shared = self._refused = 0

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How the voice has been doing, and what the cache has brought."""
        kept = self._kept
        own = CacheHealth(
            "speech", self._hits, self._misses, self._shared, self._refused, len(kept), kept.size
        )
        return [*healths([self.inner], now), own]

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncGenerator[Speech, None]:
        """As `Synthesizer.speak`. Safe to cancel: who waits for the same sentence makes it then."""
        if is_personal(sentence.text):
            self._refused += 1
            async for piece in _closing(self.inner.speak(sentence, voice)):
                yield piece
            return
        key = speech_key(self.name, voice, self.rate, sentence.text)
        if (known := await self._known(key)) is not None:
            self._hits += 1
            for piece in known:
                yield piece
            return
        given = 0
        while (making := self._making.get(key)) is not None:
            self._shared += given == 0
            while given < len(making.made) or not making.is_over:
                if given < len(making.made):
                    given += 1
                    yield making.made[given - 1]
                    continue
                making.news.clear()
                await making.news.wait()
            if making.error is not None:
                raise making.error
            if making.is_whole:
                return
        self._misses += 1
        skip = given  # a voice in this process makes the same pieces again
        async with aclosing(self._make(key, sentence, voice)) as pieces:
            async for piece in pieces:
                if skip:
                    skip -= 1
                else:
                    yield piece

    async def _make(self, key: str, sentence: Approved, voice: str) -> AsyncGenerator[Speech, None]:
        making = self._making[key] = _Making([], asyncio.Event())
        try:
            async for piece in _closing(self.inner.speak(sentence, voice)):
                making.made.append(piece)
                making.news.set()
                yield piece
            making.is_whole = True
            if making.made:
                await self._keep(key, tuple(making.made))
        except Exception as error:
            making.error = error
            raise
        finally:
            making.is_over = True
            making.news.set()
            if self._making.get(key) is making:
                del self._making[key]

    async def _known(self, key: str) -> tuple[Speech, ...] | None:
        if (known := self._kept.get(key)) is not None or self._shelf is None:
            return known
        found = await asyncio.to_thread(self._shelf.get, key)
        if found is not None:
            self._kept.put(key, found, _bytes(found))
        return found

    async def _keep(self, key: str, speech: tuple[Speech, ...]) -> None:
        self._kept.put(key, speech, _bytes(speech))
        if self._shelf is not None:
            await asyncio.to_thread(self._shelf.put, key, speech)


class Shelf:
    """Speech in files, one for each sentence, named by the hash of what it says. Used from threads."""

    def __init__(self, folder: Path, capacity: int = DISK_BYTES) -> None:
        self._folder = folder
        self._capacity = capacity

    def get(self, key: str) -> tuple[Speech, ...] | None:
        """The speech; None when there is none that can be read."""
        try:
            data = (self._folder / f"{key}.speech").read_bytes()
            (length,) = struct.unpack_from("<I", data)
            pieces, at = [], 4 + length
            for rate, size, marks in json.loads(data[4:at]):
                sound = data[at : at + size]
                if len(sound) != size:
                    return None
                pieces.append(Speech(Pcm(sound, rate), tuple(WordMark(*mark) for mark in marks)))
                at += size
        except (OSError, ValueError, TypeError, struct.error):
            return None
        return tuple(pieces)

    def put(self, key: str, speech: Sequence[Speech]) -> None:
        """The speech is in its file; the oldest files make room for it. What cannot be written is not kept."""
        head = json.dumps(
            [(p.pcm.rate, len(p.pcm.data), [(m.chars, m.at) for m in p.marks]) for p in speech]
        ).encode()
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{key}.part"
            part.write_bytes(struct.pack("<I", len(head)) + head + b"".join(p.pcm.data for p in speech))
            part.replace(self._folder / f"{key}.speech")
            self._make_room()

    def _make_room(self) -> None:
        files = sorted(
            ((f.stat().st_mtime, f.stat().st_size, f) for f in self._folder.glob("*.speech")), reverse=True
        )
        size = 0
        for _, length, file in files:
            size += length
            if size > self._capacity:
                file.unlink(missing_ok=True)


def speech_key(name: str, voice: str, rate: int, text: str) -> str:
    """The address of what a voice makes of a text: equal content, equal address."""
    return hashlib.sha256(json.dumps([name, voice, rate, text]).encode()).hexdigest()


async def _closing(pieces: AsyncIterator[Speech]) -> AsyncGenerator[Speech, None]:
    """The pieces; whoever stops reading closes where they come from."""
    try:
        async for piece in pieces:
            yield piece
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _bytes(speech: Sequence[Speech]) -> int:
    return sum(len(piece.pcm.data) for piece in speech)
