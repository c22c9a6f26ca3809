"""The architectures a caller can go through. Whatever the way, it is a `Caller` that speaks, hears and is measured.

A way opens a call: a `line.Line` on which the caller speaks as to `/orchestrate`, whatever is spoken on the wire. To
add one is to write that line, and to name it here.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

from antiphon.bench.caller import Caller, call
from antiphon.bench.realtime_line import call_realtime
from antiphon.core.errors import CallerError


class Way(Protocol):
    def __call__(self, url: str, *, agent: str, greet: bool, key: str) -> AbstractAsyncContextManager[Caller]:
        """A call to the server at `url`, which is over when the block is left. `key` is shown where it is not empty.

        Raises SetupError when there is no server, CallerError when it does not take the call.
        """
        ...


def _webrtc(
    url: str, *, agent: str, greet: bool, key: str, is_judged: bool = False
) -> AbstractAsyncContextManager[Caller]:
    # Half a second of imports, and an extra, which the other ways need not have.
    from antiphon.bench.webrtc_line import call_webrtc

    return call_webrtc(url, agent=agent, greet=greet, key=key, is_judged=is_judged)


def _direct(url: str, *, agent: str, greet: bool, key: str) -> AbstractAsyncContextManager[Caller]:
    from antiphon.bench.direct_line import call_direct

    return call_direct(url, agent=agent, greet=greet, key=key)


def _livekit(url: str, *, agent: str, greet: bool, key: str) -> AbstractAsyncContextManager[Caller]:
    from antiphon.bench.livekit_line import call_livekit

    return call_livekit(url, agent=agent, greet=greet, key=key)


WAYS: dict[str, Way] = {
    "orchestrate": call,
    "realtime": call_realtime,
    "webrtc": _webrtc,
    "direct": _direct,
    "livekit": _livekit,
}


JUDGED: dict[str, Way] = {
    "realtime-semantic": partial(call_realtime, is_judged=True),
    "webrtc-semantic": partial(_webrtc, is_judged=True),
}
"OpenAI's protocol by a program that asks for `semantic_vad`: what is said over the agent's voice is judged."


def way(name: str) -> Way:
    """The way of that name. Raises CallerError."""
    found = (WAYS | JUDGED).get(name)
    if found is None:
        raise CallerError(f"there is no way via {name!r}; use {', '.join(WAYS)}", field="via")
    return found
