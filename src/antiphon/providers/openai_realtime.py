"""OpenAI's Realtime API for pages: keys that are given to them, so that ours is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from antiphon.providers.hosted import Patience
from antiphon.providers.openai_wire import BASE_URL, OpenAIWire

if TYPE_CHECKING:
    from openai.types.realtime.client_secret_create_params import Session

PROVIDER = "openai realtime"
ANSWER_WITHIN = Patience(5.0, 8.0)


class OpenAIRealtime:
    """One server of the API."""

    def __init__(self, api_key: str = "", base_url: str = BASE_URL) -> None:
        """Raises SetupError without the openai package."""
        self.api_key = api_key
        self.base_url = base_url
        self._wire = OpenAIWire(
            base_url, api_key=api_key, provider=PROVIDER, extra="openai", patience=ANSWER_WITHIN
        )

    async def secret(self, session: Mapping[str, object], seconds: int) -> tuple[str, int]:
        """A key that opens calls which begin as `session` says, and when it expires, in seconds since 1970.

        Raises ProviderError.
        """
        with self._wire.telling():
            made = await self._wire.client.realtime.client_secrets.create(
                expires_after={"anchor": "created_at", "seconds": seconds}, session=cast("Session", session)
            )
        return made.value, made.expires_at

    async def close(self) -> None:
        """No connection is held any longer."""
        await self._wire.close()
