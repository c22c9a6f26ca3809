"""A recognizer and a turn detector at the edge: whatever they do, the ears go on hearing."""

from __future__ import annotations

import asyncio
import math

import structlog

from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.ports import Heard, Recognition, Recognizer, TurnDetector

log = structlog.get_logger(__name__)

SETTLE_WITHIN = 8.0
"Seconds a recognizer has for an utterance. The turn waits for three of them (TurnPolicy.max_recognition)."
SCORE_WITHIN = 2.0
"Seconds the turn detector has: by then the longest wait for the end of a turn is over."
LONGEST_TEXT = 2000
"Letters of one utterance. Twenty seconds of speech hold some 400."


class Hearing:
    """One utterance on its way to text. Nothing here raises: what fails is logged, and tells no words."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognition: Recognition | None = None
        try:
            self._recognition = recognizer.open()
        except Exception as error:  # noqa: BLE001 - foreign code: the utterance is lost, not the call
            self._deaf("no utterance could be opened", error)

    def push(self, pcm: Pcm) -> None:
        """`pcm` follows what was pushed before."""
        try:
            if self._recognition is not None:
                self._recognition.push(pcm)
        except Exception as error:  # noqa: BLE001 - likewise
            self._deaf("sound was not taken", error)

    async def partial(self) -> str:
        """The best guess so far; empty when there is none."""
        try:
            heard = await self._recognition.partial() if self._recognition is not None else None
            return _clean(heard).text if heard is not None else ""
        except Exception as error:  # noqa: BLE001 - likewise, and it is only a guess
            log.warning("a partial guess failed", error=told(error))
            return ""

    async def settle(self) -> Heard | None:
        """The words of everything pushed so far, printable and of bounded length; None when nobody knows them."""
        if self._recognition is None:
            return None
        try:
            async with asyncio.timeout(SETTLE_WITHIN):
                return _clean(await self._recognition.settle())
        except Exception as error:  # noqa: BLE001 - likewise: the caller is asked to say it again
            log.error("recognition failed", error=told(error))
            return None

    async def close(self) -> None:
        """Nothing of the utterance is held any longer."""
        try:
            if self._recognition is not None:
                await self._recognition.close()
        except Exception as error:  # noqa: BLE001 - likewise, and nothing depends on it any more
            log.warning("a recognition was not closed", error=told(error))

    def _deaf(self, what: str, error: Exception) -> None:
        log.error("recognition failed", what=what, error=told(error))
        self._recognition = None


async def completeness(detector: TurnDetector, sound: Pcm) -> float | None:
    """P(the speaker has finished), 0…1; None when the detector does not tell in time. Never raises."""
    try:
        async with asyncio.timeout(SCORE_WITHIN):
            score = float(await detector.completeness(sound))
    except Exception as error:  # noqa: BLE001 - foreign code: the words alone say how complete they are
        log.error("turn detection failed", error=told(error))
        return None
    return min(max(score, 0.0), 1.0) if math.isfinite(score) else None


def told(error: Exception) -> str:
    """The error in a line."""
    return f"{type(error).__name__}: {error}"[:300]


def _clean(heard: Heard) -> Heard:
    """As it may go on. Raises ProviderError when it is no text."""
    if not isinstance(heard, Heard) or not isinstance(heard.text, str):
        raise ProviderError(f"the recognizer answered with a {type(heard).__name__}")
    text = "".join(char for char in heard.text[:LONGEST_TEXT] if char.isprintable())
    if heard.text.strip() and not any(char.isalnum() for char in text):
        if heard.text.isascii() and heard.text.isprintable():
            return Heard("", heard.confidence)  # what some make of a cough: dots
        raise ProviderError("the recognizer answered without a letter")
    return heard if text == heard.text else Heard(text, heard.confidence)
