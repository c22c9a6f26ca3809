"""Providers by the names used in the configuration: vendor/model."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.core.errors import SetupError
from antiphon.ports import LanguageModel, Recognizer, Synthesizer
from antiphon.providers.resilience import first_of


def recognizer(name: str = "") -> Recognizer:
    """The recognizer of that name; without one, the best that is installed. Raises SetupError."""
    if not name:
        has_moonshine = importlib.util.find_spec("moonshine_voice") is not None
        name = "local/moonshine-tiny" if has_moonshine else "local/whisper-tiny"
    match name:
        case "local/moonshine-tiny":
            from antiphon.providers.local_moonshine import Moonshine

            return Moonshine()
        case "local/whisper-tiny":
            from antiphon.providers.local_whisper import Whisper

            return Whisper()
        case _:
            raise SetupError(
                f"there is no recognizer {name!r}; set ANTIPHON_STT to local/moonshine-tiny or local/whisper-tiny"
            )


def synthesizer(name: str, folder: Path | None = None) -> Synthesizer:
    """The voice of that name, which may keep in `folder` what makes it load sooner. Raises SetupError."""
    match name:
        case "local/hibari":
            from antiphon.providers.local_hibari import Hibari

            return Hibari(folder=folder)
        case "piper/joe":
            from antiphon.providers.piper import Piper

            return Piper()
        case _:
            raise SetupError(f"there is no voice {name!r}; set ANTIPHON_TTS to local/hibari or piper/joe")


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the doors of language models: keys, addresses, files."""

    openai_key: str = field(default="", repr=False)
    openai_url: str = ""
    anthropic_key: str = field(default="", repr=False)
    gguf: Path | None = None
    home: Path = Path()
    "Where model files are put together, in its folder models."


def language_model(names: Sequence[str], access: Access) -> LanguageModel | None:
    """The models of those names as one: the first that works answers. None without names; SetupError."""
    models = [_language_model(name, access) for name in names]
    return first_of(models) if models else None


def _language_model(name: str, access: Access) -> LanguageModel:
    vendor, _, model = name.partition("/")
    match vendor:
        case "openai" if model:
            from antiphon.providers.openai import OpenAIChat

            return OpenAIChat(model, access.openai_key, access.openai_url or None)
        case "anthropic" if model:
            from antiphon.providers.anthropic import AnthropicChat

            return AnthropicChat(model, access.anthropic_key)
        case "local":
            from antiphon.providers.local_llm import LocalLlm
            from antiphon.providers.local_llm_weights import assemble

            return LocalLlm(access.gguf or assemble(access.home), name=name)
        case _:
            raise SetupError(
                f"there is no language model {name!r}; name them vendor/model in ANTIPHON_LLM, with the "
                "vendor openai, anthropic or local"
            )
