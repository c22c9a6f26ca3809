"""The agent's turns as responses: begun when all before them is told, ended when all of them has left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from antiphon.core import events as e
from antiphon.core.notes import CutShort, ModelUsed, Note, TextJudged
from antiphon.transports.realtime.functions import Functions
from antiphon.transports.realtime.history import History, Span, Told
from antiphon.transports.realtime.items import Items
from antiphon.transports.realtime.usage import Allowance, Used
from antiphon.wire import openai_realtime as rt


class Responses:
    """Those of the conversation, one at a time. `show` is told what happens; `settle` says what is due."""

    def __init__(
        self,
        session: Callable[[], rt.AnySession],
        conversation_id: str,
        items: Items,
        history: History,
        say: Callable[[rt.ServerEvent], None],
        tell: Callable[[Told], None],
        new_id: Callable[[str], str],
        allowance: Allowance,
        *,
        is_played_here: bool,
    ) -> None:
        self.called = Functions(new_id, self._wait)
        self.turn: e.TurnId = 0
        self.rate = 24_000
        "Samples a second of the sound that is sent."
        self.heard_ms = 0.0
        "Sound of the user's that no response has answered to."
        self.has_spoken = False
        self.is_cancelled = False
        "By the client."
        self._session = session
        self._conversation_id = conversation_id
        self._items = items
        self._history = history
        self._say = say
        self._tell = tell
        self._new_id = new_id
        self._allowance = allowance
        self._is_played_here = is_played_here
        self._asked: deque[rt.ResponseParams] = deque()
        "Responses that the client asked for and that have not begun."
        self._params: rt.ResponseParams | None = None
        "Of the response in hand."
        self._response: rt.ResponseWriter | None = None
        self._latest: rt.ResponseWriter | None = None
        "The response in hand, or the last there was: its sound may outlast it."
        self._is_due = False
        "A response begins as soon as everything before it is told."
        self._ended: e.TurnId = 0
        self._open: set[int] = set()
        "Sentences of the turn whose sound is still being made."
        self._lines: deque[str] = deque()
        "What is said in the response and not told yet."
        self._made = 0
        "Samples of the turn's voice, as it was made."
        self._is_silenced = False
        "A person speaks in the agent's place."
        self._stopped_by: rt.Reason | None = None
        "Why less is said than there was to say."
        self._used = Used()

    # ---- what is asked for -------------------------------------------------------------------------------
    def session(self, *, of_next: bool = False) -> rt.Session | None:
        """The session for the response in hand, or the one that is about to begin; None where there are none."""
        session = self._session()
        if not isinstance(session, rt.Session):
            return None
        params = self._asked[0] if of_next and self._asked else self._params
        return rt.for_response(session, params)

    @property
    def is_text(self) -> bool:
        """The response in hand is written, not spoken. Asked for every piece of sound."""
        session = self._session()
        if not isinstance(session, rt.Session):
            return True
        own = self._params.output_modalities if self._params is not None else None
        return (own or session.output_modalities) == ("text",)

    @property
    def active(self) -> str | None:
        """The id of the response in hand."""
        return self._response.response.id if self._response is not None else None

    def ask(self, params: rt.ResponseParams) -> bool:
        """A response will be made. True: it answers what was said; False: it goes on with what functions gave.

        Raises EventRefused while another is under way.
        """
        if self._response is not None or self._is_due or self._asked:
            active = self.active or "the next one"
            raise rt.EventRefused(
                f"Conversation already has an active response in progress: {active}. "
                "Wait until the response is finished before creating a new one.",
                code="conversation_already_has_active_response",
            )
        self._allowance.take()
        self._asked.append(params)
        if not self.called.are_open:
            return True
        self.called.hand_on()
        self._is_due = True
        return False

    def can_cancel(self, id: str | None) -> bool:
        """There is such a response, or is about to be."""
        if self._response is None:
            return id is None and (self._is_due or bool(self._asked))
        return id in (None, self._response.response.id)

    def is_of(self, item: str) -> bool:
        """The item is being said in the response in hand."""
        return self._response is not None and self._response.item_id == item

    def _wait(self, is_waiting: bool) -> None:
        """No response begins unasked while the client calls functions: the one it asks for would be refused."""
        self._tell(e.FunctionsCalled(self.turn) if is_waiting else e.FunctionsAnswered(self.turn))

    # ---- what happens ------------------------------------------------------------------------------------
    def show(self, news: e.Event | e.Command | Note) -> None:
        match news:
            case e.StartReply(turn, _, is_confirmed) if is_confirmed:
                self._begin_turn(turn)
            case e.ConfirmReply(turn) | e.ContinueReply(turn):
                self._begin_turn(turn)
            case e.Speak(turn, sentence, text):
                if turn != self.turn:
                    self._begin_turn(turn)
                    self._ended = turn
                self._open.add(sentence)
                self._lines.append(text.text)
            case e.SpeechSynthesized(turn, sentence, samples, _, is_last) if turn == self.turn:
                self._made += samples
                if is_last:
                    self._open.discard(sentence)
            case e.SynthesisFailed(turn, sentence) if turn == self.turn:
                self._open.discard(sentence)
            case e.ReplyEnded(turn) | e.ReplyFailed(turn):
                self._ended = turn
            case e.CancelReply(turn) if turn == self.turn:
                self._cut()
            case TextJudged(_, _, "block"):
                self._stopped_by = "content_filter"
            case e.TakenOver() | e.HandedBack():
                self._is_silenced = isinstance(news, e.TakenOver)
                self._give_up_asked()
            case e.AnswerAsked():
                self._give_up_asked()
            case CutShort():
                self._stopped_by = "max_output_tokens"
            case ModelUsed() as used:
                self._used.count(used)
            case _:
                pass

    def _give_up_asked(self) -> None:
        """While a person speaks in the agent's place, responses that are asked for are empty."""
        if self._is_silenced and self._asked and self._response is None and not self._is_due:
            self._begin_response()
            self._complete()

    def sent(self, turn: e.TurnId, offset: int, samples: int, sound: bytes) -> None:
        """`sound`, of so many samples of the turn from `offset` on, is on its way, in the session's format."""
        if turn != self.turn or (self._response is None and not self._is_due):
            return  # of a response that was cut off
        self._tell_lines()
        assert self._response is not None
        self._tell_all(self._response.sound(sound))
        self.has_spoken = True
        self._used.said_ms += samples * 1000 / self.rate
        if (id := self._response.item_id) is not None:
            spans = self._history.spans
            begin = spans[id].begin if id in spans else offset / self.rate
            spans[id] = Span(turn, begin, (offset + samples) / self.rate)

    def settle(self, turn: e.TurnId, sent: int, *, may_begin: bool) -> None:
        """Responses that are due have begun, if they may, and those of which all is said have ended.

        Of the voice of `turn`, the last that sounded, all up to `sent`, as it was made, is on its way.
        """
        if (self._is_due or self._lines) and may_begin:
            self._tell_lines()
        is_sounding = (sent if turn == self.turn else 0) < self._made
        if self._response is None or self._open or self._lines or is_sounding:
            return
        if self.called.are_due:
            for call, name, arguments in self.called.due():
                self._tell_all(self._response.call(name, arguments, call))
            self._complete()
        elif self._ended == self.turn and self._stopped_by in ("content_filter", "max_output_tokens"):
            self._finish(self._response.stop(self._stopped_by, self._used.usage()))
        elif self._ended == self.turn:
            self._complete()

    # ---- where the voice is played here ------------------------------------------------------------------
    def played_out(self) -> None:
        """Nothing of it is left."""
        if self._latest is not None:
            self._tell_all(self._latest.drained())

    def thrown_away(self, turn: e.TurnId, samples: int) -> None:
        """Of the turn so many samples were played, as sent, and what was left of it is not."""
        if self._latest is not None:
            self._tell_all(self._latest.cleared())
        at = samples / self.rate
        for id, span in self._history.spans.items():
            if span.turn == turn and at < span.end:
                self._say(rt.ItemTruncated(id, 0, int(max(0.0, at - span.begin) * 1000)))

    # ---- responses -------------------------------------------------------------------------------------
    def _begin_turn(self, turn: e.TurnId) -> None:
        self._complete()  # the turn before it ended without a word more
        self.called.forget()
        self.turn, self._is_due, self.is_cancelled, self._made = turn, True, False, 0
        self._lines.clear()
        self._open.clear()
        self._used, self._stopped_by = Used(), None

    def _begin_response(self) -> None:
        self._is_due = False
        if self._asked:
            self._params = self._asked.popleft()
        else:
            self._params = None
        session = self._session()
        assert isinstance(session, rt.Session)
        self._used.heard_ms, self.heard_ms = self._used.heard_ms + self.heard_ms, 0.0
        response = rt.begun(self._new_id("resp"), self._conversation_id, session, self._params)
        self._response = self._latest = rt.ResponseWriter(
            response, self._new_id, previous_item_id=self._items.last, is_played_here=self._is_played_here
        )
        self._tell_all(self._response.begin())
        self._say(self._allowance.limits())

    def _tell_lines(self) -> None:
        """The response has begun, and says what was said so far."""
        if self._response is None:
            self._begin_response()
        assert self._response is not None
        while self._lines:
            space = " " if self._response.item_id is not None else ""
            self._tell_all(self._response.write(space + self._lines.popleft()))

    def _cut(self) -> None:
        """The turn was given up: the user spoke over it, or the client wants no more of it.

        A response that the client asked for and that had not begun begins, and ends with that.
        """
        self._lines.clear()
        if self._response is None and self._asked and self._is_due:
            self._begin_response()
        self._is_due = False
        self.called.forget()
        if self._response is not None:
            used = self._used.usage()
            if self.is_cancelled:
                self._finish(self._response.cancel("client_cancelled", used))
            else:
                self._finish(self._response.cancel("turn_detected", used))

    def _complete(self) -> None:
        if self._response is not None:
            self._finish(self._response.complete(self._used.usage()))

    def _finish(self, events: list[rt.ServerEvent]) -> None:
        self._tell_all(events)
        self._response, self._used = None, Used()

    def _tell_all(self, events: list[rt.ServerEvent]) -> None:
        for event in events:
            match event:
                case rt.ItemAdded(item=rt.Message() | rt.FunctionCall() as item):
                    self._items.add(item)
                    if isinstance(item, rt.Message) and item.id is not None:
                        self._history.said(self.turn, item.id)
                case rt.ItemDone(item=rt.Message() | rt.FunctionCall() as item):
                    self._items.put(item)
                case _:
                    pass
            self._say(event)
