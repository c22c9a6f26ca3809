"""Those who listen to a call besides the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from antiphon.core.audio import Pcm
from antiphon.core.events import Command, Event, Played, PlayoutCleared, ProgramEvent, TurnId, UserEvent
from antiphon.core.notes import ConnectionLost, JobChanged, Note, PersonAsked, SoundSent
from antiphon.ports import Transport


class Onlooker(Protocol):
    """Somebody who is shown and played everything that happens in a call. No method may block."""

    def show(self, news: Event | Command | Note) -> None: ...
    def caller_said(self, pcm: Pcm) -> None: ...
    def agent_said(self, turn: TurnId, sentence: int, pcm: Pcm) -> None: ...
    def person_said(self, pcm: Pcm) -> None: ...
    def hold(self, turn: TurnId) -> None: ...
    def resume(self, turn: TurnId) -> None: ...
    def clear(self, turn: TurnId) -> None: ...


class Audience:
    """The caller's transport, with onlookers who come and go."""

    def __init__(self, caller: Transport) -> None:
        self.caller = caller
        self.onlookers: list[Onlooker] = []

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        def shared(pcm: Pcm) -> None:
            hear(pcm)
            for onlooker in self.onlookers:
                onlooker.caller_said(pcm)

        await self.caller.run(emit, shared)

    async def receive(
        self,
    ) -> UserEvent | ProgramEvent | Played | PlayoutCleared | PersonAsked | JobChanged | ConnectionLost:
        return await self.caller.receive()

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None:
        self.caller.play(turn, sentence, pcm)
        for onlooker in self.onlookers:
            onlooker.agent_said(turn, sentence, pcm)

    def relay(self, pcm: Pcm) -> None:
        self.caller.relay(pcm)
        for onlooker in self.onlookers:
            onlooker.person_said(pcm)

    def hold(self, turn: TurnId) -> None:
        self.caller.hold(turn)
        for onlooker in self.onlookers:
            onlooker.hold(turn)

    def resume(self, turn: TurnId) -> None:
        self.caller.resume(turn)
        for onlooker in self.onlookers:
            onlooker.resume(turn)

    def clear(self, turn: TurnId) -> None:
        self.caller.clear(turn)
        for onlooker in self.onlookers:
            onlooker.clear(turn)

    def show(self, news: Event | Command | Note) -> None:
        self.caller.show(news)
        for onlooker in self.onlookers:
            onlooker.show(news)
