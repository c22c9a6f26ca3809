"""Make `data/pause_rows.jsonl`: what the models hear at a pause and at the end of an utterance.

    python benchmarks/pause_rows.py [--joe DIR]

Speaks `data/pause_sentences.txt` with the voices at hand, complete and with pauses of 0.3, 0.5 and 0.7 s, and
sends the sound through Silero, Smart Turn and Moonshine as `session.ears` does. Sentences and voices are split:
"tune" and "held" share none but hibari; the others are later looks. Needs Debian's
`flite` and `libespeak-ng1`; `--joe` names a folder of prepared clips of piper's voice (see `joe_texts`).
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import re
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.providers.local_hibari import Hibari
from antiphon.providers.local_moonshine import Moonshine
from antiphon.providers.local_silero import SileroVad
from antiphon.providers.local_smart_turn import SmartTurn
from antiphon.session.ears import EarsPolicy

DATA = Path(__file__).parent / "data"
RATE = 16_000
PAUSES = (0.3, 0.5, 0.7)
FADE = 0.01
VOICES = {
    "tune": ("hibari", "rms", "espeak", "awb"),
    "held": ("hibari", "slt", "kal16", "joe"),
    "fresh": ("hibari", "slt", "joe"),
    "last": ("hibari", "slt", "joe"),
    "unseen": ("hibari", "slt", "joe"),
    "final": ("hibari", "joe", "slt"),
}
"hibari speaks in both halves, the sentences differ: it is the most human of the voices that tell word ends."
NOISE = 8.0
"RMS of the hiss under everything, of 32768: -72 dBFS, a quiet room; digital silence flatters the detectors."

Samples = NDArray[np.float32]
Read = Callable[[str], tuple[Samples, list[int]]]
"Sound at 16 kHz and the sample at which each word ends; no ends where the voice does not tell."


@dataclass(frozen=True)
class Line:
    words: tuple[str, ...]
    pauses: tuple[tuple[int, bool], ...]
    "After so many words; and whether the words so far could be all."
    half: str


def lines() -> list[Line]:
    found: list[Line] = []
    later = ""
    for text in (DATA / "pause_sentences.txt").read_text().splitlines():
        if not text or text.startswith("#"):
            later = next(
                (
                    half
                    for half in ("fresh", "last", "unseen", "final")
                    if text.lower().startswith(f"# {half}")
                ),
                later,
            )
            continue
        words: list[str] = []
        pauses: list[tuple[int, bool]] = []
        for token in text.split():
            if token in "|+":
                pauses.append((len(words), token == "+"))
            else:
                words.append(token)
        half = later or ("tune", "held")[len(found) % 2]
        found.append(Line(tuple(words), tuple(pauses), half))
    return found


# ---- voices ----------------------------------------------------------------------------------------------
def normal(sound: NDArray[np.floating], rate: int) -> Samples:
    """At 16 kHz, peak 0.5."""
    out = soxr.resample(sound, rate, RATE) if rate != RATE else sound
    return np.asarray(out / max(float(np.abs(out).max()), 1e-6) * 0.5, np.float32)


def hibari() -> Read:
    voice = Hibari()
    voice.load()

    def read(text: str) -> tuple[Samples, list[int]]:
        clip = voice.read(text.split())
        return normal(clip.samples, 24_000), [end * RATE // 24_000 for end in clip.ends]

    return read


def flite(name: str) -> Read:
    def segments(text: str) -> list[tuple[str, float]]:
        ran = subprocess.run(["flite", "-voice", name, "-psdur", "-t", text, "-o", "none"],
                             capture_output=True, text=True, check=True)  # fmt: skip
        return [(phone, float(end)) for phone, end in (pair.split(":") for pair in ran.stdout.split())]

    def read(text: str) -> tuple[Samples, list[int]]:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            subprocess.run(["flite", "-voice", name, "-t", text, "-o", file.name], check=True)
            with wave.open(file.name) as wav:
                sound = np.frombuffer(wav.readframes(wav.getnframes()), np.int16) / np.float32(32768)
                rate = wav.getframerate()
        phones = [end for phone, end in segments(text) if phone != "pau"]
        words, ends = text.split(), []
        for k in range(1, len(words) + 1):
            # A word ends with the last of as many phones as its prefix has when it is read alone.
            count = sum(phone != "pau" for phone, _ in segments(" ".join(words[:k]).rstrip(",.?!")))
            ends.append(round(phones[min(count, len(phones)) - 1] * RATE))
        return normal(sound, rate), ends

    return read


class _EspeakEvent(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("id", ctypes.c_uint), ("text", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("name", ctypes.c_char * 8),
    ]  # fmt: skip


def espeak() -> Read:
    library = ctypes.CDLL("libespeak-ng.so.1")
    rate = library.espeak_Initialize(2, 0, None, 0)
    library.espeak_SetVoiceByName(b"en-us")
    pieces: list[NDArray[np.int16]] = []
    starts: list[tuple[int, int]] = []
    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_EspeakEvent)
    )

    def heard(
        sound: ctypes._Pointer[ctypes.c_short], size: int, events: ctypes._Pointer[_EspeakEvent]
    ) -> int:
        if sound and size:
            pieces.append(np.ctypeslib.as_array(sound, (size,)).copy())
        at = 0
        while events[at].type:
            if events[at].type == 1:
                starts.append((events[at].text - 1, events[at].audio_ms))
            at += 1
        return 0

    callback = kind(heard)

    def read(text: str) -> tuple[Samples, list[int]]:
        library.espeak_SetSynthCallback(callback)
        pieces.clear()
        starts.clear()
        data = text.encode()
        library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
        library.espeak_Synchronize()
        sound = np.concatenate(pieces).astype(np.float32) / 32768
        places = [match.start() for match in re.finditer(r"\S+", text)]
        begins = [min((ms for char, ms in starts if char >= place), default=10**9) for place in places]
        ends = [min(round(ms * RATE / 1000), len(sound) * RATE // rate) for ms in [*begins[1:], 10**9]]
        return normal(sound, rate), ends

    return read


def joe(folder: Path) -> Read:
    """Clips that were made beforehand, in an environment of its own, by the texts of `joe_texts`."""
    index: dict[str, str] = json.loads((folder / "index.json").read_text())

    def read(text: str) -> tuple[Samples, list[int]]:
        with wave.open(str(folder / index[text])) as wav:
            sound = np.frombuffer(wav.readframes(wav.getnframes()), np.int16) / np.float32(32768)
            return normal(sound, wav.getframerate()), []

    return read


# ---- sound -----------------------------------------------------------------------------------------------
def bounds(sound: Samples) -> tuple[int, int]:
    """Where it begins and ends to be heard: 35 dB under its loudest 10 ms."""
    frame = RATE // 100
    level = np.sqrt(np.mean(sound[: len(sound) // frame * frame].reshape(-1, frame) ** 2, axis=1))
    loud = np.flatnonzero(level > level.max() * 0.018)
    return int(loud[0]) * frame, int(loud[-1] + 1) * frame


def heard_part(sound: Samples) -> Samples:
    start, stop = bounds(sound)
    return faded(sound[start:stop])


def faded(sound: Samples) -> Samples:
    size = min(round(FADE * RATE), len(sound) // 2)
    out = sound.copy()
    out[:size] *= np.linspace(0, 1, size, dtype=np.float32)
    out[len(out) - size :] *= np.linspace(1, 0, size, dtype=np.float32)
    return out


def quietest(sound: Samples, at: int) -> int:
    """The quietest 10 ms within 60 ms of `at`: timings are not exact."""
    frame = RATE // 100
    places = range(max(0, at - 6 * frame), min(len(sound) - frame, at + 6 * frame), frame // 2)
    return min(places, key=lambda p: (float(np.sum(sound[p : p + frame] ** 2)), abs(p - at)), default=at)


def spliced(sound: Samples, ends: list[int], after: int) -> tuple[Samples, Samples]:
    """Two parts of one reading: the intonation goes on."""
    at = quietest(sound, ends[after - 1])
    return heard_part(sound[:at]), heard_part(sound[at:])


def gap(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def pcm(sound: Samples, seed: int) -> Pcm:
    hiss = np.random.default_rng(seed).normal(0, NOISE, len(sound))
    return Pcm(np.clip(sound * 32767 + hiss, -32768, 32767).astype(np.int16).tobytes(), RATE)


# ---- the models ------------------------------------------------------------------------------------------
class Listener:
    """The three models, asked as `session.ears` asks them."""

    def __init__(self) -> None:
        self.vad, self.turn, self.words = SileroVad(), SmartTurn(), Moonshine()
        self.policy = EarsPolicy()

    async def silences(self, sound: Pcm) -> list[tuple[float, float, float]]:
        """Silences long enough to end a burst: when the last loud frame ended, the burst, the silence. Seconds."""
        activity, policy, step = self.vad.open(), self.policy, 512 / RATE
        found: list[tuple[float, float, float]] = []
        speaking, quiet, last_loud = False, 0.0, 0.0
        for at in range(0, len(sound) - 511, 512):
            p, now = await activity.probability(sound.between(at, at + 512)), (at + 512) / RATE
            if speaking:
                if p >= policy.stop_below:
                    last_loud, quiet = now, 0.0
                else:
                    quiet += step
                if quiet >= policy.min_silence - 1e-6:
                    speaking = False
                    found.append((last_loud, now, float("inf")))
            elif p >= policy.start_at:
                speaking, quiet, last_loud = True, 0.0, now
                if found:
                    found[-1] = (*found[-1][:2], now)
        return found

    async def judged(self, sound: Pcm, until: float) -> tuple[float, str]:
        """What the sound up to `until` seconds is worth: P(finished) by its sound, and the words."""
        heard = sound.between(round(0.0 * RATE), round(until * RATE))
        recognition = self.words.open()
        recognition.push(heard)
        words = (await recognition.settle()).text
        await recognition.close()
        return await self.turn.completeness(heard), words


async def row(
    listener: Listener, first: Samples, rest: Samples | None, seed: int
) -> dict[str, object] | None:
    """The judgement at the silence after `first`, and when speech is noticed again after each pause."""
    lead = gap(0.3)
    stop = (len(lead) + len(first)) / RATE
    longest = pcm(np.concatenate([lead, first, gap(1.5)]), seed)
    at_end = [s for s in await listener.silences(longest) if s[1] > stop - 0.1]
    if not at_end:
        return None
    last_loud, burst, _ = at_end[0]
    p, words = await listener.judged(longest, burst)
    out: dict[str, object] = {"p": round(p, 4), "heard": words, "lag": round(last_loud - stop, 3)}
    for seconds in PAUSES if rest is not None else ():
        assert rest is not None
        whole = pcm(np.concatenate([lead, first, gap(seconds), rest, gap(0.5)]), seed)
        here = [s for s in await listener.silences(whole) if s[1] > stop - 0.1 and s[0] < stop + 0.25]
        # Seconds from the last loud frame until speech is noticed; 0: the pause was not even noticed.
        out[f"quiet_{round(seconds * 1000)}"] = round(here[0][2] - here[0][0], 3) if here else 0.0
    return out


def fragment(words: tuple[str, ...], seed: int) -> str:
    """The words as an utterance of their own: with a comma's intonation mostly, at times with a full stop's."""
    text = " ".join(words)
    return text if text[-1] in ",.?!" else text + ("." if seed % 3 == 0 else ",")


def joe_texts() -> list[str]:
    texts: list[str] = []
    for seed, line in enumerate(lines()):
        if "joe" in VOICES[line.half]:
            texts.append(" ".join(line.words))
            for after, _ in line.pauses:
                texts += [fragment(line.words[:after], seed + after), " ".join(line.words[after:])]
    return texts


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--joe", type=Path)
    parser.add_argument("--joe-texts", action="store_true", help="print the texts wanted of joe, as JSON")
    parser.add_argument("--half", choices=tuple(VOICES), help="make only these rows anew")
    options = parser.parse_args()
    if options.joe_texts:
        json.dump(joe_texts(), sys.stdout)
        return
    read: dict[str, Read] = {"hibari": hibari(), "espeak": espeak()}
    read |= {name: flite(name) for name in ("rms", "awb", "slt", "kal16")}
    if options.joe:
        read["joe"] = joe(options.joe)
    listener = Listener()
    rows = DATA / "pause_rows.jsonl"
    kept = [text for text in rows.read_text().splitlines() if json.loads(text)["half"] != options.half]
    with rows.open("w") as file:
        file.writelines(text + "\n" for text in (kept if options.half else ()))
        for number, line in enumerate(lines()):
            if options.half not in (None, line.half):
                continue
            voices = [name for name in VOICES[line.half] if name in read]
            for turn in range(3):
                name = voices[(number // 2 + turn) % len(voices)]
                text = " ".join(line.words)
                sound, ends = read[name](text)
                made: list[tuple[str, int, bool, Samples, Samples | None]] = []
                made.append(("complete", len(line.words), True, heard_part(sound), None))
                for after, could_end in line.pauses if turn < 2 else ():
                    if ends:
                        made.append(("spliced", after, could_end, *spliced(sound, ends, after)))
                    alone = read[name](fragment(line.words[:after], number + after))[0]
                    rest = read[name](" ".join(line.words[after:]))[0]
                    made.append(("fragment", after, could_end, heard_part(alone), heard_part(rest)))
                for kind, after, could_end, first, following in made:
                    if kind == "fragment" and ends and (number + after + turn) % 2:
                        continue
                    found = await row(listener, first, following, number)
                    if found is None:
                        print("not heard:", name, kind, text, file=sys.stderr)
                        continue
                    facts = {"half": line.half, "voice": name, "sentence": number, "kind": kind}
                    facts |= {"said": " ".join(line.words[:after]), "could_end": could_end}
                    file.write(json.dumps(facts | found) + "\n")
            file.flush()


if __name__ == "__main__":
    asyncio.run(main())
