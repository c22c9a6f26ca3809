"""The line between a session of ours and LiveKit's: facts of the room go in, what is to be said comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.conversation import Conversation
from antiphon.core.notes import ConnectionLost, Note, PersonAsked, RouteDecided, SoundSent
from antiphon.core.transcript import Line
from antiphon.hosts.livekit_room.speech import Sentence, Speech

log = structlog.get_logger(__name__)

BEGIN_WITHIN = 2.0
"Seconds in which a turn that was committed begins. It does so at once, unless there was nothing in it."
FALLBACK_SILENCE = 30.0
"Seconds of silence that end a turn by themselves: LiveKit ends it long before, or has lost it."
KEPT = 8
"Speeches that are remembered, the latest."

Fact = e.UserEvent | e.ProgramEvent | e.Played | e.PlayoutCleared | PersonAsked | ConnectionLost


class RoomLine:
    """A session's transport whose other end is an `AgentSession`. On the loop of both.

    LiveKit decides when the user's turn is over and whether they interrupt: the session is told, and answers.
    """

    def __init__(self, has_sound: bool = True, prompts_after: float | None = None) -> None:
        """Without sound, what is said counts as heard at once."""
        self.has_sound = has_sound
        self.conversation: Conversation | None = None
        "Of the session, once there is one."
        self.say: Callable[[Speech], None] = lambda speech: None
        "Called with what is to be said though nobody asked: a greeting, a prompt, a person's line."
        self.stop: Callable[[Speech], None] = lambda speech: None
        "Called when the session wants no more of it heard."
        self.relayed: Callable[[Pcm], None] = lambda pcm: None
        "Called with a supervisor's live voice."
        self.shown: list[Callable[[e.Event | e.Command | Note], None]] = []
        "Called with everything that happens in the session. They must not block."
        self.news = asyncio.Event()
        "Set with everything that happens in the session."
        self.lag = 0.0
        "Seconds by which the session's clock is ahead of the loop's."
        self.handed: Speech | None = None
        "What one agent of the room has handed to another."
        self._inbox: asyncio.Queue[Fact] = asyncio.Queue()
        self._speeches: dict[e.TurnId, Speech] = {}
        self._asked: asyncio.Future[Speech] | None = None
        self._emit: Callable[[SoundSent], None] = lambda sent: None
        self._hear: Callable[[Pcm], None] = lambda pcm: None
        self._loop = asyncio.get_running_loop()
        self.prompts_after = prompts_after
        "Seconds of silence of both after which the agent speaks up; None: it does not."
        self.is_written = False
        "The next question that is asked is the last line of the conversation already."
        self.transcript: Callable[[], Sequence[Line]] = tuple
        "What was said so far."
        self._inbox.put_nowait(turn_taking(prompts_after))

    # ---- for LiveKit's side ------------------------------------------------------------------------------
    def tell(self, fact: Fact) -> None:
        """The fact is the session's to deal with."""
        self._inbox.put_nowait(fact)

    def hear(self, pcm: Pcm) -> None:
        """`pcm`, of the caller's voice, has just come."""
        self._hear(pcm)

    async def ask(self, text: str) -> Speech | None:
        """The user's turn is over, and `text` is what LiveKit has of it: what the agent says to it. None: nothing.

        The words are those that the session made out itself, if these are they.
        """
        conversation = self.conversation
        if conversation is None or conversation.is_over:
            return None
        self.close_open()
        if self._asked is not None and not self._asked.done():
            self._asked.cancel()
        asked: asyncio.Future[Speech] = self._loop.create_future()
        self._asked = asked
        if self.is_written:
            self.is_written = False
            self.tell(e.AnswerAsked())
        elif not _words(text) or _words(conversation.words.text) == _words(text):
            self.tell(e.TurnCommitted())
        else:
            if conversation.words.text:
                self.tell(e.TurnDropped())
            self.tell(e.Typed(text))
        if conversation.is_taken_over:
            asked.cancel()
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_WITHIN):
                return await asked
        log.warning("a turn was committed that held nothing to answer", letters=len(text))
        return None

    def close_open(self) -> None:
        """Whatever is still being said was stopped by LiveKit: the session knows how far it was heard."""
        for speech in self._speeches.values():
            if speech.is_claimed and not speech.is_remembered and speech is not self.handed:
                self.over(speech, is_cut=True)

    def over(self, speech: Speech, is_cut: bool) -> None:
        """LiveKit plays no more of the speech."""
        if speech.is_remembered or speech is self.handed:
            return
        if is_cut:
            speech.stop()
            if speech.stopped_at != speech.played:
                speech.stopped_at = speech.played
                self.tell(e.StoppedAt(speech.turn, speech.played))
        else:
            self.heard(speech, speech.samples)

    def heard(self, speech: Speech, samples: int) -> None:
        """So many samples of the speech have been played in all."""
        if samples > speech.played:
            speech.played = samples
            self.tell(e.Played(speech.turn, samples))

    def left(self, speech: Speech, sentence: Sentence) -> None:
        """The first sample of the sentence has left."""
        if not sentence.is_heard:
            sentence.is_heard = True
            self._emit(SoundSent(speech.turn, sentence.number))

    def sentence(self, text: str) -> tuple[Speech, Sentence] | None:
        """The first sentence of that text which may be heard and has no voice yet."""
        wanted = text.strip()
        for speech in self._speeches.values():
            for sentence in speech.sentences:
                if not sentence.is_voiced and not speech.is_stopped and sentence.text.strip() == wanted:
                    return speech, sentence
        return None

    def is_approved(self, text: str) -> bool:
        """The text is a sentence that the session's gate has let through."""
        wanted = text.strip()
        return any(
            one.text.strip() == wanted for speech in self._speeches.values() for one in speech.sentences
        )

    def take_handed(self) -> Speech | None:
        """What was handed over, once."""
        speech, self.handed = self.handed, None
        return speech

    def clock(self, t: float, item: object) -> None:
        """Something happened at `t` of the session's clock, just now."""
        self.lag = t - self._loop.time()
        self.news.set()

    # ---- the session's transport -------------------------------------------------------------------------
    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        self._emit, self._hear = emit, hear
        try:
            await self._loop.create_future()
        finally:
            self._hear = lambda pcm: None
            for speech in self._speeches.values():
                speech.stop()

    async def receive(self) -> Fact:
        return await self._inbox.get()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        speech = self._speeches.get(turn)
        if speech is None or (one := speech.find(sentence)) is None:
            return
        one.given += len(pcm)
        if self.has_sound:
            one.pieces.append(pcm)
        else:
            self.left(speech, one)
            self.heard(speech, speech.played + len(pcm))
        speech.tell()

    def relay(self, pcm: Pcm) -> None:
        self.relayed(pcm)

    def hold(self, turn: e.TurnId) -> None:
        """LiveKit holds its output by itself."""

    def resume(self, turn: e.TurnId) -> None:
        """Likewise."""

    def clear(self, turn: e.TurnId) -> None:
        speech = self._speeches.get(turn)
        if speech is None:
            self.tell(e.PlayoutCleared(turn, 0))
            return
        speech.stop()
        if speech.stopped_at is not None:
            return  # LiveKit stopped it, and has said so
        if self.has_sound and speech.is_claimed and speech.played < speech.samples:
            self.stop(speech)
        else:
            self.tell(e.PlayoutCleared(turn, speech.played))

    def show(self, news: e.Event | e.Command | Note) -> None:
        match news:
            case e.StartReply(turn, _, is_confirmed):
                self._begin(turn)
                if is_confirmed:
                    self._answer(turn)
            case e.ConfirmReply(turn):
                self._answer(turn)
            case e.ContinueReply(turn):
                self._begin(turn)
            case RouteDecided(turn):
                if turn in self._speeches:
                    self._speeches[turn].route = news
                    self._speeches[turn].tell()
            case e.Speak(turn, number, text):
                self._speak(turn, number, text.text)
            case e.SpeechSynthesized(turn, number, samples, _, is_last):
                self._made(turn, number, samples, is_last)
            case e.SynthesisFailed(turn, number):
                self._made(turn, number, 0, True)
            case e.ReplyEnded(turn) | e.ReplyFailed(turn):
                if turn in self._speeches:  # what follows from it is added before anybody looks
                    self._speeches[turn].end()
            case e.CancelReply(turn):
                if turn in self._speeches:
                    self._speeches[turn].stop()
            case e.Remember(turn, role) if role is not e.Role.USER and turn in self._speeches:
                self._speeches[turn].is_remembered = True
            case _:
                pass
        for shown in self.shown:
            shown(news)

    # ---- what is being said ------------------------------------------------------------------------------
    def _begin(self, turn: e.TurnId) -> Speech:
        speech = self._speeches[turn] = Speech(turn)
        for old in sorted(self._speeches)[:-KEPT]:
            del self._speeches[old]
        return speech

    def _answer(self, turn: e.TurnId) -> None:
        """The turn's reply is what was asked for, if anybody asks."""
        speech = self._speeches.get(turn)
        if speech is not None and self._asked is not None and not self._asked.done():
            speech.is_claimed = True
            self._asked.set_result(speech)

    def _speak(self, turn: e.TurnId, number: int, text: str) -> None:
        speech = self._speeches.get(turn)
        if speech is None:  # a line of its own, which is all of its turn
            speech = self._begin(turn)
            speech.end()
        speech.add(number, text)
        if not speech.is_claimed:
            speech.is_claimed = True
            self.say(speech)

    def _made(self, turn: e.TurnId, number: int, samples: int, is_made: bool) -> None:
        speech = self._speeches.get(turn)
        if speech is None or (sentence := speech.find(number)) is None:
            return
        sentence.announced += samples
        sentence.is_made = sentence.is_made or is_made
        speech.tell()


def turn_taking(prompts_after: float | None) -> e.TurnTakingSet:
    """LiveKit ends the user's turns and interrupts."""
    return e.TurnTakingSet(
        e.TurnEnd.ANSWERED, gives_way=False, silence=FALLBACK_SILENCE, prompts_after=prompts_after
    )


def _words(text: str) -> list[str]:
    return text.lower().split()
