"""The hands that a session works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from antiphon.ports import LanguageModel, Recognizer, Synthesizer, TurnDetector, VoiceActivityDetector
from antiphon.session.phrases import Phrases


@dataclass(frozen=True, slots=True)
class Providers:
    """Whom it asks. Shared by all sessions of a process."""

    vad: VoiceActivityDetector
    recognizer: Recognizer
    turn_detector: TurnDetector | None
    synthesizer: Synthesizer
    model: LanguageModel | None = None
    phrases: Phrases = field(default_factory=Phrases)
    "What is heard even when the synthesizer is down."
    specialist_models: Mapping[str, LanguageModel] = field(default_factory=dict)
    "For the specialists of these names, in place of `model`."
