"""What a caller says in one go, as the ears keep it."""

from __future__ import annotations

from antiphon.core.events import UtteranceId
from antiphon.session.hearing import Hearing
from antiphon.session.loudness import Loudness


class Utterance:
    """A stretch of speech that is recognized as one."""

    def __init__(self, id: UtteranceId, recognition: Hearing) -> None:
        self.id = id
        self.recognition = recognition
        self.sound = bytearray()
        self.voiced = 0.0
        "Seconds judged to be speech."
        self.loudness = Loudness()
        "Of those."
        self.told_bytes = 0
        "So much of the sound is in the words that were last emitted."
        self.told_voiced = 0.0
        self.is_empty = False
        "It was offered for a transcript and held no words; nothing was said since."
