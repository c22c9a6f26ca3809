"""The forms that sound has in this protocol, and ours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.transports.realtime import g711
from antiphon.wire import openai_realtime as rt

PIECE_S = 0.2
"Seconds of sound in one event, where all of it is there at once."


def rate_of(form: rt.Format) -> int:
    """Samples a second."""
    return form.rate if isinstance(form, rt.Pcm) else g711.RATE


def decoded(data: bytes, form: rt.Format) -> Pcm:
    """The sound. Raises EventRefused."""
    match form:
        case rt.Pcm(rate):
            if len(data) % BYTES_PER_SAMPLE:
                raise rt.EventRefused("Sound of 16 bits has an even number of bytes.", param="audio")
            return Pcm(data, rate)
        case rt.Pcmu():
            return Pcm(g711.from_ulaw(data), g711.RATE)
        case rt.Pcma():
            return Pcm(g711.from_alaw(data), g711.RATE)


def written(data: bytes, form: rt.Format) -> bytes:
    """Samples, at the form's rate, as it has them."""
    match form:
        case rt.Pcmu():
            return g711.to_ulaw(data)
        case rt.Pcma():
            return g711.to_alaw(data)
        case _:
            return data


def encoded(sound: Pcm, form: rt.Format) -> Iterator[bytes]:
    """A whole sentence in that form, cut into events."""
    rate, data = rate_of(form), sound.data
    if sound.rate != rate:
        samples = soxr.resample(np.frombuffer(data, np.int16), sound.rate, rate, quality="HQ")
        data = samples.astype(np.int16).tobytes()
    size = round(PIECE_S * rate) * BYTES_PER_SAMPLE
    for at in range(0, len(data), size):
        yield written(data[at : at + size], form)
