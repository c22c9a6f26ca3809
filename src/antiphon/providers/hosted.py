"""What all models behind HTTP share: an SDK, how long to wait, whose fault a failure is, and one warm connection."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from importlib.metadata import requires
from ipaddress import ip_address
from types import ModuleType
from typing import TypeVar
from urllib.parse import urlsplit

import anyio

from antiphon.core.errors import ProviderError, SetupError

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")

KEEP_ALIVE_S = 120.0
"""Idle seconds before a connection is given up. A caller's turns lie further apart than the usual 5 s, and a
new TLS handshake would be heard as 0.1 to 0.3 s of silence."""
CONNECT_S = 3.0
"Seconds for a connection to come about; beyond it the address is wrong or the network is down."


@contextmanager
def needing(extra: str, who: str, package: str) -> Iterator[None]:
    """What is imported inside is there. Raises SetupError that says which extra of ours brings the package."""
    try:
        yield
    except ImportError as error:
        raise SetupError(f"{who} needs the {package} package: run `pip install antiphon[{extra}]`") from error


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller can be left waiting for a model before it counts as failed."""

    first_s: float = 8.0
    "Seconds from the request to the first word or tool call."
    between_s: float = 5.0
    "Seconds from one piece to the next, once it has begun."


async def patiently(
    pieces: AsyncGenerator[Piece, None], patience: Patience, is_news: Callable[[Piece], bool], provider: str
) -> AsyncGenerator[Piece, None]:
    """The same pieces; raises ProviderError when one is late. Only what `is_news` says ends the first wait.

    The time the reader takes between pieces is not counted. `pieces` is closed when this ends.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience.first_s
    has_begun = False
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                what = (
                    f"fell silent for {patience.between_s:g} s in the middle of its reply"
                    if has_begun
                    else f"said nothing for {patience.first_s:g} s"
                )
                raise ProviderError(f"{provider} {what}", provider=provider) from error
            has_begun = has_begun or is_news(piece)
            yield piece
            if has_begun:
                deadline = loop.time() + patience.between_s


def refused(provider: str, status: int, said: str, after_s: float = 0.0) -> ProviderError:
    """The error for an HTTP status of 400 or more, with what to check; `said` is the server's own text.

    Worth repeating: 408, 409, 425, 429 and everything from 500 on, `after_s` seconds later if that is known.
    """
    advice = {
        400: "the request was not understood: check the model's name and the options it takes",
        401: "the key was not accepted: check the API key",
        402: "the account cannot pay: check its billing",
        403: "the key may not do this: check its rights, the region and the model's terms",
        404: "there is no such model or address: check the model's name and the base URL",
        413: "the conversation is too long for it: shorten the instructions or the notes",
        422: "the request was not understood: check the model's name and the options it takes",
        429: "too many requests or the quota is used up: check the plan's limits",
    }
    meaning = advice.get(status, "it is out of order" if status >= 500 else "check the settings")
    return ProviderError(
        f"{provider} answered {status}, {meaning} ({said[:300]})",
        retryable=status in (408, 409, 425, 429) or status >= 500,
        provider=provider,
        after_s=after_s,
    )


def wait_asked(headers: Mapping[str, str]) -> float:
    """Seconds a refusal asks to be left alone for (RFC 9110, 10.2.3); 0 where it names none, or a date."""
    try:
        return max(0.0, float(headers.get("retry-after", "0")))
    except ValueError:
        return 0.0


async def within(seconds: float, answer: Awaitable[Answer], provider: str) -> Answer:
    """The answer; raises ProviderError when it takes longer than that."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as error:
        raise ProviderError(f"{provider} did not answer in {seconds:g} s", provider=provider) from error


class Wiring:
    """The HTTP library that a vendor's SDK was built on, found without naming it.

    SDKs have moved from `httpx` to `httpx2`; a client of the other one is refused by them.
    """

    def __init__(self, sdk: str) -> None:
        """`sdk`: the name of an installed distribution."""
        needs = requires(sdk) or []
        self.module: ModuleType = importlib.import_module(
            "httpx2" if any(need.startswith("httpx2") for need in needs) else "httpx"
        )

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What a broken connection or a garbled answer raises while it is read."""
        return (
            self.module.HTTPError,
            self.module.StreamError,
            anyio.EndOfStream,
            ssl.SSLError,
            OSError,
            ValueError,  # not JSON, or not UTF-8
        )

    def client(self, base_url: str, patience: Patience) -> object:
        """A client that keeps its connections; a server on this machine is never reached through a proxy."""
        longest_s = max(patience.first_s, patience.between_s) + 1.0
        made: object = self.module.AsyncClient(
            timeout=self.module.Timeout(longest_s, connect=CONNECT_S),
            limits=self.module.Limits(max_connections=1000, keepalive_expiry=KEEP_ALIVE_S),
            follow_redirects=True,
            trust_env=not _is_loopback(base_url),
        )
        return made


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
