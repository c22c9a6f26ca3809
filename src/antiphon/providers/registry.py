"""Providers by the names used in the configuration: vendor/model, several of them separated by commas."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.agent.guardrail import Guardrail
from antiphon.core.errors import SetupError
from antiphon.ports import LanguageModel, Recognizer, Synthesizer
from antiphon.providers.resilience import Allowance, first_of, first_recognizer, first_voice

OPENAI_VOICE = "alloy"
"Every speech model of OpenAI's has it."


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the doors of providers: keys, addresses, files."""

    openai_key: str = field(default="", repr=False)
    openai_url: str = ""
    speech_url: str = ""
    "For recognizers and voices; empty: `openai_url`."
    anthropic_key: str = field(default="", repr=False)
    voice: str = ""
    "The voice that hosted synthesizers speak with, whatever an agent asks for; empty: the agent's."
    gguf: Path | None = None
    cache: Path | None = None
    "Where voices keep what makes them load sooner."
    home: Path = Path()
    "Where model files are put together, in its folder models."
    limits: Mapping[str, Allowance] = field(default_factory=dict)
    "What may be asked of single providers, by name."

    def allowances(self, names: Sequence[str]) -> list[Allowance | None]:
        """What may be asked of each of those."""
        return [self.limits.get(name) for name in names]


NOTHING = Access()


def names(setting: str) -> tuple[str, ...]:
    """The names in a setting, in the order in which they are asked."""
    return tuple(name.strip() for name in setting.split(",") if name.strip())


# ---- recognizers -----------------------------------------------------------------------------------------
def recognizer(setting: str = "", access: Access = NOTHING) -> Recognizer:
    """The recognizers of those names as one: the first that works. None named: the best that is installed.

    Raises SetupError.
    """
    wanted = names(setting) or (_best_recognizer(),)
    made = [_recognizer(name, access) for name in wanted]
    limits = access.allowances(wanted)
    if len(made) == 1 and not any(limits):
        return made[0]
    try:
        return first_recognizer(made, limits=limits)
    except ValueError as error:
        raise SetupError(f"{setting} cannot stand in for one another: {error}") from None


def _best_recognizer() -> str:
    has_moonshine = importlib.util.find_spec("moonshine_voice") is not None
    return "local/moonshine-tiny" if has_moonshine else "local/whisper-tiny"


def _recognizer(name: str, access: Access) -> Recognizer:
    vendor, _, model = name.partition("/")
    match vendor:
        case "local" if model == "moonshine-tiny":
            from antiphon.providers.local_moonshine import Moonshine

            return Moonshine()
        case "local" if model == "whisper-tiny":
            from antiphon.providers.local_whisper import Whisper

            return Whisper()
        case "openai" if model:
            from antiphon.providers.openai_speech import OpenAIRecognizer

            return OpenAIRecognizer(model, access.openai_key, _speech_url(access))
        case "livekit" if model:
            from antiphon.providers.livekit_plugins import recognizer_of

            return recognizer_of(model)
    raise SetupError(
        f"there is no recognizer {name!r}; set ANTIPHON_STT to local/moonshine-tiny, local/whisper-tiny, "
        "openai/gpt-4o-mini-transcribe or livekit/<plugin>/<model>"
    )


# ---- voices ----------------------------------------------------------------------------------------------
def synthesizer(setting: str, *, access: Access = NOTHING) -> Synthesizer:
    """The voices of those names as one: the first that works speaks. Raises SetupError."""
    wanted = names(setting)
    made = [_synthesizer(name, access) for name in wanted]
    limits = access.allowances(wanted)
    if len(made) == 1 and not any(limits):
        return made[0]
    if not made:
        raise SetupError("there is no voice without a name; set ANTIPHON_TTS to local/hibari")
    return first_voice(made, limits=limits)


def _synthesizer(name: str, access: Access) -> Synthesizer:
    vendor, _, model = name.partition("/")
    match vendor:
        case "local" if model == "hibari":
            from antiphon.providers.local_hibari import Hibari

            return Hibari(folder=access.cache)
        case "piper" if model == "joe":
            from antiphon.providers.piper import Piper

            return Piper()
        case "openai" if model:
            from antiphon.providers.openai_speech import OpenAIVoice

            voice = access.voice or OPENAI_VOICE
            overrides = bool(access.voice)
            return OpenAIVoice(
                model, access.openai_key, _speech_url(access), voice=voice, overrides=overrides
            )
        case "livekit" if model:
            from antiphon.providers.livekit_plugins import voice_of

            return voice_of(model, access.voice)
    raise SetupError(
        f"there is no voice {name!r}; set ANTIPHON_TTS to local/hibari, piper/joe, openai/gpt-4o-mini-tts "
        "or livekit/<plugin>/<model>"
    )


def _speech_url(access: Access) -> str | None:
    return access.speech_url or access.openai_url or None


# ---- language models -------------------------------------------------------------------------------------
def language_model(names: Sequence[str], access: Access) -> LanguageModel | None:
    """The models of those names as one: the first that works answers. None without names; SetupError."""
    models = [_language_model(name, access) for name in names]
    return first_of(models, limits=access.allowances(names)) if models else None


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
        case "livekit" if model:
            from antiphon.providers.livekit_plugins import language_model_of

            return language_model_of(model)
        case _:
            raise SetupError(
                f"there is no language model {name!r}; name them vendor/model in ANTIPHON_LLM, with the "
                "vendor openai, anthropic, local or livekit"
            )


# ---- guardrails ------------------------------------------------------------------------------------------
def guardrail(name: str, local: Guardrail, access: Access, wait_s: float) -> Guardrail:
    """`local`, and beside it the moderation of that name, waited for so long. Raises SetupError."""
    vendor, _, model = name.partition("/")
    if name == "local":
        return local
    if vendor == "openai" and model:
        from antiphon.providers.chains import Backed
        from antiphon.providers.openai_moderation import OpenAIModeration

        moderation = OpenAIModeration(model, access.openai_key, access.openai_url or None)
        return Backed(moderation, local, wait_s, access.limits.get(name))
    raise SetupError(
        f"there is no moderation {name!r}; set ANTIPHON_MODERATION to local or openai/omni-moderation-latest"
    )
