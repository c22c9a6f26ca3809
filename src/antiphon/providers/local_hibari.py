"""The voice that comes with the package: hibari's “heart”, 24 kHz, far faster than real time on one core."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antiphon.core.errors import SetupError
from antiphon.providers import shelves
from antiphon.providers.graphs import built
from antiphon.providers.local_voice import LocalVoice
from antiphon.providers.voice_shaping import Clip, with_output

if TYPE_CHECKING:
    from hibari import Hibari as Engine
    from hibari.g2p import G2P

_PHONEME_ENDS = "/CumSum_output_0"
"The node of hibari 0.2.1's graph that knows at which frame each phoneme ends."
_PHONEME_FRAME = 600
"Samples: phonemes last whole frames of 25 ms."
_LATENESS = 840
"Samples (35 ms): median by which words sound before the model's timing has them begin, after pauses."
_PAUSES = frozenset(';:,.!?—…"“”() ')
"Characters of the phoneme string that are no sound of a word."


class Hibari(LocalVoice):
    """`antiphon.ports.Synthesizer`: a female American voice; word marks come from the model's own timing."""

    name = "local/hibari"
    rate = 24_000
    _engine: Engine
    _g2p: G2P

    def __init__(self, *, folder: Path | None = None) -> None:
        """`folder`: where the dictionaries and the network are kept ready, so that the next process has them at once.

        Raises SetupError when hibari is not installed.
        """
        if not find_spec("hibari"):
            raise SetupError("the voice local/hibari needs its wheel: pip install hibari-tts==0.2.1")
        super().__init__()
        self._folder = folder

    def load(self) -> None:
        """hibari and its dictionaries are in memory, changed to tell when each phoneme ends."""
        import hibari
        from hibari.voices import voice_path

        # The network is built outside the interpreter's lock, the dictionaries inside: side by side.
        with ThreadPoolExecutor(1, thread_name_prefix="voice-dictionaries") as helper:
            dictionaries = helper.submit(_reader, self._folder)
            model = Path(voice_path("heart")).read_bytes() + with_output(_PHONEME_ENDS)

            def engine(graph: str | bytes) -> Engine:
                return hibari.Hibari(model=graph, threads=1)

            if self._folder is None:
                self._engine = engine(model)
            else:
                version = hashlib.sha256(model).hexdigest()
                self._engine = built(engine, model, "hibari", version, self._folder)
        self._g2p = dictionaries.result()
        _ = (
            self._g2p.oov
        )  # the network for words that no dictionary has, which it would load when it meets one

    def read(self, words: Sequence[str]) -> Clip:
        """`words` as sound; each ends with its last phoneme, before any pause."""
        readings = list(self._phonemized(" ".join(words)))
        ids, lasts = self._ids([phonemes for _, phonemes in readings])
        if len(ids) < 3:
            return Clip(np.zeros(0, np.float32), (0,) * len(words))
        from hibari import dsp

        feed = {"ids": np.asarray([ids], np.int64), "speed": np.ones(1, np.float32)}
        *spectrum, phoneme_ends = self._engine.sess.run(None, feed)
        samples = dsp.synth(*(part[0] for part in spectrum), np.random.default_rng(0))
        ends = [int(phoneme_ends.ravel()[last]) * _PHONEME_FRAME - _LATENESS for last in lasts]
        return Clip(samples, tuple(_matched(words, [word for word, _ in readings], ends)))

    def _phonemized(self, text: str) -> Iterator[tuple[str, str]]:
        """The words as hibari reads them, which may be more or fewer, each with its phonemes."""
        from hibari.g2p.normalize import normalize

        g2p = self._g2p
        word = phonemes = ""
        for token in g2p.phonemize_tokens(g2p.tokenize(normalize(text))):
            word += token.text
            phonemes += token.phonemes or ""
            if token.whitespace:
                yield word, phonemes
                word = phonemes = ""
        if word:
            yield word, phonemes

    def _ids(self, readings: Sequence[str]) -> tuple[list[int], list[int]]:
        """The model's input for the phonemes, and the index in it of each word's last sound."""
        vocabulary: dict[str, int] = self._engine.vocab
        ids, lasts = [0], []
        for at, phonemes in enumerate(readings):
            last = len(ids) - 1
            for char in (" " if at else "") + phonemes:
                if char in vocabulary:
                    ids.append(vocabulary[char])
                    if char not in _PAUSES:
                        last = len(ids) - 1
            lasts.append(last)
        return [*ids, 0], lasts


def _reader(folder: Path | None) -> G2P:
    """hibari's reader of American English. Its dictionaries take half a second to parse, once for each folder."""
    from hibari import g2p as reading

    if folder is None:
        return reading.G2P()
    assets = Path(reading.ASSETS)
    sources = [assets / f"{name}.json.gz" for name in ("lexicon_us_gold", "lexicon_us_silver", "tagger")]
    path = shelves.place(folder, "hibari", sources)
    if (found := shelves.read(path)) is None:
        found = shelves.write(path, _parsed(sources))
    # Made without its __init__, which parses them all.
    reader = reading.G2P.__new__(reading.G2P)
    exceptions = json.loads((assets / "tokenizer_exceptions.json").read_text(encoding="utf-8"))
    reader.lexicon = reading.Lexicon(found["gold"], found["silver"], False)
    reader.tokenizer = reading.Tokenizer(exceptions)
    tags = found["lists"].get("tags")
    reader.tagger = reading.Tagger({"tagdict": found["tagdict"], "tags": tags, "weights": found["weights"]})
    reader.tagger.vocab = found["vocab"]
    reader._oov, reader.unk, reader.british = None, "", False
    return reader


def _parsed(sources: Sequence[Path]) -> dict[str, dict[str, object]]:
    gold, silver, tagger = (json.loads(gzip.decompress(file.read_bytes())) for file in sources)
    return {
        "gold": gold,
        "silver": silver,
        "tagdict": tagger["tagdict"],
        "weights": tagger["weights"],
        "vocab": dict.fromkeys(tagger["vocab"]),
        "lists": {"tags": tagger["tags"]},
    }


def _matched(words: Sequence[str], readings: Sequence[str], ends: Sequence[int]) -> Iterator[int]:
    """The end of each of `words`, given those of `readings`: the same words, but for some read otherwise."""
    for _, start, stop, first, last in SequenceMatcher(None, words, readings, False).get_opcodes():
        for at in range(start, stop):
            share = (at + 1 - start) / (stop - start)
            reached = first + round((last - first) * share)
            yield ends[reached - 1] if reached else 0
