"""A conversation as a client of OpenAI's protocol sees it: its items, its responses, and what the client asks for.

Our turns and their turns are told apart here and nowhere else: what the user says in `speech`, what the agent says in
`responses`, what is remembered of it in `history`, what is answered besides in `beside`. No I/O: `say` is given the
events for the client, `tell` what the client did, in the conversation's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import Note
from antiphon.core.turns import TurnPolicy, Verdict
from antiphon.transports.realtime.beside import Answerer, Beside, Player, must_call
from antiphon.transports.realtime.functions import Functions
from antiphon.transports.realtime.history import History, Told
from antiphon.transports.realtime.items import Items
from antiphon.transports.realtime.responses import Responses
from antiphon.transports.realtime.speech import UserSpeech
from antiphon.transports.realtime.turntaking import turn_taking
from antiphon.transports.realtime.usage import Allowance
from antiphon.wire import openai_realtime as rt

POLICY = TurnPolicy()
BUSY = frozenset({e.Phase.THINKING, e.Phase.SPEAKING, e.Phase.INTERRUPTED})


def _whole(sound: Pcm, form: rt.Format) -> Iterator[bytes]:
    yield sound.data


class Dialogue:
    """One connection's. What comes in goes through `take`, what happens through `show`; `settle` says what is due."""

    def __init__(
        self,
        session: rt.AnySession,
        new_id: Callable[[str], str],
        say: Callable[[rt.ServerEvent], None],
        tell: Callable[[Told], None],
        stopped: Callable[[e.TurnId, float], None],
        *,
        is_played_here: bool = False,
        player: Player | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        encode: Callable[[Pcm, rt.Format], Iterator[bytes]] = _whole,
    ) -> None:
        """`stopped` is told that of the turn no more than so many seconds were heard.

        `is_played_here`: the voice goes another way than these events (WebRTC), and we know how much was heard.
        `player`: of responses out of band, where there is one. `clock`: seconds, for the number of responses in a
        minute. `encode`: of the voice of responses out of band.
        """
        self.session = session
        self.conversation_id = new_id("conv")
        self.heard_ms = 0
        "Of the user's sound, in all; to be kept up to date by who hears it."
        self.is_played_here = is_played_here
        self._say = say
        self._tell = tell
        self._items = Items(new_id)
        self._speech = UserSpeech(self._items, say, new_id)
        self._history = History(self._items, say, tell, stopped)
        allowance = Allowance(clock)
        self._beside = Beside(self._items, self._history, say, new_id, allowance, encode, player)
        self._responses = Responses(
            lambda: self.session,
            self.conversation_id,
            self._items,
            self._history,
            say,
            tell,
            new_id,
            allowance,
            is_played_here=is_played_here,
        )
        self._phase = e.Phase.IDLE
        self._heard: tuple[e.TurnId, str] = (0, "")
        "The turn of which something was heard last, and what."

    def open(self) -> None:
        """The client knows what it is connected to."""
        self._say(rt.SessionCreated(self.session))
        if isinstance(self.session, rt.Session):
            self._say(rt.ConversationCreated(rt.ConversationId(self.conversation_id)))
        self._set_turns()

    def stand_by(self, answerer: Answerer) -> None:
        """Who answers beside the conversation."""
        self._beside.answerer = answerer

    # ---- what it is set to -----------------------------------------------------------------------------
    @property
    def input(self) -> rt.AudioInput:
        return self.session.audio.input

    @property
    def play_rate(self) -> int:
        """Samples a second of the sound that is sent."""
        return self._responses.rate

    @play_rate.setter
    def play_rate(self, rate: int) -> None:
        self._responses.rate = rate

    @property
    def is_text(self) -> bool:
        """The response in hand is written, not spoken."""
        return self._responses.is_text

    @property
    def called(self) -> Functions:
        return self._responses.called

    @property
    def instructions(self) -> str:
        """What the client wants of the agent, for the response that is about to begin."""
        session = self._responses.session(of_next=True)
        return "\n".join(filter(None, [session.instructions if session else "", self._history.notes()]))

    @property
    def functions(self) -> tuple[rt.FunctionTool, ...]:
        """Those the client may be asked to call, in the response that is about to begin."""
        session = self._responses.session(of_next=True)
        return () if session is None or session.tool_choice == "none" else session.tools

    @property
    def must_call(self) -> tuple[str, ...]:
        """Of these functions one has to be called, in the response that is about to begin."""
        session = self._responses.session(of_next=True)
        return () if session is None else must_call(session)

    @property
    def calls_side_by_side(self) -> bool:
        """Several functions may be called at once."""
        return not isinstance(self.session, rt.Session) or self.session.parallel_tool_calls is not False

    @property
    def most_tokens(self) -> int | None:
        """How much may be said in the response that is about to begin."""
        session = self._responses.session(of_next=True)
        return session.max_output_tokens if session and isinstance(session.max_output_tokens, int) else None

    def _set_turns(self) -> None:
        self._speech.input = self.input
        self._tell(turn_taking(self.session))

    # ---- what the client does --------------------------------------------------------------------------
    def take(self, event: rt.ClientEvent) -> None:
        """The client's event has its effect. Raises EventRefused; sound that is appended is not dealt with here."""
        match event:
            case rt.UpdateSession(session=patch):
                has_spoken = self._responses.has_spoken
                self.session = rt.changed(self.session, patch, has_spoken=has_spoken)
                self._set_turns()
                self._say(rt.SessionUpdated(self.session))
            case rt.AppendAudio():
                pass
            case rt.CommitAudio():
                self._speech.commit(self.heard_ms)
                self._tell(e.TurnCommitted())
            case rt.ClearAudio():
                self._speech.clear(self.heard_ms)
                self._tell(e.TurnDropped())
                self._say(rt.AudioCleared())
            case rt.ClearPlayback():
                self._beside.cut("client_cancelled")
                self._cancel()
            case rt.CreateItem(item=item, previous_item_id=behind):
                self._history.create(item, behind, self.called.gave)
            case rt.DeleteItem(item_id=id):
                self._history.delete(id)
            case rt.RetrieveItem(item_id=id):
                self._say(rt.ItemRetrieved(self._items.get(id)))
            case rt.TruncateItem(item_id=id, content_index=index, audio_end_ms=ms):
                if self._responses.is_of(id):
                    self._responses.is_cancelled = True
                self._history.truncate(id, index, ms)
            case rt.CreateResponse(response=params):
                self._create_response(params or rt.ResponseParams())
            case rt.CancelResponse(response_id=id):
                self._cancel_response(id)
            case _:
                assert_never(event)

    def _create_response(self, params: rt.ResponseParams) -> None:
        if not isinstance(self.session, rt.Session):
            raise rt.EventRefused(
                "A transcription session has no responses.", code="invalid_value", param="type"
            )
        if params.is_out_of_band:
            self._beside.create(params, self.session)
        elif params.input is not None:
            raise rt.EventRefused(
                "A response of the conversation answers what was said in it; with input of its own it must be out "
                "of band: set conversation to 'none'.",
                param="response.input",
            )
        elif self._responses.ask(params):
            self._tell(e.AnswerAsked())

    def _cancel_response(self, id: str | None) -> None:
        if self._beside.cancel(id):
            return
        if not self._responses.can_cancel(id):
            raise rt.EventRefused(
                "Cancellation failed: no active response found", code="response_cancel_not_active"
            )
        self._cancel()

    def _cancel(self) -> None:
        self._responses.is_cancelled = True
        self._tell(e.InterruptAsked())

    # ---- sound that the client wrote as an item ------------------------------------------------------------
    def unheard(self) -> Iterator[tuple[str, bytes]]:
        """Items with sound whose words are to be made out, and the sound, in the session's format; told once."""
        while self._history.unheard:
            yield self._history.unheard.popleft()

    def made_out(self, item: str, text: str) -> None:
        """These are the words of it."""
        self._history.made_out(item, text)
        if self.input.transcription is not None:
            self._say(rt.TranscriptionCompleted(item, text, rt.DurationUsage(0.0)))

    def advance(self) -> None:
        """Where the voice is played here: what is heard of responses out of band is told. To be called often."""
        self._beside.advance()

    # ---- what happens ----------------------------------------------------------------------------------
    def show(self, news: e.Event | e.Command | Note, ms: Callable[[float], int]) -> None:
        """The client learns of it, if it is anything that the protocol has a word for.

        `ms` tells where in the user's sound a moment of the session lies.
        """
        match news:
            case e.SpeechStarted(at) if (detection := self.input.turn_detection) is not None:
                over_agent = self._phase in BUSY and detection.interrupt_response
                self._speech.begins(ms(at), over_agent=over_agent)
                if detection.interrupt_response and isinstance(detection, rt.ServerVad):
                    self._beside.cut("turn_detected")
            case e.PartiallyTranscribed(_, text) | e.Transcribed(_, text) if self._interrupts(text):
                self._beside.cut("turn_detected")
            case e.SpeechStopped(at):
                self._speech.stops(ms(at))
            case e.TurnCommitted():
                self._speech.is_committed(has_words=self._phase is not e.Phase.IDLE)
            case e.ChangePhase(phase):
                self._phase = phase
                if phase is e.Phase.IDLE:
                    self._speech.nothing_said()
            case e.ContinueReply():
                self._speech.nothing_said()
            case e.ResumePlayout() | e.SetAside():
                self._speech.is_not_meant()
            case e.Remember(turn, role, text):
                self._remember(turn, role, text)
            case e.Revise(line, text):
                self._history.revised(line, text)
            case e.CancelReply(turn) if turn == self._responses.turn:
                if self._responses.is_cancelled:
                    self._speech.is_not_meant()
                self._speech.is_meant()
            case e.ShowHeard(turn, heard):
                self._heard = turn, heard
            case e.StoppedAt(turn):
                self._history.cut(turn, "")
            case e.Speak(purpose=e.Purpose.PROMPT):
                self._idle()
            case _:
                pass
        self._responses.show(news)
        if isinstance(news, e.CancelReply):  # its item has ended
            turn, heard = self._heard
            self._history.cut(news.turn, heard if turn == news.turn else "")

    def _interrupts(self, text: str) -> bool:
        """Who says that wants the floor."""
        detection = self.input.turn_detection
        is_meant = POLICY.judge(text, POLICY.min_interruption, is_over=True) is Verdict.YIELD
        return is_meant and detection is not None and detection.interrupt_response

    def _remember(self, turn: e.TurnId, role: e.Role, text: str) -> None:
        if self._history.is_written(role, text):
            return
        if role is e.Role.USER:
            id, length_ms = self._speech.words(text, self.heard_ms)
            self._responses.heard_ms += length_ms
            self._history.remembered([id], text)
        else:
            self._history.heard_of(turn, text)

    def _idle(self) -> None:
        detection = self.input.turn_detection
        if isinstance(detection, rt.ServerVad) and detection.idle_timeout_ms is not None:
            self._speech.idle(self.heard_ms, detection.idle_timeout_ms)

    def sent(self, turn: e.TurnId, offset: int, samples: int, sound: bytes) -> None:
        """`sound`, of so many samples of the turn from `offset` on, is on its way, in the session's format."""
        self._responses.sent(turn, offset, samples, sound)

    def settle(self, turn: e.TurnId, sent: int) -> None:
        """What is due is told. Of the voice of `turn` all up to `sent`, as it was made, is on its way.

        A response begins after the user's words are told: they are when they are on disk. Its sound does not wait
        for ever.
        """
        self._responses.settle(turn, sent, may_begin=not self._speech.is_open)

    def played_out(self) -> None:
        """Where the voice is played here: nothing of it is left."""
        self._responses.played_out()

    def thrown_away(self, turn: e.TurnId, samples: int) -> None:
        """Likewise: of the turn so many samples were played, as sent, and what was left of it is not."""
        self._responses.thrown_away(turn, samples)
