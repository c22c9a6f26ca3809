"""How long to go on trying, and how long to wait in between. Pure: the clock and the dice are the caller's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from random import Random


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long to go on trying. Speech that comes later than this is of no use to who waits for it."""

    total_s: float = 8.0
    "Seconds from the request to the first piece, over all providers and repetitions."
    retry_s: float = 4.0
    "Seconds from the request after which nobody is asked once more; who is answering by then may still finish."
    attempt_s: float = 4.0
    "Seconds one provider has to begin while there is another to ask; alone it has all that is left."
    between_s: float = 5.0
    "Seconds from one piece to the next; the time its reader takes is not counted."
    queue_s: float = 0.3
    "Seconds a provider's rate limit is waited for before the next one is asked."
    pause_s: float = 0.25
    "Seconds between two rounds through the providers; twice as long after each, and varied by a quarter."
    longest_pause_s: float = 2.0
    "Bound of the above."
    most_seams: int = 3
    "Times a stream that breaks off is gone on with."

    def pause(self, rounds: int, chance: Random) -> float:
        """Seconds to wait after so many rounds, from 0 on, in which nobody answered."""
        plain = min(self.pause_s * 2.0 ** min(rounds, 30), self.longest_pause_s)
        return plain * chance.uniform(0.75, 1.25)


def retry_after(header: str, now: float) -> float | None:
    """Seconds that a `Retry-After` asks to wait (RFC 9110 §10.2.3); None when it cannot be read.

    `now` is Unix time. A date in the past is 0.
    """
    header = header.strip()
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
