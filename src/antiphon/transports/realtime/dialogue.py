"""A conversation as a client of OpenAI's protocol sees it: its items, its responses, and what the client asks for.

Our turns and their turns are told apart here and nowhere else. No I/O, no clock: `say` is given the events for the
client, `tell` what the client did, in the conversation's words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, assert_never

from antiphon.core import events as e
from antiphon.core.notes import ModelUsed, Note, TextJudged
from antiphon.transports.realtime.functions import Functions
from antiphon.transports.realtime.items import Items
from antiphon.transports.realtime.speech import UserSpeech
from antiphon.wire import openai_realtime as rt

BUSY = frozenset({e.Phase.THINKING, e.Phase.SPEAKING, e.Phase.INTERRUPTED})
Told = e.UserEvent | e.ProgramEvent


class Dialogue:
    """One connection's. What comes in goes through `take`, what happens through `show`; `settle` says what is due."""

    def __init__(
        self,
        session: rt.AnySession,
        new_id: Callable[[str], str],
        say: Callable[[rt.ServerEvent], None],
        tell: Callable[[Told], None],
        truncated: Callable[[e.TurnId, int], None],
        *,
        is_played_here: bool = False,
    ) -> None:
        """`truncated` is told that of the turn no more than so many samples, of those sent, were heard.

        `is_played_here`: the voice goes another way than these events (WebRTC), and we know how much was heard.
        """
        self.session = session
        self.conversation_id = new_id("conv")
        self.heard_ms = 0
        "Of the user's sound, in all; to be kept up to date by who hears it."
        self.play_rate = 24_000
        "Samples a second of the sound that is sent."
        self.is_played_here = is_played_here
        self.has_spoken = False
        self._new_id = new_id
        self._say = say
        self._tell = tell
        self._truncated = truncated
        self._items = Items(new_id)
        self._speech = UserSpeech(self._items, say, new_id)
        self._phase = e.Phase.IDLE
        self._written: deque[str] = deque()
        "The user's lines that the client wrote, on their way to being remembered."
        self._asked: deque[rt.ResponseParams] = deque()
        "Responses that the client asked for and that have not begun."
        self._params: rt.ResponseParams | None = None
        "Of the response in hand."
        self._response: rt.ResponseWriter | None = None
        self._latest: rt.ResponseWriter | None = None
        "The response in hand, or the last there was: its sound may outlast it."
        self._is_due = False
        "A response begins as soon as everything before it is told."
        self._turn: e.TurnId = 0
        self._ended: e.TurnId = 0
        self._open: set[int] = set()
        "Sentences of the turn whose sound is still being made."
        self._lines: deque[str] = deque()
        "What is said in the response and not told yet."
        self._made = 0
        "Samples of the turn's voice, as it was made."
        self._is_blocked = False
        self._is_cancelled = False
        self._usage: rt.Usage | None = None
        self._spans: dict[str, tuple[e.TurnId, int, int]] = {}
        "For each spoken item the turn, and the samples of it that were sent: the first, and behind the last."
        self.called = Functions(new_id)

    def open(self) -> None:
        """The client knows what it is connected to."""
        self._say(rt.SessionCreated(self.session))
        if isinstance(self.session, rt.Session):
            self._say(rt.ConversationCreated(rt.ConversationId(self.conversation_id)))
        self._set_turns()

    # ---- what it is set to -----------------------------------------------------------------------------
    @property
    def input(self) -> rt.AudioInput:
        return self.session.audio.input

    @property
    def is_text(self) -> bool:
        """The response in hand is written, not spoken."""
        if not isinstance(self.session, rt.Session):
            return True
        return rt.for_response(self.session, self._params).output_modalities == ("text",)

    @property
    def instructions(self) -> str:
        """What the client wants of the agent, for the response that is about to begin."""
        if not isinstance(self.session, rt.Session):
            return ""
        return rt.for_response(self.session, self._next).instructions

    @property
    def functions(self) -> tuple[rt.FunctionTool, ...]:
        """Those the client may be asked to call, in the response that is about to begin."""
        if not isinstance(self.session, rt.Session):
            return ()
        asked = rt.for_response(self.session, self._next)
        return () if asked.tool_choice == "none" else asked.tools

    @property
    def _next(self) -> rt.ResponseParams | None:
        """What was asked for of the response that is about to begin, or of the one in hand."""
        return self._asked[0] if self._asked else self._params

    def _set_turns(self) -> None:
        self._speech.input = self.input
        detection = self.input.turn_detection
        if not isinstance(self.session, rt.Session):
            ends = e.TurnEnd.KEPT if detection is not None else e.TurnEnd.OPEN
            self._tell(e.TurnTakingSet(ends, gives_way=False))
        elif detection is None:
            self._tell(e.TurnTakingSet(e.TurnEnd.OPEN, gives_way=False))
        else:
            ends = e.TurnEnd.ANSWERED if detection.create_response else e.TurnEnd.KEPT
            self._tell(e.TurnTakingSet(ends, detection.interrupt_response))

    # ---- what the client does --------------------------------------------------------------------------
    def take(self, event: rt.ClientEvent) -> None:
        """The client's event has its effect. Raises EventRefused; sound that is appended is not dealt with here."""
        match event:
            case rt.UpdateSession(session=patch):
                if isinstance(self.session, rt.Session):
                    self.session = rt.changed(self.session, patch, has_spoken=self.has_spoken)
                else:
                    self.session = rt.changed(self.session, patch)
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
                self._cancel()
            case rt.CreateItem(item=item, previous_item_id=behind):
                self._create(item, behind)
            case rt.DeleteItem(item_id=id):
                self._items.drop(id)
                self._say(rt.ItemDeleted(id))
            case rt.RetrieveItem(item_id=id):
                self._say(rt.ItemRetrieved(self._items.get(id)))
            case rt.TruncateItem(item_id=id, content_index=index, audio_end_ms=ms):
                self._truncate(id, index, ms)
            case rt.CreateResponse(response=params):
                self._create_response(params or rt.ResponseParams())
            case rt.CancelResponse(response_id=id):
                if self._response is None or (id is not None and id != self._response.response.id):
                    raise rt.EventRefused(
                        "Cancellation failed: no active response found", code="response_cancel_not_active"
                    )
                self._cancel()
            case _:
                assert_never(event)

    def _create(self, item: rt.Item, behind: str | None) -> None:
        item, before = self._items.add(replace(item, status="completed"), behind)
        self._say(rt.ItemAdded(item, before))
        self._say(rt.ItemDone(item, before))
        match item:
            case rt.Message(role="user", text=text) if text:
                self._written.append(text)
                self._tell(e.LineWritten(e.Role.USER, text))
            case rt.Message(role="assistant", text=text) if text:
                self._tell(e.LineWritten(e.Role.AGENT, text))
            case rt.FunctionCallOutput(call_id=call, output=output):
                self.called.gave(call, output)
            case _:
                pass

    def _create_response(self, params: rt.ResponseParams) -> None:
        if not isinstance(self.session, rt.Session):
            raise rt.EventRefused(
                "A transcription session has no responses.", code="invalid_value", param="type"
            )
        if params.is_out_of_band:
            raise rt.EventRefused(
                "Responses outside of the conversation are not made here.", param="response.conversation"
            )
        if self.called.are_answered:
            self._asked.append(params)
            self.called.hand_on()
            self._is_due = True
            return
        if self._response is not None or self._is_due:
            active = self._response.response.id if self._response is not None else "the next one"
            raise rt.EventRefused(
                f"Conversation already has an active response in progress: {active}. "
                "Wait until the response is finished before creating a new one.",
                code="conversation_already_has_active_response",
            )
        self._asked.append(params)
        self._tell(e.AnswerAsked())

    def _cancel(self) -> None:
        self._is_cancelled = True
        self._tell(e.InterruptAsked())

    def _truncate(self, id: str, index: int, ms: int) -> None:
        item = self._items.get(id, "item_truncate_invalid_item_id")
        if id not in self._spans or not isinstance(item, rt.Message):
            raise rt.EventRefused(
                "Only model output audio messages can be truncated", code="invalid_value", param="item_id"
            )
        turn, begin, end = self._spans[id]
        heard = min(begin + ms * self.play_rate // 1000, end)
        self._say(rt.ItemTruncated(id, index, min(ms, (end - begin) * 1000 // self.play_rate)))
        if self._response is not None and self._response.item_id == id:
            self._cancel()
        self._truncated(turn, heard)

    # ---- what happens ----------------------------------------------------------------------------------
    def show(self, news: e.Event | e.Command | Note, ms: Callable[[float], int]) -> None:
        """The client learns of it, if it is anything that the protocol has a word for.

        `ms` tells where in the user's sound a moment of the session lies.
        """
        match news:
            case e.SpeechStarted(at):
                detection = self.input.turn_detection
                gives_way = detection is not None and detection.interrupt_response
                self._speech.begins(ms(at), over_agent=self._phase in BUSY and gives_way)
            case e.SpeechStopped(at):
                self._speech.stops(ms(at))
            case e.ChangePhase(phase):
                self._phase = phase
                if phase is e.Phase.IDLE:
                    self._speech.nothing_said()
            case e.ResumePlayout() | e.SetAside():
                self._speech.is_not_meant()
            case e.StartReply(turn, _, is_confirmed) if is_confirmed:
                self._begin_turn(turn)
            case e.ConfirmReply(turn) | e.ContinueReply(turn):
                self._begin_turn(turn)
            case e.Remember(_, e.Role.USER, text):
                if self._written and self._written[0] == text:
                    self._written.popleft()
                else:
                    self._speech.words(text, self.heard_ms)
            case e.Remember(turn, e.Role.AGENT, text):
                self._correct(turn, text)
            case e.Speak(turn, sentence, text):
                if turn != self._turn:
                    self._begin_turn(turn)
                    self._ended = turn
                self._open.add(sentence)
                self._lines.append(text.text)
            case e.SpeechSynthesized(turn, sentence, samples, _, is_last) if turn == self._turn:
                self._made += samples
                if is_last:
                    self._open.discard(sentence)
            case e.SynthesisFailed(turn, sentence) if turn == self._turn:
                self._open.discard(sentence)
            case e.ReplyEnded(turn) | e.ReplyFailed(turn):
                self._ended = turn
            case e.CancelReply(turn) if turn == self._turn:
                self._cut()
            case TextJudged(_, _, "block"):
                self._is_blocked = True
            case ModelUsed() as used:
                self._count(used)
            case _:
                pass

    def sent(self, turn: e.TurnId, offset: int, samples: int, sound: bytes) -> None:
        """`sound`, of so many samples of the turn from `offset` on, is on its way, in the session's format."""
        if turn != self._turn:
            return
        if self._response is None and not self._is_due:
            return  # of a response that was cut off
        self._tell_lines()
        assert self._response is not None
        self._tell_all(self._response.sound(sound))
        self.has_spoken = True
        if (id := self._response.item_id) is not None:
            begin = self._spans[id][1] if id in self._spans else offset
            self._spans[id] = (turn, begin, offset + samples)

    def settle(self, turn: e.TurnId, sent: int) -> None:
        """Responses that are due have begun, and those of which all is said have ended.

        Of the voice of `turn`, the last that sounded, all up to `sent`, as it was made, is on its way. A response
        begins after the user's words are told: they are when they are on disk. Its sound does not wait for ever.
        """
        if (self._is_due or self._lines) and not self._speech.is_open:
            self._tell_lines()
        if (
            self._response is None
            or self._open
            or self._lines
            or (sent if turn == self._turn else 0) < self._made
        ):
            return
        if self.called.are_due:
            for call, name, arguments in self.called.due():
                self._tell_all(self._response.call(name, arguments, call))
            self._finish(self._response.complete(self._usage))
        elif self._ended == self._turn:
            is_blocked, self._is_blocked = self._is_blocked, False
            response = self._response
            self._finish(
                response.stop("content_filter", self._usage) if is_blocked else response.complete(self._usage)
            )

    def played_out(self) -> None:
        """Where the voice is played here: nothing of it is left."""
        if self._latest is not None:
            self._tell_all(self._latest.drained())

    def thrown_away(self, turn: e.TurnId, samples: int) -> None:
        """Likewise: of the turn so many samples were played, as sent, and what was left of it is not."""
        if self._latest is not None:
            self._tell_all(self._latest.cleared())
        for id, (of, begin, end) in self._spans.items():
            if of == turn and samples < end:
                self._say(rt.ItemTruncated(id, 0, max(0, samples - begin) * 1000 // self.play_rate))

    # ---- responses -------------------------------------------------------------------------------------
    def _begin_turn(self, turn: e.TurnId) -> None:
        if self._response is not None:  # the turn before it ended without a word more
            self._finish(self._response.complete(self._usage))
        self._turn, self._is_due, self._is_cancelled, self._made = turn, True, False, 0
        self._lines.clear()
        self._open.clear()
        self.called.forget()

    def _begin_response(self) -> None:
        self._is_due, self._usage = False, None
        self._params = self._asked.popleft() if self._asked else None
        assert isinstance(self.session, rt.Session)
        response = rt.begun(self._new_id("resp"), self.conversation_id, self.session, self._params)
        self._response = self._latest = rt.ResponseWriter(
            response, self._new_id, previous_item_id=self._items.last, is_played_here=self.is_played_here
        )
        self._tell_all(self._response.begin())

    def _tell_lines(self) -> None:
        """The response has begun, and says what was said so far."""
        if self._response is None:
            self._begin_response()
        assert self._response is not None
        while self._lines:
            space = " " if self._response.item_id is not None else ""
            self._tell_all(self._response.write(space + self._lines.popleft()))

    def _cut(self) -> None:
        """The turn was given up: the user spoke over it, or the client wants no more of it."""
        self._is_due = False
        self._lines.clear()
        reason: Literal["client_cancelled", "turn_detected"] = "turn_detected"
        if self._is_cancelled:
            reason = "client_cancelled"
            self._speech.is_not_meant()
        self._speech.is_meant()
        if self._response is not None:
            self._finish(self._response.cancel(reason, self._usage))

    def _finish(self, events: list[rt.ServerEvent]) -> None:
        self._tell_all(events)
        self._response = None

    def _tell_all(self, events: list[rt.ServerEvent]) -> None:
        for event in events:
            if isinstance(event, rt.ItemAdded) and not isinstance(event.item, rt.UnknownItem):
                self._items.add(event.item)
            elif isinstance(event, rt.ItemDone) and not isinstance(event.item, rt.UnknownItem):
                self._items.put(event.item)
            self._say(event)

    def _correct(self, turn: e.TurnId, heard: str) -> None:
        """The item of the turn holds what was heard of it."""
        mine = [id for id, (of, _, _) in self._spans.items() if of == turn]
        if len(mine) == 1 and isinstance(item := self._found(mine[0]), rt.Message):
            self._items.put(replace(item, content=(rt.OutputAudio(transcript=heard),)))

    def _found(self, id: str) -> rt.Item | None:
        try:
            return self._items.get(id)
        except rt.EventRefused:
            return None

    def _count(self, used: ModelUsed) -> None:
        before = self._usage or rt.Usage()
        given = rt.InputTokens(
            before.input_token_details.text_tokens + used.tokens_in + used.tokens_cached + used.tokens_stored,
            cached_tokens=before.input_token_details.cached_tokens + used.tokens_cached,
            cached_tokens_details=rt.CachedTokens(
                before.input_token_details.cached_tokens + used.tokens_cached
            ),
        )
        made = rt.OutputTokens(before.output_token_details.text_tokens + used.tokens_out)
        self._usage = rt.Usage.of(given, made)
