"""A connection to OpenAI, or to a server that speaks as it does, with every failure told as a ProviderError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from antiphon.core.errors import ProviderError, SetupError
from antiphon.providers.hosted import Patience, Wiring, needing, refused, wait_asked

if TYPE_CHECKING:
    import httpx2

BASE_URL = "https://api.openai.com/v1"
UNUSED_KEY = "none"
"Sent to servers that ask for no key: the SDK insists on one."


class OpenAIWire:
    """One server, over connections that are kept. The first one made loads the SDK: 1 to 2 s.

    Never repeats a request on its own. Belongs to the event loop it is first used in.
    """

    def __init__(
        self,
        base_url: str | None,
        *,
        api_key: str = "",
        provider: str,
        extra: str = "openai",
        patience: Patience,
    ) -> None:
        """`provider` names it in errors, `extra` is what to install. Without `base_url`: OpenAI itself.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        if not api_key and base_url is None:
            raise SetupError(
                f"{provider} needs a key: set OPENAI_API_KEY, or the base URL of your own server"
            )
        with needing(extra, provider, "openai"):
            import openai
        self.sdk = openai
        self.provider = provider
        self._wiring = Wiring("openai")
        base_url = base_url or BASE_URL
        self.client = openai.AsyncOpenAI(
            api_key=api_key or UNUSED_KEY,
            base_url=base_url,
            max_retries=0,
            http_client=cast("httpx2.AsyncClient", self._wiring.client(base_url, patience)),
        )

    async def close(self) -> None:
        """No connection is held any longer; what is under way fails."""
        await self.client.close()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """What the SDK raises in here comes out as a ProviderError that says what to check."""
        sdk, provider = self.sdk, self.provider
        try:
            yield
        except sdk.APIStatusError as error:
            after_s = wait_asked(error.response.headers)
            raise refused(provider, error.status_code, error.message, after_s) from error
        except sdk.APITimeoutError as error:
            raise ProviderError(f"{provider} did not answer in time", provider=provider) from error
        except sdk.APIConnectionError as error:
            raise self._unreachable(error.__cause__ or error) from error
        except sdk.OpenAIError as error:
            raise ProviderError(f"{provider} failed: {error}", provider=provider) from error
        except self._wiring.failures as error:
            raise self._unreachable(error) from error

    def garbled(self, what: str) -> ProviderError:
        """The error for an answer that is not what was asked for."""
        return ProviderError(f"{self.provider} answered {what}", provider=self.provider)

    def _unreachable(self, error: BaseException) -> ProviderError:
        return ProviderError(
            f"the connection to {self.provider} at {self.client.base_url} failed: "
            f"{error or type(error).__name__}",
            provider=self.provider,
        )
