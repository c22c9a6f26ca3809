"""The language models that the settings name."""

from __future__ import annotations

import asyncio

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.ports import LanguageModel
from antiphon.providers import registry

MOST = 16
"Models a server keeps connections for, besides its own."


def language_model(settings: Settings) -> LanguageModel | None:
    """The models of the settings as one; None without any. Raises SetupError."""
    access = registry.Access(
        openai_key=settings.openai_api_key.get_secret_value(),
        openai_url=settings.llm_base_url,
        anthropic_key=settings.anthropic_api_key.get_secret_value(),
        gguf=settings.llm_gguf,
        home=settings.data,
    )
    return registry.language_model(settings.language_models, access)


class Models:
    """Models that people name for a fork, each made once. For one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, LanguageModel | None] = {}

    async def named(self, llm: str) -> LanguageModel | None:
        """The models of that setting. Raises CallerError when they cannot be had."""
        if llm not in self._made:
            if len(self._made) >= MOST:
                raise CallerError("enough models were tried here; the server has to be restarted for more")
            settings = self._settings.model_copy(update={"llm": llm})
            try:  # in a thread: loading a vendor's SDK takes a second or two
                self._made[llm] = await asyncio.to_thread(language_model, settings)
            except SetupError as error:
                raise CallerError(str(error), field="llm") from None
        return self._made[llm]
