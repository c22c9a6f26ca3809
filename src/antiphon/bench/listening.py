"""What a caller heard, as stretches of voice on a timeline: taken from the waveform that its loudspeaker played."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from antiphon.bench.caller import Caller
from antiphon.bench.headset import Loudspeaker, Utterance
from antiphon.bench.timeline import Act, Heard, Said, Span, Timeline
from antiphon.bench.waveform import audibility, window_levels, window_size


def heard(loudspeaker: Loudspeaker, until: float) -> tuple[Heard, ...]:
    """The stretches in which the agent was audible up to `until`, seconds, each of one turn; 0: of none."""
    track = loudspeaker.recording(until)
    levels, size = window_levels(track, loudspeaker.rate), window_size(loudspeaker.rate)
    owners = np.zeros(len(levels), np.int64)
    for stretch in loudspeaker.heard:
        owners[stretch.at // size : -(-stretch.stop // size)] = stretch.turn
    is_loud = levels > audibility(levels)
    marks = np.where(is_loud, owners, -1)
    edges = np.flatnonzero(np.diff(np.concatenate(([-1], marks, [-1]))))
    seconds = size / loudspeaker.rate
    return tuple(
        Heard(start * seconds, stop * seconds, int(marks[start]))
        for start, stop in pairwise(edges)
        if marks[start] >= 0
    )


def said(utterance: Utterance, act: Act = Act.TURN, text: str = "", pauses: Iterable[Span] = ()) -> Said:
    """The utterance, from its first audible sample to its last. `pauses` count from its beginning."""
    at = utterance.start
    return Said(
        act,
        utterance.speech_start,
        utterance.speech_end,
        tuple(Span(at + pause.start, at + pause.end) for pause in pauses),
        text or utterance.text,
    )


def timeline(caller: Caller, did: Iterable[Said]) -> Timeline:
    """The call up to now: what the caller did, and what it heard."""
    caller.loudspeaker.advance_to(caller.now)
    return Timeline(tuple(did), heard(caller.loudspeaker, caller.now))
