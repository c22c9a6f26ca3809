"""What recognizers write when there was nothing to hear, taken out again."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

INVENTIONS = frozenset(
    {
        *("you", "thank you", "thanks", "thank you for watching", "thanks for watching", "bye", "bye bye"),
        *("thank you very much", "thank you so much", "please subscribe", "subscribe", "i'm sorry"),
        *("so", "the", "oh", "hmm", "mm", "uh"),
    }
)
"What small recognizers were trained to write under silence, music and noise."
INVENTION_SECONDS = 0.3
"Loud sound shorter than this does not carry a phrase of INVENTIONS."
SECONDS_PER_WORD = 0.12
"Nobody repeats a word faster."


def without_invention(text: str, loud_seconds: float) -> str:
    """`text`, or "" if it is what recognizers invent for so little sound. Repeated words are thinned out.

    A phrase of one word needs less sound than one of four to be believed.
    """
    plain = re.sub(r"[^a-z' ]", "", text.lower()).strip()
    if not any(character.isalnum() for character in text):
        return ""
    words = text.split()
    if plain in INVENTIONS and loud_seconds < max(INVENTION_SECONDS, 0.15 * len(words)):
        return ""
    if len(words) * SECONDS_PER_WORD > loud_seconds:
        kept = words[:1]
        for word in words[1:]:
            if _bare(word) != _bare(kept[-1]):
                kept.append(word)
        words = kept
    return " ".join(words)


def _bare(word: str) -> str:
    return word.strip(".,!?;:").lower()


def loud_seconds(samples: NDArray[np.int16], rate: int) -> float:
    """How long the sound is within 20 dB of its loudest moment, seconds."""
    hop = rate // 50
    whole = samples[: len(samples) // hop * hop].astype(np.float32).reshape(-1, hop)
    if not len(whole):
        return 0.0
    power = (whole**2).mean(axis=1)
    return float((power > power.max() / 100).sum()) / 50
