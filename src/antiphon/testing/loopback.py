"""A transport without a network: a scripted caller with a microphone and an exact player, in loop time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from antiphon.core import events as e
from antiphon.core.audio import Pcm, silence
from antiphon.core.notes import Note, SoundSent
from antiphon.transports.outflow import Outflow

FRAME = 0.02
"Seconds of sound in one microphone frame."


@dataclass(frozen=True, slots=True)
class Saying:
    """The caller makes sound from `at` for `seconds`, counted from the start of the call."""

    at: float
    seconds: float


@dataclass(eq=False)
class Loopback:
    """One scripted caller. After `hang_up_at` seconds they leave.

    The player plays what was sent to it at exactly its rate, acknowledges every `ack` seconds, and takes
    `delay` seconds to hear of anything.
    """

    sayings: Sequence[Saying] = ()
    acts: Sequence[tuple[float, e.UserEvent]] = ()
    "What the caller does otherwise: (seconds, Typed or InterruptAsked)."
    hang_up_at: float = 20.0
    mic_rate: int = 16_000
    play_rate: int = 24_000
    ack: float = 0.05
    delay: float = 0.01
    shown: list[tuple[float, e.Event | e.Command | Note]] = field(default_factory=list)
    "Everything the session showed, with its time from the start of the call."
    played: dict[int, int] = field(default_factory=dict)
    "Samples of each turn that reached the caller's ear."
    first_sound: dict[int, float] = field(default_factory=dict)
    "When the first sample of each turn left, seconds from the start of the call."

    live: bytearray = field(default_factory=bytearray)
    "What a person who took over said, PCM16."

    def __post_init__(self) -> None:
        self._outflow = Outflow(self.play_rate)
        self._due = asyncio.Event()
        self._inbox: asyncio.Queue[e.UserEvent | e.Played | e.PlayoutCleared] = asyncio.Queue()
        self._hear: Callable[[Pcm], None]
        self._started: float | None = None
        self._arrived = 0
        self._dead = 0
        self._held = False

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        loop_time = asyncio.get_running_loop().time()
        self._started = loop_time if self._started is None else self._started
        return loop_time - self._started

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        """The caller speaks and listens until cancelled."""
        self._hear = hear
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._speak(), name="loopback: microphone")
            tasks.create_task(self._listen(), name="loopback: player")
            sentence = (0, -1)
            while True:
                while (frame := self._outflow.next()) is not None:
                    self.first_sound.setdefault(frame.turn, self.now)
                    if (frame.turn, frame.sentence) > sentence:
                        sentence = (frame.turn, frame.sentence)
                        emit(SoundSent(frame.turn, frame.sentence))
                    asyncio.get_running_loop().call_later(
                        self.delay, self._arrive, frame.turn, frame.offset + len(frame.data) // 2
                    )
                self._due.clear()
                await self._due.wait()

    async def receive(self) -> e.UserEvent | e.Played | e.PlayoutCleared:
        return await self._inbox.get()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        if turn != self._outflow.turn:
            self._arrived = 0
        self._outflow.play(turn, sentence, pcm)
        self._due.set()

    def relay(self, pcm: Pcm) -> None:
        self.live += pcm.data

    def hold(self, turn: e.TurnId) -> None:
        self._outflow.hold()
        asyncio.get_running_loop().call_later(self.delay, self._hold, True)

    def resume(self, turn: e.TurnId) -> None:
        self._outflow.resume()
        self._due.set()
        asyncio.get_running_loop().call_later(self.delay, self._hold, False)

    def clear(self, turn: e.TurnId) -> None:
        self._outflow.clear(turn)
        asyncio.get_running_loop().call_later(self.delay, self._clear, turn)

    def show(self, news: e.Event | e.Command | Note) -> None:
        self.shown.append((self.now, news))

    def commands(self, kind: type[e.Command]) -> list[tuple[float, e.Command]]:
        """The commands of that kind that were shown, with their times."""
        return [(t, news) for t, news in self.shown if isinstance(news, kind) and isinstance(news, e.Command)]

    # ---- the caller's side -----------------------------------------------------------------------------
    async def _speak(self) -> None:
        samples = round(FRAME * self.mic_rate)
        quiet = silence(FRAME, self.mic_rate)
        loud = Pcm((b"\x00\x20\x00\xe0" * samples)[: 2 * samples], self.mic_rate)
        acts = sorted(self.acts, key=lambda act: act[0])
        start, frames = self.now, 0
        while self.now < self.hang_up_at:
            t = self.now
            is_loud = any(s.at <= t < s.at + s.seconds for s in self.sayings)
            self._hear(loud if is_loud else quiet)
            while acts and acts[0][0] <= t:
                self._inbox.put_nowait(acts.pop(0)[1])
            frames += 1
            await asyncio.sleep(max(0.0, start + frames * FRAME - self.now))
        self._inbox.put_nowait(e.HungUp("the script ended"))

    async def _listen(self) -> None:
        turn = last = 0
        while True:
            await asyncio.sleep(self.ack)
            if self._outflow.turn != turn:
                turn, last = self._outflow.turn, 0
            if self._held or turn <= self._dead:
                continue
            heard = min(self._arrived, self.played.get(turn, 0) + round(self.ack * self.play_rate))
            self.played[turn] = heard
            if heard != last:
                last = heard
                asyncio.get_running_loop().call_later(self.delay, self.acknowledge, turn, heard, False)

    def _arrive(self, turn: int, samples: int) -> None:
        if turn == self._outflow.turn:
            self._arrived = max(self._arrived, samples)

    def _hold(self, is_held: bool) -> None:
        self._held = is_held

    def _clear(self, turn: int) -> None:
        self._dead = max(self._dead, turn)
        self._held = False
        self.acknowledge(turn, self.played.get(turn, 0), True)

    def sent(self, turn: e.TurnId) -> int:
        """Samples of the turn that left, 0 for one that is not being played."""
        return self._outflow.sent if turn == self._outflow.turn else 0

    def speak(self, pcm: Pcm) -> None:
        """The microphone picks up `pcm` besides what the script says. Only while `run` runs."""
        self._hear(pcm)

    def say(self, event: e.UserEvent) -> None:
        """The caller does something that is not in the script."""
        self._inbox.put_nowait(event)

    def acknowledge(self, turn: e.TurnId, samples: int, is_final: bool) -> None:
        """The player has played so much of the turn; with `is_final` it plays no more of it."""
        count = self._outflow.acknowledge(turn, samples)
        if count is not None:
            self._inbox.put_nowait(e.PlayoutCleared(turn, count) if is_final else e.Played(turn, count))
        self._due.set()
