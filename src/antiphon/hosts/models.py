"""The providers that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Guardrail
from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.ports import LanguageModel, Recognizer, Synthesizer
from antiphon.providers import registry
from antiphon.providers.chains import Warmable
from antiphon.providers.model_routing import SecondOpinion
from antiphon.providers.resilience import Allowance, CommonAnswers, FirstVoice, allowances

MOST = 16
"Models a server keeps connections for, besides its own."


def access(settings: Settings) -> registry.Access:
    """The keys, addresses and files of the settings."""
    return registry.Access(
        openai_key=settings.openai_api_key.get_secret_value(),
        openai_url=settings.llm_base_url,
        speech_url=settings.speech_base_url,
        anthropic_key=settings.anthropic_api_key.get_secret_value(),
        voice=settings.voice,
        gguf=settings.llm_gguf,
        cache=settings.data / "cache",
        home=settings.data,
        limits=_allowances(settings.provider_limits),
    )


@lru_cache
def _allowances(setting: str) -> dict[str, Allowance]:
    """One for each provider in the process, whoever asks it: the vendor counts them together as well."""
    return allowances(setting)


def language_model(settings: Settings) -> LanguageModel | None:
    """The models of the settings as one; None without any. Raises SetupError."""
    return _language_model(settings, settings.language_models)


def _language_model(settings: Settings, names: Sequence[str]) -> LanguageModel | None:
    made = registry.language_model(names, access(settings))
    if made is None or not settings.keep_answers:
        return made
    return CommonAnswers(made, keep_s=settings.keep_answers)


def specialist_models(settings: Settings) -> dict[str, LanguageModel]:
    """The models of single specialists, by name; where one fails, those for all answer. Raises SetupError."""
    found: dict[str, LanguageModel] = {}
    for name, model in settings.models_of_specialists.items():
        others = [other for other in settings.language_models if other != model]
        made = _language_model(settings, [model, *others])
        assert made is not None
        found[name] = made
    return found


def guarded(settings: Settings, local: Guardrail) -> Guardrail:
    """`local`, with the moderation of the settings beside it. Raises SetupError."""
    return registry.guardrail(settings.moderator, local, access(settings), settings.moderation_ms / 1000)


def advised(settings: Settings, agent: Agent) -> Agent:
    """The agent, whose router asks the classifier of the settings where it is unsure. Raises SetupError."""
    name = settings.anthropic_classifier_model
    if not name or agent.router is None or settings.llm == "none":
        return agent
    model = registry.language_model([f"anthropic/{name}"], access(settings))
    assert model is not None
    return replace(agent, router=SecondOpinion(agent.router, model, agent.specialists))


def recognizer(settings: Settings) -> Recognizer:
    """The recognizer of the settings. Raises SetupError."""
    return registry.recognizer(settings.stt, access(settings))


async def voice(settings: Settings) -> Synthesizer:
    """The voice of the settings, which has spoken once if it runs here. Raises SetupError.

    A hosted one has not: its connections belong to the loop in which calls are held.
    """
    made = await asyncio.to_thread(registry.synthesizer, settings.tts, access=access(settings))
    for one in made.chain.providers if isinstance(made, FirstVoice) else (made,):
        if isinstance(one, Warmable):
            await one.warm_up()
    return made


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
            settings = self._settings.model_copy(update={"llm": llm, "keep_answers": 0})
            try:  # in a thread: loading a vendor's SDK takes a second or two
                self._made[llm] = await asyncio.to_thread(language_model, settings)
            except SetupError as error:
                raise CallerError(str(error), field="llm") from None
        return self._made[llm]
