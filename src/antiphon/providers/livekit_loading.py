"""What all plugins of LiveKit Agents need that run outside it: to be found, an HTTP session, errors of our kind.

Facts: livekit-agents 1.8. Plugins may be imported on the main thread only, and look for the HTTP session that they
share in the context they are called in (`livekit.agents.utils.http_context`).
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import Context
from typing import TYPE_CHECKING, Generic, TypeVar

from antiphon.core.errors import ProviderError, SetupError
from antiphon.providers.hosted import refused

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from livekit.agents import APIConnectOptions, llm, stt, tts

Plugin = TypeVar("Plugin", "stt.STT[str]", "tts.TTS[str]", "llm.LLM[str]")
Made = TypeVar("Made")


class Loaded(Generic[Plugin]):
    """A plugin and what it runs in: made at once on the main thread, elsewhere when it is first used there."""

    def __init__(self, model: str, kind: str, wishes: Mapping[str, str]) -> None:
        self.name = f"livekit/{model}"
        self._plugin, _, self._model = model.partition("/")
        self._module = self._plugin if "." in self._plugin else f"livekit.plugins.{self._plugin}"
        self._kind = kind
        self._wishes = wishes
        self._made: Plugin | None = None
        self._context: Context | None = None
        self._http: AbstractAsyncContextManager[ClientSession] | None = None
        self._entering = asyncio.Lock()
        if not _is_installed("livekit.agents"):
            raise SetupError(f"{self.name} needs livekit-agents: run `pip install antiphon[livekit]`")
        if not _is_installed(self._module):
            raise SetupError(
                f"{self.name} needs its plugin: run `pip install livekit-plugins-{self._plugin}`"
            )
        if threading.current_thread() is threading.main_thread():
            self.get()

    def get(self) -> Plugin:
        """The plugin's object. Raises SetupError."""
        if self._made is None:
            make = getattr(importlib.import_module(self._module), self._kind, None)
            if make is None:
                raise SetupError(f"{self.name}: the plugin has no {self._kind}")
            takes = inspect.signature(make).parameters
            wishes = {"model": self._model, **self._wishes}
            try:
                self._made = make(**{key: value for key, value in wishes.items() if value and key in takes})
            except Exception as error:  # foreign code: mostly, a key is missing
                raise SetupError(f"{self.name} cannot be set up: {error}") from error
        assert self._made is not None
        return self._made

    async def context(self) -> Context:
        """What the plugin's calls have to run in: there it finds the HTTP session that they share."""
        async with self._entering:
            if self._context is None:
                from livekit.agents.utils import http_context

                context, http = Context(), http_context.open()
                await in_context(context, http.__aenter__())
                self._context, self._http = context, http
        return self._context

    async def close(self) -> None:
        """The plugin and its HTTP session are closed."""
        if self._made is not None:
            with telling(self.name):
                await self._made.aclose()
        if self._http is not None and self._context is not None:
            http, context, self._http, self._context = self._http, self._context, None, None
            await in_context(context, http.__aexit__(None, None, None))


async def in_context(context: Context, work: Coroutine[object, object, Made]) -> Made:
    """What `work` returns, done in `context`. Cancelling it cancels the work."""
    return await asyncio.get_running_loop().create_task(work, context=context, name="livekit: in its context")


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def telling(name: str) -> Iterator[None]:
    """What a plugin raises in here comes out as a ProviderError that says what to check."""
    from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError

    try:
        yield
    except ProviderError:
        raise
    except APIStatusError as error:
        if error.status_code >= 400:
            raise refused(name, error.status_code, error.message) from error
        raise ProviderError(f"{name} failed: {error}", retryable=error.retryable, provider=name) from error
    except APITimeoutError as error:
        raise ProviderError(f"{name} did not answer in time", provider=name) from error
    except APIConnectionError as error:
        raise ProviderError(f"the connection to {name} failed: {error}", provider=name) from error
    except APIError as error:
        raise ProviderError(f"{name} failed: {error}", retryable=error.retryable, provider=name) from error
    except Exception as error:
        # A plugin is foreign code: whatever else it raises is its failure and ends no call.
        raise ProviderError(f"{name} failed: {type(error).__name__}: {error}", provider=name) from error


def once(timeout_s: float) -> APIConnectOptions:
    """Options for a request that the plugin does not repeat: whoever asks decides who is asked next."""
    from livekit.agents import APIConnectOptions

    return APIConnectOptions(max_retry=0, timeout=timeout_s)
