"""The language models that the settings name."""

from __future__ import annotations

from antiphon.config import Settings
from antiphon.ports import LanguageModel
from antiphon.providers import registry


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
