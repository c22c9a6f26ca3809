"""What a caller by WebRTC listens with: a stream of sound that never pauses, of which some is the agent's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from antiphon.bench.headset import Loudspeaker
from antiphon.core.audio import BYTES_PER_SAMPLE
from antiphon.wire.native import AudioFrame, PlayedAck

JITTER_S = 0.040
"Seconds of sound that are kept against the network's unrest: two packets, as a browser does on a quiet network."
QUIET = 64
"In 16-bit steps: below it lies what a codec makes of silence."
EARLY_S = 0.3
"Seconds by which the word that a turn sounds may come later than its first sound."
LATE_S = 0.3
"Seconds for which a turn that is over may still sound: what was on its way."


class Earpiece(Loudspeaker):
    """Plays whatever comes. A turn's sound begins with the first of it that is not silent, once it was said to sound.

    The stream stops when the server stops it: here nothing is held, or dropped.
    """

    def __init__(
        self,
        rate: int,
        clock: Callable[[], float],
        *,
        jitter_s: float = JITTER_S,
        pause_s: float = 0.0,
        late_s: float = LATE_S,
    ) -> None:
        """`clock`: seconds of the call's timeline. `pause_s`: of silence, after which a turn that is over was heard to
        its end; `late_s`: for which it may still sound."""
        super().__init__(rate, jitter_s=jitter_s)
        self._clock = clock
        self._pause_s = pause_s
        self._late_s = late_s
        self._sounded_at = 0.0
        "When the last of the turn that is not silent came."
        self._turn: int | None = None
        "The one that is said to sound."
        self._until: float | None = None
        "When nothing of it can come any more; None while it goes on."
        self._before: deque[tuple[float, bytes]] = deque()
        "What came lately and was of no turn."

    @property
    def is_drained(self) -> bool:
        is_over = self._turn is None or (self._until is not None and self._clock() >= self._until)
        return is_over and super().is_drained

    def hear(self, data: bytes) -> None:
        """The next of the stream has come: PCM16."""
        now = self._clock()
        self.advance_to(now)
        sounds = _sounds(data)
        if sounds:
            self._sounded_at = now
        is_quiet = not sounds and now - self._sounded_at >= self._pause_s
        if self._until is not None and (now >= self._until or (is_quiet and self._has_begun)):
            self._turn = self._until = None
        if self._turn is not None and (sounds or self._has_begun):
            self._keep(self._turn, data, now)
            return
        self._before.append((now, data))
        while self._before[0][0] < now - EARLY_S:
            self._before.popleft()

    @property
    def _has_begun(self) -> bool:
        return self._turn is not None and self.received(self._turn) > 0

    def begins(self, turn: int) -> None:
        """The turn sounds from about now on."""
        self._turn, self._until = turn, None
        before, now = self._before, self._clock()
        while before and (before[0][0] < now - EARLY_S or not _sounds(before[0][1])):
            before.popleft()
        while before:
            at, data = before.popleft()
            self._keep(turn, data, at)

    def ends(self, turn: int) -> None:
        """The server says that nothing more of the turn comes."""
        if self._turn == turn and self._until is None:
            self._until = self._clock() + self._late_s

    def clear(self, turn: int, now: float) -> PlayedAck:
        """The turn ends here; what is on its way is heard."""
        self.advance_to(now)
        self._cleared.setdefault(turn, now)
        self.ends(turn)
        return PlayedAck(turn, self.played(turn), cleared=True)

    def _keep(self, turn: int, data: bytes, came: float) -> None:
        self.queue(AudioFrame(turn, self.received(turn), data), came)


def _sounds(data: bytes) -> bool:
    samples = np.frombuffer(data, "<i2", len(data) // BYTES_PER_SAMPLE)
    return bool(len(samples)) and int(np.abs(samples.astype(np.int32)).max()) > QUIET
