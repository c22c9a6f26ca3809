"""Speech as values: text that may be spoken, and sound with the words it carries."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.core.audio import Pcm


@dataclass(frozen=True, slots=True)
class Approved:
    """Text that a guardrail has allowed to be spoken.

    Made by `antiphon.agent.guardrail` alone (a test holds the tree to it); a synthesizer accepts nothing
    else. `text` is what is shown and remembered; the synthesizer decides how its symbols are pronounced.
    """

    text: str
    is_rewritten: bool = False
    "The guardrail replaced what the model had written."


@dataclass(frozen=True, slots=True)
class WordMark:
    """By the sample `at`, counted from the start of its sentence, the text up to `chars` has been said."""

    chars: int
    at: int


@dataclass(frozen=True, slots=True)
class Speech:
    """A piece of a spoken sentence: sound, and the words that end inside it.

    Marks count characters and samples from the start of the sentence, not of the piece; both rise strictly
    from mark to mark, over all pieces of the sentence; the last mark of the last piece covers the whole text.
    """

    pcm: Pcm
    marks: tuple[WordMark, ...] = ()
