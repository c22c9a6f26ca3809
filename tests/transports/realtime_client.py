"""The other end of a Realtime dialogue: what its client is told, and what the conversation is."""

from __future__ import annotations

import itertools
from dataclasses import replace

from antiphon.core import events as e
from antiphon.core.notes import Note
from antiphon.core.speech import Approved
from antiphon.transports.realtime.beside import Player
from antiphon.transports.realtime.dialogue import Dialogue
from antiphon.wire import openai_realtime as rt

HEARD = replace(rt.AudioInput(), transcription=rt.Transcription("whisper-1"))


class Client:
    """A client's end: what it was told, and what it made the conversation do."""

    def __init__(self, session: rt.AnySession | None = None, player: Player | None = None) -> None:
        ids = itertools.count(1)
        self.said: list[rt.ServerEvent] = []
        self.told: list[object] = []
        self.stopped: list[tuple[int, float]] = []
        self.dialogue = Dialogue(
            session or rt.Session(model="tutor", audio=rt.Audio(HEARD)),
            lambda kind: f"{kind}_{next(ids)}",
            self.said.append,
            self.told.append,
            lambda turn, seconds: self.stopped.append((turn, seconds)),
            is_played_here=player is not None,
            player=player,
        )
        self.dialogue.open()
        self.dialogue.heard_ms = 5000
        self.clear()

    def clear(self) -> None:
        self.said.clear()
        self.told.clear()

    def sees(self, *news: e.Event | e.Command | Note) -> list[str]:
        """The types of what the client is told of the news."""
        before = len(self.said)
        for item in news:
            self.dialogue.show(item, lambda at: round(at * 1000))
        return [event.type for event in self.said[before:]]

    def sends(self, event: rt.ClientEvent) -> list[str]:
        before = len(self.said)
        self.dialogue.take(event)
        return [event.type for event in self.said[before:]]

    def settles(self, turn: int = 0, sent: int = 0) -> list[str]:
        before = len(self.said)
        self.dialogue.settle(turn, sent)
        return [event.type for event in self.said[before:]]

    def hears_turn(self, turn: int = 1, text: str = "What is one?") -> None:
        """The user has asked, and the agent has begun to think."""
        self.sees(e.SpeechStarted(1.0), e.SpeechStopped(2.0), e.StartReply(turn, text, False))
        self.sees(e.ConfirmReply(turn), e.ChangePhase(e.Phase.THINKING), e.Remember(turn, e.Role.USER, text))
        self.settles()

    def speaks(self, turn: int, sentence: int, text: str, samples: int = 2400) -> None:
        self.sees(e.Speak(turn, sentence, Approved(text)), e.ChangePhase(e.Phase.SPEAKING))
        self.sees(
            e.SpeechSynthesized(turn, sentence, samples), e.SpeechSynthesized(turn, sentence, 0, (), True)
        )
        self.settles()
        self.dialogue.sent(turn, sentence * samples, samples, b"\0\0" * samples)

    def types(self) -> list[str]:
        return [event.type for event in self.said]

    def responses(self) -> list[rt.Response]:
        return [event.response for event in self.said if isinstance(event, rt.ResponseDone)]
