"""What a provider lets us ask of it: requests and tokens a minute, kept on our side."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from antiphon.core.errors import SetupError

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What may be asked of one provider. 0: as much as one likes."""

    requests_a_minute: float = 0.0
    tokens_a_minute: float = 0.0
    burst_s: float = 10.0
    "Seconds' worth that may be asked at once after a quiet time."


class Allowance:
    """What is left of a limit: a bucket of requests and one of tokens. Knows no clock: `now` is given."""

    def __init__(self, limit: RateLimit) -> None:
        self._requests = _Bucket(limit.requests_a_minute, limit.burst_s, least=1.0)
        self._tokens = _Bucket(limit.tokens_a_minute, limit.burst_s, least=0.0)

    def wait_s(self, now: float, tokens: int = 0) -> float:
        """Seconds until a request with so many tokens may be made; 0: at once."""
        return max(self._requests.wait_s(now, 1.0), self._tokens.wait_s(now, float(tokens)))

    def take(self, now: float, tokens: int = 0) -> None:
        """Such a request is made. What was estimated too low is paid back by waiting."""
        self._requests.take(now, 1.0)
        self._tokens.take(now, float(tokens))


def allowances(setting: str) -> dict[str, Allowance]:
    """By provider: `vendor/model=requests a minute`, or `=requests/tokens`, several of them separated by commas.

    Raises SetupError.
    """
    found: dict[str, Allowance] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, _, amounts = part.partition("=")
        requests, _, tokens = amounts.partition("/")
        try:
            limit = RateLimit(float(requests), float(tokens or 0))
        except ValueError:
            limit = RateLimit(-1.0)
        if not name.strip() or not (0 <= limit.requests_a_minute < inf and 0 <= limit.tokens_a_minute < inf):
            raise SetupError(
                f"{part!r} is no rate limit: write vendor/model=requests or vendor/model=requests/tokens a minute, "
                "as in ANTIPHON_PROVIDER_LIMITS=openai/gpt-4.1-mini=500/200000"
            )
        found[name.strip()] = Allowance(limit)
    return found


class _Bucket:
    """Fills by `a_minute`, holds `burst_s` seconds' worth. Who asks for more than that waits for a full one."""

    def __init__(self, a_minute: float, burst_s: float, least: float) -> None:
        self._a_second = a_minute / MINUTE_S
        self._holds = max(self._a_second * burst_s, least)
        self._left = self._holds
        self._at: float | None = None

    def wait_s(self, now: float, amount: float) -> float:
        if not self._a_second:
            return 0.0
        self._fill(now)
        return max(0.0, min(amount, self._holds) - self._left) / self._a_second

    def take(self, now: float, amount: float) -> None:
        if self._a_second:
            self._fill(now)
            self._left -= amount

    def _fill(self, now: float) -> None:
        if self._at is not None:
            passed = max(0.0, now - self._at)  # several loops may ask, each by its own clock
            self._left = min(self._holds, self._left + passed * self._a_second)
        self._at = now
