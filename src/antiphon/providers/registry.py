"""Providers by the names used in the configuration: vendor/model."""

from __future__ import annotations

import importlib.util

from antiphon.core.errors import SetupError
from antiphon.ports import Recognizer, Synthesizer


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


def synthesizer(name: str) -> Synthesizer:
    """The voice of that name. Raises SetupError."""
    match name:
        case "local/hibari":
            from antiphon.providers.local_hibari import Hibari

            return Hibari()
        case "piper/joe":
            from antiphon.providers.piper import Piper

            return Piper()
        case _:
            raise SetupError(f"there is no voice {name!r}; set ANTIPHON_TTS to local/hibari or piper/joe")
