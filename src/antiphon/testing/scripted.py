"""Ports that follow a script: real small implementations for tests in virtual time. No threads, no models."""

from __future__ import annotations

import array
import asyncio
from collections.abc import Sequence

from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.ports import Heard

Line = str | Heard | ProviderError
"What a recognizer says: text, text with its confidence, or a failure."


class ScriptedVad:
    """Hears speech where the sound is loud, or wherever `script` says: (from, to) in seconds of sound."""

    def __init__(
        self,
        script: Sequence[tuple[float, float]] | None = None,
        *,
        loudness: int = 500,
        rate: int = 16_000,
        frame: int = 512,
    ) -> None:
        self.rate = rate
        self.frame = frame
        self._script = script
        self._loudness = loudness

    def open(self) -> ScriptedActivity:
        """A listener at the beginning of the script."""
        return ScriptedActivity(self._script, self._loudness)


class ScriptedActivity:
    """One caller's voice activity, by script or by loudness."""

    def __init__(self, script: Sequence[tuple[float, float]] | None, loudness: int) -> None:
        self._script = script
        self._loudness = loudness
        self._heard = 0

    async def probability(self, frame: Pcm) -> float:
        """1 for speech, 0 for anything else. A frame is speech by the script if its middle is."""
        middle = (self._heard + len(frame) / 2) / frame.rate
        self._heard += len(frame)
        if self._script is not None:
            return float(any(start <= middle < stop for start, stop in self._script))
        samples = array.array("h", frame.data)
        return float(max(map(abs, samples), default=0) >= self._loudness)


class ScriptedRecognizer:
    """Understands what it is told to: the n-th utterance is the n-th of `utterances`.

    An utterance that the caller pauses in may be given as several lines, one for each `settle` that has
    heard more than the one before; the last line stands for all that follow, and the last utterance too.
    `delay` is how long settling takes, seconds. `opened` keeps every recognition for the test to look at.
    """

    def __init__(
        self, utterances: Sequence[Line | Sequence[Line]] = ("",), *, delay: float = 0.0, rate: int = 16_000
    ) -> None:
        self.rate = rate
        self.opened: list[ScriptedRecognition] = []
        self._utterances = utterances
        self._delay = delay

    def open(self) -> ScriptedRecognition:
        """The next utterance of the script, with nothing said in it yet."""
        told = self._utterances[min(len(self.opened), len(self._utterances) - 1)]
        lines: Sequence[Line] = (told,) if isinstance(told, str | Heard | ProviderError) else told
        recognition = ScriptedRecognition(lines, self._delay)
        self.opened.append(recognition)
        return recognition


class ScriptedRecognition:
    """One utterance of the script. Its partial guess grows by a word for every 0.3 s of sound."""

    def __init__(self, lines: Sequence[Line], delay: float) -> None:
        self.sound = bytearray()
        "Everything pushed, PCM16."
        self.seconds = 0.0
        self.told = b""
        "What had been pushed when it was settled last."
        self.is_closed = False
        self.settled = 0
        self._lines = lines
        self._delay = delay
        self._line = -1
        self._settled_at = -1.0

    def push(self, pcm: Pcm) -> None:
        """`pcm` is kept and counted."""
        self.sound += pcm.data
        self.seconds += pcm.seconds

    async def partial(self) -> Heard | None:
        """The first words of the line that comes next, or None before the first 0.3 s."""
        line = self._lines[min(self._line + 1, len(self._lines) - 1)]
        if isinstance(line, ProviderError):
            raise line
        heard = line if isinstance(line, Heard) else Heard(line)
        words = heard.text.split()[: int(self.seconds / 0.3)]
        return Heard(" ".join(words), heard.confidence) if words else None

    async def settle(self) -> Heard:
        """The next line of the script, or the same if nothing was pushed since. Raises what is scripted."""
        told = bytes(self.sound)
        if self._delay:
            await asyncio.sleep(self._delay)
        self.settled += 1
        self.told = told
        if self.seconds == 0:
            return Heard("")
        if self.seconds != self._settled_at:
            self._settled_at = self.seconds
            self._line = min(self._line + 1, len(self._lines) - 1)
        line = self._lines[self._line]
        if isinstance(line, ProviderError):
            raise line
        return line if isinstance(line, Heard) else Heard(line)

    async def close(self) -> None:
        """The test can see that it was closed."""
        self.is_closed = True


class ScriptedTurnDetector:
    """Gives the scores it was told to, one after the other; the last one stands for all that follow."""

    def __init__(
        self, scores: Sequence[float | ProviderError] = (1.0,), *, delay: float = 0.0, rate: int = 16_000
    ) -> None:
        self.rate = rate
        self.asked: list[float] = []
        self._scores = scores
        self._delay = delay

    async def completeness(self, utterance: Pcm) -> float:
        """The next score. `asked` keeps the seconds of each utterance it was asked about."""
        if self._delay:
            await asyncio.sleep(self._delay)
        score = self._scores[min(len(self.asked), len(self._scores) - 1)]
        self.asked.append(utterance.seconds)
        if isinstance(score, ProviderError):
            raise score
        return score
