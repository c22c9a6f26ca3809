"""What every driver shares: the little of Antiphon's wire protocol that a caller of the bench needs, the voice
that all frameworks speak with, and the notes of what happened when.

Runs in the framework's own environment, so it imports nothing but the standard library and numpy. The protocol is
`docs/reference/orchestrate.md`; what a framework does not do (routes, verdicts, acknowledged playout) is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import numpy as np

PATH = "/orchestrate"
RATE_IN, RATE_OUT = 16_000, 24_000
LOUDNESS = 8000
LAG_EVERY_S = 0.1
HEADER = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Voiced:
    """A sentence as sound (PCM16 mono at `RATE_OUT`), and from when to when each word of it is heard, seconds."""

    pcm: bytes
    words: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Speaker:
    """The voice of the script. Makes every sentence once and then keeps it: an instant voice."""

    char_ms: float
    recorded: dict[str, Voiced]

    @classmethod
    def of(cls, options: argparse.Namespace) -> Speaker:
        """The one that the command line asks for."""
        recorded = {}
        if options.recording is not None:
            for text, (name, words) in json.loads(options.recording.read_text(encoding="utf-8")).items():
                pcm = options.recording.with_name(name).read_bytes()
                recorded[text] = Voiced(pcm, tuple((word, start, stop) for word, start, stop in words))
        return cls(options.char_ms, recorded)

    def say(self, text: str) -> Voiced:
        """The sentence as it was recorded, or in tones."""
        return self.recorded.get(text.strip()) or toned(text.strip(), self.char_ms)


@lru_cache(maxsize=64)
def toned(text: str, char_ms: float) -> Voiced:
    """Every word as a square wave as long as its letters, one letter of silence after it.

    The same sound as that of `antiphon.testing.voices.ScriptedSynthesizer`.
    """
    char = round(char_ms / 1000 * RATE_OUT)
    pieces, words, at = [], [], 0
    for word in text.split():
        half = RATE_OUT // (400 + sum(map(ord, word)) % 1200)
        length = len(word) * char
        wave = np.where(np.arange(length) // half % 2 == 0, LOUDNESS, -LOUDNESS).astype("<i2")
        pieces += [wave.tobytes(), bytes(2 * char)]
        words.append((word, at / RATE_OUT, (at + length) / RATE_OUT))
        at += length + char
    return Voiced(b"".join(pieces), tuple(words))


class Notes:
    """What happened when, one JSON object a line; times are of CLOCK_MONOTONIC."""

    def __init__(self, file: Path) -> None:
        self._file: TextIO = file.open("a", encoding="utf-8")

    def add(self, event: str, session: str, at: float | None = None, **more: str | int) -> None:
        told = {"event": event, "session": session, "at": time.monotonic() if at is None else at, **more}
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()


@dataclass
class Call:
    """One caller. `outbox` holds what is still to be written to the socket, in order."""

    session: str
    reply: str
    notes: Notes
    outbox: asyncio.Queue[str | bytes] = field(default_factory=asyncio.Queue)
    turn: int = 0
    sent: int = 0
    "Samples of the turn that were handed on."
    is_fresh: bool = True
    "The next sound begins another turn."
    phase: str = "idle"

    def begin_turn(self) -> None:
        """Sound from now on belongs to another turn."""
        self.is_fresh = True

    def framed(self, pcm: bytes) -> list[str | bytes]:
        """What is to be written to the socket for the sound, and what goes before it where it begins a turn."""
        before: list[str | bytes] = []
        if self.is_fresh:
            self.is_fresh, self.turn, self.sent = False, self.turn + 1, 0
            text = self.reply.replace("|", " ")
            before.append(_json("sentence", turn=self.turn, sentence=0, text=text, purpose="answer"))
        frame = HEADER.pack(self.turn, self.sent) + pcm
        self.sent += len(pcm) // 2
        return [*before, frame]

    def wrote(self, message: str | bytes) -> None:
        """Has to be called after each message was written: the first sound of a turn is noted."""
        if isinstance(message, bytes) and HEADER.unpack_from(message)[1] == 0:
            self.notes.add("sounded", self.session, turn=HEADER.unpack_from(message)[0])

    def say(self, kind: str, **fields: Any) -> None:
        """A message to the caller, after what is still to be written."""
        self.outbox.put_nowait(_json(kind, **fields))

    def be(self, phase: str) -> None:
        """The conversation is in that phase."""
        if phase != self.phase:
            self.phase = phase
            self.say("phase", phase=phase, turn=self.turn)

    def remembered(self, text: str, is_cut: bool) -> None:
        """The framework keeps that line of the agent's."""
        self.say("remembered", turn=self.turn, role="agent", text=text, is_cut=is_cut)

    def ready(self) -> str:
        """The first message of a call."""
        return _json("ready", session=self.session, agent="scripted", rate=RATE_IN, play_rate=RATE_OUT)


def _json(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


class Lags:
    """How late the event loop is, milliseconds, asked ten times a second as our own server is."""

    def __init__(self) -> None:
        self._ms: deque[float] = deque(maxlen=100_000)

    def start(self) -> None:
        loop = asyncio.get_running_loop()

        def check(due: float) -> None:
            now = loop.time()
            self._ms.append(round((now - due) * 1000, 3))
            loop.call_at(now + LAG_EVERY_S, check, now + LAG_EVERY_S)

        loop.call_later(LAG_EVERY_S, check, loop.time() + LAG_EVERY_S)

    def state(self, sessions: int) -> dict[str, object]:
        """What /bench/state answers; the lags are those since it was asked last."""
        told = list(self._ms)
        self._ms.clear()
        return {
            "pid": os.getpid(),
            "sessions": sessions,
            "tasks": len(asyncio.all_tasks()),
            "lag_ms": told,
        }


def end_with_parent(stop: Callable[[], None]) -> None:
    """`stop` is called once the process that started this one is gone."""
    loop, parent = asyncio.get_running_loop(), os.getppid()

    def check() -> None:
        if os.getppid() != parent:
            stop()
        else:
            loop.call_later(1.0, check)

    check()


def told_ready(port: int, name: str, version: str, settings: object) -> None:
    """The line that says where the driver listens, and what it runs."""
    ready = {"event": "ready", "name": name, "version": version, "settings": settings}
    print(json.dumps({**ready, "url": f"http://127.0.0.1:{port}"}), flush=True)


def arguments() -> argparse.Namespace:
    """What every driver is started with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--setting", choices=("default", "fastest"), default="default")
    parser.add_argument(
        "--word-times", choices=("yes", "no"), default="no", help="whether the voice tells them"
    )
    parser.add_argument("--reply", default="Yes.", help="what is answered; | separates sentences")
    parser.add_argument("--hears", default="Hello.", help="what callers are understood to say")
    parser.add_argument("--char-ms", type=float, default=50.0)
    parser.add_argument("--recording", type=Path, help="sentences as a person says them, by their text")
    parser.add_argument("--notes", type=Path, required=True, help="the file to note in what happened when")
    return parser.parse_args()
