"""What the user says, told as items: begun, ended, committed, made out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from antiphon.transports.realtime.items import Items
from antiphon.wire import openai_realtime as rt

LEAST_MS = 100
"Milliseconds of sound below which there is nothing to commit."


class UserSpeech:
    """The user's voice as its client is told of it. `ms` are of all the sound that came in the session."""

    def __init__(
        self, items: Items, say: Callable[[rt.ServerEvent], None], new_id: Callable[[str], str]
    ) -> None:
        self.input: rt.AudioInput = rt.AudioInput()
        self._items = items
        self._say = say
        self._new_id = new_id
        self._item: str | None = None
        "Of the speech that has begun and is not committed."
        self._began_ms = self._stopped_ms = 0
        self._is_stopped = False
        self._burst_ms: int | None = None
        "Where speech over the agent's voice began whose meaning is not known yet."
        self._committed_ms = 0
        self._unheard: deque[tuple[str, int]] = deque()
        "Items that the client committed, whose words are still being made out, and how many ms they last."
        self._awaited = 0
        "So many of them are turns of the conversation by now."

    @property
    def is_open(self) -> bool:
        """The user has said something that is no item yet."""
        return self._item is not None and not self._is_stopped

    def begins(self, ms: int, over_agent: bool) -> None:
        """The user makes a sound; over the agent's voice that may mean nothing."""
        if over_agent:
            self._burst_ms = ms if self._burst_ms is None else self._burst_ms
        else:
            self._start(ms)

    def is_meant(self) -> None:
        """The speech over the agent's voice was meant to stop it."""
        if self._burst_ms is not None:
            self._start(self._burst_ms)

    def is_not_meant(self) -> None:
        self._burst_ms = None

    def stops(self, ms: int) -> None:
        self._stopped_ms = ms

    def is_committed(self, *, has_words: bool) -> None:
        """The conversation knows of a commit; without words there is nothing to be made out of it."""
        self._awaited += 1
        if not has_words:
            self._tell_missing()

    def nothing_said(self) -> None:
        """What had begun as speech held no words."""
        self._tell_missing()
        if self._item is not None and not self._is_stopped:
            self._is_stopped = True
            self._say(rt.SpeechStopped(self._item, max(self._stopped_ms, self._began_ms)))

    def commit(self, ms: int) -> None:
        """The client says that this is an item. Raises EventRefused when it holds next to nothing."""
        if ms - self._committed_ms < LEAST_MS:
            raise rt.EventRefused(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{LEAST_MS}ms of audio, but buffer only has {ms - self._committed_ms}.00ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        length = ms - self._committed_ms
        self._unheard.append((self._add(ms, None), length))

    def clear(self, ms: int) -> None:
        """What was not committed is forgotten."""
        self._committed_ms = ms
        self._item = self._burst_ms = None

    def idle(self, ms: int, after_ms: int) -> None:
        """Nothing was said for so long: an item without words stands for the silence."""
        id = self._item = self._new_id("item")
        self._say(rt.TimeoutTriggered(id, max(0, ms - after_ms), ms))
        self._add(ms, "")

    def words(self, text: str, ms: int) -> tuple[str, int]:
        """The words of what the user said are known, and it is a turn. Returns the item, and its length in ms."""
        if self._unheard:
            self._awaited = max(0, self._awaited - 1)
            id, length = self._unheard.popleft()
            if isinstance(item := self._items.find(id), rt.Message):
                self._items.put(replace(item, content=(rt.InputAudio(transcript=text),)))
        else:
            self._start(self._stopped_ms if self._burst_ms is None else self._burst_ms)
            stopped = max(self._stopped_ms, self._began_ms)
            if not self._is_stopped and self._item is not None:
                self._say(rt.SpeechStopped(self._item, stopped))
            length = stopped - self._began_ms
            id = self._add(ms, text)
        self._tell_words(id, text, length)
        return id, length

    def _tell_words(self, id: str, text: str, length: int) -> None:
        if self.input.transcription is not None:
            if text:
                self._say(rt.TranscriptionDelta(id, text))
            self._say(rt.TranscriptionCompleted(id, text, rt.DurationUsage(round(length / 1000, 3))))

    def _tell_missing(self) -> None:
        """What was committed and held no words has none."""
        while self._awaited and self._unheard:
            self._awaited -= 1
            id, length = self._unheard.popleft()
            self._tell_words(id, "", length)
        self._awaited = 0

    def _start(self, ms: int) -> None:
        self._burst_ms = None
        if self._item is None or self._is_stopped:
            self._item = self._item or self._new_id("item")
            self._began_ms, self._is_stopped = ms, False
            self._say(rt.SpeechStarted(self._item, ms))

    def _add(self, ms: int, text: str | None) -> str:
        item: rt.Item = rt.Message(
            id=self._item, status="completed", role="user", content=(rt.InputAudio(transcript=text),)
        )
        item, behind = self._items.add(item)
        assert item.id is not None
        self._say(rt.AudioCommitted(item.id, behind))
        self._say(rt.ItemAdded(item, behind))
        self._say(rt.ItemDone(item, behind))
        self._committed_ms = ms
        self._item = None
        return item.id
