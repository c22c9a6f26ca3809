"""Voices that callers speak with: the bundled one, and the robots that may be installed on the machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np

from antiphon.agent.guardrail import Gate
from antiphon.bench.wav import at_rate, read_wav
from antiphon.bench.waveform import audible, samples_of, speech_bounds
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import SetupError
from antiphon.providers import registry

RATE = 16_000
"Hz of the sound callers send: what an ear needs, and what telephones of today carry."
SPEECH_DBFS = -22.0
"How loud callers speak, whatever their voice: about as loud as the bundled one."
EDGE_S = 0.02
"Silence left around what is cut out of a recording."


class CallerVoice(Protocol):
    """Says texts as a caller would."""

    name: str
    is_natural: bool
    "Sounds like a person. Turn detectors take robots for people who have not finished."

    async def say(self, text: str) -> Pcm:
        """`text` spoken, at `RATE`, with hardly any silence around it. Raises SetupError."""
        ...

    async def say_broken(self, text: str, pause_s: float) -> tuple[Pcm, float]:
        """`text`, whose “|” is a pause of `pause_s`; and when in it the pause begins, seconds."""
        ...


@dataclass(slots=True)
class BundledVoice:
    """The voice that the agent speaks with by default. Pauses are cut in between two words of a whole sentence,

    so that the first half ends as a sentence does that goes on.
    """

    name: str = "hibari"
    is_natural: bool = True
    _known: dict[str, tuple[Pcm, tuple[tuple[int, int], ...]]] = field(default_factory=dict)

    async def say(self, text: str) -> Pcm:
        return trimmed(at_rate((await self._spoken(text))[0], RATE))

    async def say_broken(self, text: str, pause_s: float) -> tuple[Pcm, float]:
        before, _, after = text.partition("|")
        whole = f"{before.strip()} {after.strip()}"
        sound, marks = await self._spoken(whole)
        chars = len(before.strip())
        cut = next((at for mark, at in marks if mark >= chars), len(sound))
        return joined(sound.between(0, cut), sound.between(cut, len(sound)), pause_s)

    async def _spoken(self, text: str) -> tuple[Pcm, tuple[tuple[int, int], ...]]:
        if text not in self._known:
            synthesizer = registry.synthesizer("local/hibari")
            pieces = [piece async for piece in synthesizer.speak(Gate.vouch(text))]
            sound = Pcm(b"".join(piece.pcm.data for piece in pieces), synthesizer.rate)
            self._known[text] = sound, tuple((m.chars, m.at) for piece in pieces for m in piece.marks)
        return self._known[text]


@dataclass(slots=True)
class Program:
    """A program of the machine that reads aloud: `argv` with {text} and {file} filled in."""

    name: str
    argv: Sequence[str]
    is_natural: bool = False
    _known: dict[str, Pcm] = field(default_factory=dict)

    async def say(self, text: str) -> Pcm:
        if text not in self._known:
            self._known[text] = await self._spoken(text)
        return self._known[text]

    async def say_broken(self, text: str, pause_s: float) -> tuple[Pcm, float]:
        before, _, after = text.partition("|")
        return joined(await self.say(before.strip()), await self.say(after.strip()), pause_s)

    async def _spoken(self, text: str) -> Pcm:
        with TemporaryDirectory(prefix="antiphon-") as folder:
            file = Path(folder) / "said.wav"
            filled = [part.format(text=text, file=file) for part in self.argv]
            child = await asyncio.create_subprocess_exec(
                *filled, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
            _, error = await child.communicate()
            if child.returncode or not file.exists():
                raise SetupError(f"{self.argv[0]} cannot speak: {error.decode(errors='replace').strip()}")
            return trimmed(at_rate(read_wav(file), RATE))


def found_voices() -> list[CallerVoice]:
    """The voices there are, the most natural first."""
    voices: list[CallerVoice] = [BundledVoice()]
    if shutil.which("flite"):
        voices.append(Program("flite", ("flite", "-voice", "slt", "-t", "{text}", "-o", "{file}")))
    if shutil.which("espeak-ng"):
        voices.append(Program("espeak-ng", ("espeak-ng", "-s", "150", "-w", "{file}", "{text}")))
    return voices


def levelled(pcm: Pcm, dbfs: float = SPEECH_DBFS) -> Pcm:
    """The speech, as loud as that where it is audible."""
    samples = samples_of(pcm)
    bounds = audible(samples, pcm.rate)
    if bounds is None:
        return pcm
    level = np.sqrt(np.mean(np.square(samples[bounds[0] : bounds[1]], dtype=np.float64))) / 32768
    return at_level(pcm, dbfs - 20 * float(np.log10(level)))


def at_level(pcm: Pcm, decibels: float) -> Pcm:
    """The sound, louder or softer by so much; what does not fit is cut off."""
    samples = samples_of(pcm) * 10 ** (decibels / 20)
    return Pcm(np.rint(np.clip(samples, -32768, 32767)).astype("<i2").tobytes(), pcm.rate)


def trimmed(pcm: Pcm) -> Pcm:
    """The audible part of the sound, with `EDGE_S` around it."""
    bounds = speech_bounds(pcm)
    if bounds is None:
        return pcm
    return pcm.between(round((bounds[0] - EDGE_S) * pcm.rate), round((bounds[1] + EDGE_S) * pcm.rate))


def joined(before: Pcm, after: Pcm, pause_s: float) -> tuple[Pcm, float]:
    """Both at `RATE`, with exactly `pause_s` of silence between what is audible; and where that begins."""
    first, second = at_rate(before, RATE), at_rate(after, RATE)
    heard, rest = speech_bounds(first), speech_bounds(second)
    if heard is None or rest is None:
        raise ValueError("there is nothing to pause between")
    head = first.between(0, round(heard[1] * RATE))
    tail = second.between(round(rest[0] * RATE), len(second))
    whole = faded(head, 0.0, 0.005) + silence(pause_s, RATE) + faded(tail, 0.005, 0.0)
    return trimmed(whole), head.seconds - max(0.0, heard[0] - EDGE_S)


def faded(pcm: Pcm, in_s: float, out_s: float) -> Pcm:
    """The sound without a click where it was cut."""
    samples = samples_of(pcm).astype(np.float64)
    into, out = round(in_s * pcm.rate), round(out_s * pcm.rate)
    if into:
        samples[:into] *= np.linspace(0, 1, into)[: len(samples)]
    if out:
        samples[-out:] *= np.linspace(1, 0, out)[-len(samples) :]
    return Pcm(np.rint(samples).astype("<i2").tobytes(), pcm.rate)
