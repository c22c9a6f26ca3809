"""The public keys of an OpenID provider: fetched off the event loop, kept, and fetched again when they change."""

from __future__ import annotations

import asyncio
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

import jwt

from antiphon.core.errors import ProviderError, SetupError

FRESH = 600.0
"Seconds for which keys are used without asking again."
STALE = 3600.0
"Seconds for which they are used while the provider cannot be reached."
AGAIN = 60.0
"Seconds between two fetches, whatever unknown keys tokens name."
AGAIN_AFTER_FAILURE = 5.0
"Likewise, when the last one brought nothing."
WITHIN = 5.0
"Seconds for one fetch."
LARGEST = 256 * 1024
"Bytes of an answer worth reading."
_USED_FOR = {"RS256": "RSA", "ES256": "EC"}
"The signatures that are accepted, and the type of key that makes each."
ALGORITHMS = tuple(_USED_FOR)

Fetch = Callable[[str], Mapping[str, object]]
"Blocking: the JSON object at a URL. Raises OSError or ValueError."


class KeySet:
    """The keys of one issuer. Shared by all requests; one fetch at a time."""

    def __init__(self, issuer: str, url: str, clock: Callable[[], float], fetch: Fetch | None = None) -> None:
        """`url` is where the keys are; empty, it is asked for by OpenID discovery. `clock` counts seconds."""
        check_url(url or issuer)
        self._issuer = issuer
        self._url = url
        self._clock = clock
        self._fetch = fetch or get_json
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="oidc-keys")

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of that id for that signature, or None. Without an id, the only one there is.

        Raises ProviderError while the provider cannot be reached and its keys are not known, or too old.
        """
        if self._age > FRESH or not self._has(kid, algorithm):
            await self._refresh(kid, algorithm)
        if self._age > STALE:
            raise ProviderError("the sign-in service cannot be reached; try again", provider="oidc")
        return self._find(kid, algorithm)

    def close(self) -> None:
        """The thread is gone once its fetch, if any, has ended."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _has(self, kid: str | None, algorithm: str) -> bool:
        return self._find(kid, algorithm) is not None

    def _find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        able = {k: key for k, key in self._keys.items() if key.algorithm_name == algorithm}
        if kid is None:
            return next(iter(able.values())) if len(able) == 1 else None
        return able.get(kid)

    async def _refresh(self, kid: str | None, algorithm: str) -> None:
        """The keys are as the provider has them now, unless they were asked for a moment ago."""
        async with self._lock:
            if self._age <= FRESH and self._has(kid, algorithm):
                return
            wait = AGAIN if self._tried_at == self._fetched_at else AGAIN_AFTER_FAILURE
            if self._clock() - self._tried_at < wait:
                return
            self._tried_at = self._clock()
            loop = asyncio.get_running_loop()
            try:
                document = await loop.run_in_executor(self._thread, self._ask)
                self._keys = usable(document)
                self._fetched_at = self._tried_at
            except (OSError, ValueError):
                # Known keys serve on until they are stale; `key` tells of it then.
                return

    def _ask(self) -> Mapping[str, object]:
        """In the thread. Raises OSError or ValueError."""
        url = self._url
        if not url:
            found = self._fetch(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise ValueError("the discovery document is another issuer's")
            url = str(found.get("jwks_uri", ""))
            try:
                check_url(url)
            except SetupError as error:
                raise ValueError(str(error)) from None
        return self._fetch(url)


def usable(document: Mapping[str, object]) -> dict[str | None, jwt.PyJWK]:
    """The keys of a JWK set (RFC 7517) with which signatures can be checked. Raises ValueError without any."""
    found: dict[str | None, jwt.PyJWK] = {}
    members = document.get("keys")
    for member in members if isinstance(members, list) else []:
        if not isinstance(member, dict) or member.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(member)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if _USED_FOR.get(key.algorithm_name) == key.key_type:
            found[key.key_id] = key
    if not found:
        raise ValueError("no key in the set can be used")
    return found


def check_url(url: str) -> None:
    """Returns for https, and for http on this machine. Raises SetupError: keys over http can be anybody's."""
    parts = urlsplit(url)
    is_local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if (
        not parts.hostname
        or parts.scheme not in ("https", "http")
        or (parts.scheme == "http" and not is_local)
    ):
        raise SetupError(f"{url!r} will not do as the address of an OpenID provider; it begins with https://")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to http, or into our own network."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        raise urllib.error.HTTPError(newurl, code, "redirects are not followed", headers, fp)


_opener = urllib.request.build_opener(_NoRedirect)


def get_json(url: str) -> Mapping[str, object]:
    """The JSON object at `url`. Blocks for 5 s at most between two bytes. Raises OSError or ValueError."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    try:
        with _opener.open(request, timeout=WITHIN) as answer:
            body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ValueError("the answer is too long")
        found = json.loads(body)
    except (http.client.HTTPException, RecursionError) as error:
        raise ValueError(f"the answer cannot be read: {error!r}") from None
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found
