"""The conversation, without I/O: events and the time go in, commands come out.

THEORY OF OPERATION

Two small machines run side by side. The user is silent, silent with words that wait for an answer, or
speaking. The agent is idle, speculating (a reply is being made that nobody may hear yet), thinking (the
same, but the user's turn is over), speaking, held (paused because the user made a sound), or leaving (told to
stop, it waits for the player's last word on what was heard). Everything people call an interruption is a
rule on their joint state (`state`).

    a turn          silence: the reply starts at once, held; after `TurnPolicy.wait` it may be heard
    going on        speech before that: the reply is dropped unheard, the words stay
    interruption    speech over the voice: hold; then by `TurnPolicy.judge` clear, or resume from that sample.
                    Where a program wants no judgement: clear at once; the rest is a new turn if no words come
    lost and found  the connection breaks: what was heard is remembered, the rest is said when the user is back

RULES

1. Nothing here knows a clock, a loop or a network. `now` is an argument, in seconds from any origin.
2. News of a turn that is over is dropped in one place, the guard of `handle`.
3. What the agent said is what its listener heard: a line is remembered when its playout has ended or was
   cleared, and up to the last word the player acknowledged.
4. The agent's state moves only by `AGENT_MOVES`; an unlisted move is a bug and raises.
"""

from __future__ import annotations

from typing import assert_never

from antiphon.core import events as e
from antiphon.core.phases import BUSY, Agent, Move, Phase, User
from antiphon.core.playout import Playout
from antiphon.core.programs import Programmed
from antiphon.core.replies import Reply
from antiphon.core.state import is_due
from antiphon.core.turns import Lines, TurnPolicy, Verdict


class Conversation(Programmed):
    """One conversation. Feed it with `handle` and `tick`; do what the commands say, in their order."""

    def __init__(self, policy: TurnPolicy | None = None, lines: Lines | None = None) -> None:
        super().__init__(policy, lines)
        self._shown_phase = Phase.IDLE

    # ---- what the shell calls --------------------------------------------------------------------------
    def handle(self, event: e.Event, now: float) -> list[e.Command]:
        """The event is part of the conversation; returns what to do about it. `now` never runs backwards."""
        out: list[e.Command] = []
        if self.is_over:
            return out
        if isinstance(event, e.ReplyEvent):
            if event.turn == self.turn and self.agent is not Agent.IDLE:
                self._hear_of_reply(event, out, now)
        elif isinstance(event, e.ProgramEvent):
            self._steer(event, out, now)
        else:
            match event:
                case e.Joined():
                    self._greet(out)
                case e.SpeechStarted():
                    self._user_speaks(event, out, now)
                case e.Typed(text, id):
                    self.prompts = 0
                    if self.words.type(text, id) and self.agent in BUSY and not self.reply.is_farewell:
                        self._give_way(out, now)
                case e.InterruptAsked():
                    self.broken_off = None
                    if self.agent in BUSY:
                        self.reply.is_refused = True
                        self._give_way(out, now)
                case e.HungUp():
                    self._hang_up(out)
                case e.CallerReturned(turn, samples):
                    self._pick_up(turn, samples, out, now)
                case e.TakenOver(by):
                    self.taken_over_by = by
                    self._step_aside(out, now)
                case e.HandedBack():
                    self.taken_over_by = ""
                case e.LineGiven(_, _, ends) if not ends:
                    self.given.append(event)
                case e.LineGiven():
                    self._be_ended(event, now)
                case e.PersonSpoke(by, text):
                    out.append(e.Remember(self.turn, e.Role.SUPERVISOR, text, by=by))
                case _:
                    self.words.note(event, now, over_agent=self._is_talked_over)
        return self._settle(out, now)

    def tick(self, now: float) -> list[e.Command]:
        """Time has passed; returns what that changes. Call it at `next_deadline`, early calls do no harm."""
        return [] if self.is_over else self._settle([], now)

    # ---- the user --------------------------------------------------------------------------------------
    @property
    def _is_talked_over(self) -> bool:
        """Speech now is speech over the agent's reply, and may mean that it should stop."""
        return self.agent in BUSY and self.gives_way

    def _user_speaks(self, event: e.SpeechStarted, out: list[e.Command], now: float) -> None:
        self.words.begin(event, over_agent=self._is_talked_over)
        self.prompts = 0
        if self.agent is Agent.SPECULATING:
            self._drop(out)
        elif self.agent is Agent.SPEAKING and self.gives_way and not self.reply.is_farewell:
            if self.judges:
                self._move(Move.PAUSE)
                out.append(e.HoldPlayout(self.turn))
            else:
                self._break_off(out, now)

    def _judge(self, out: list[e.Command], now: float) -> None:
        """Speech over the agent's reply has got its verdict, or waits for more of it."""
        words = self.words
        if not words.is_burst:
            return
        if self.agent not in BUSY or self.reply.is_farewell:
            words.burst_over()
            return
        settled = not words.is_speaking and not words.is_recognizing
        late = is_due(self.verdict_at, now)
        verdict = self.policy.judge(
            words.burst_text,
            words.voiced,
            is_over=settled or late,
            softer=words.softer,
            confidence=words.confidence,
        )
        match verdict:
            case Verdict.YIELD:
                words.burst_over()
                self._give_way(out, now)
            case Verdict.IGNORE:
                words.burst_over()
                if settled:
                    self._set_aside(out)
                self._go_on(out)
            case Verdict.UNDECIDED:
                pass

    # ---- the reply -------------------------------------------------------------------------------------
    def _hear_of_reply(self, event: e.ReplyEvent, out: list[e.Command], now: float) -> None:
        reply = self.reply
        match event:
            case e.SentenceReady(turn, sentence):
                if self.agent is Agent.LEAVING:
                    return
                reply.answers += 1
                reply.waiting.append(sentence)
                if len(reply.waiting) == 1 and self.agent is Agent.SPECULATING:
                    out.append(e.Prepare(turn, reply.sentences, sentence))
                self._release(out)
            case e.ReplyEnded():
                reply.has_ended = True
            case e.ReplyFailed():
                reply.has_ended = True
                if reply.answers:
                    self._own_up(out)
            case e.AnswerExpected(_, kind):
                reply.expect = kind
            case e.QuestionUnderstood():
                reply.is_understood = True
            case e.SpeechSynthesized(_, index, samples, marks, is_last):
                self.playout.queued(index, samples, marks, is_last)
            case e.SynthesisFailed(_, index):
                self.playout.failed(index)
                if index not in reply.asides:
                    self._own_up(out)
            case e.Played(_, samples):
                self._played(samples, out)
            case e.PlayoutCleared(_, samples):
                self.playout.stopped(samples)
                self._played(samples, out)
                if self.agent is Agent.LEAVING:
                    reply.clear_by = now
            case _:
                assert_never(event)

    def _played(self, samples: int, out: list[e.Command]) -> None:
        before = self.playout.heard
        self.playout.played(samples)
        if self.playout.heard != before:
            out.append(e.ShowHeard(self.turn, self.playout.heard, self.playout.unheard))

    # ---- a person in the agent's place -----------------------------------------------------------------
    def _step_aside(self, out: list[e.Command], now: float) -> None:
        """A person speaks from now on: the agent stops, and answers nothing until it is handed back."""
        if self.agent is Agent.SPECULATING:
            self._drop(out)
        elif self.agent in BUSY:
            self.reply.is_refused = True
            self._give_way(out, now)

    # ---- a caller who was gone for a while -------------------------------------------------------------
    def _pick_up(self, turn: e.TurnId, samples: int, out: list[e.Command], now: float) -> None:
        """The conversation goes on where its connection was lost: after the last word that was heard."""
        self.words.lost(now)
        if self.agent is Agent.IDLE:
            return
        out.append(e.CancelReply(self.turn))
        if turn == self.turn:
            self._played(samples, out)
        reply, rest, said = self.reply, self.unsaid, self.playout.heard
        has_more = bool(rest) or not reply.has_ended
        is_wanted = self.agent is not Agent.SPECULATING and not reply.is_refused
        is_owed = is_wanted and has_more and self.agent is not Agent.LEAVING and not self.words.text
        if said:
            out.append(e.Remember(self.turn, self.reply.speaker, said, is_cut=has_more))
        if is_wanted and not is_owed and not reply.has_spoken:
            self.words.unanswered(reply.question)
        self._move(Move.LOST)
        self.reply = Reply(purpose=reply.purpose, confirmed_at=now) if is_owed else Reply()
        self.reply.is_farewell = reply.is_farewell and is_owed
        if is_owed:
            self.turn += 1
            self._move(Move.BEGIN)
            self.playout = Playout()
            self.reply.question, self.reply.expect = reply.question, reply.expect
            out.append(e.ContinueReply(self.turn, reply.question, said, rest, reply.has_ended))

    def _hang_up(self, out: list[e.Command]) -> None:
        if self.agent is Agent.SPECULATING:
            self._drop(out)
        elif self.agent is not Agent.IDLE:
            out.append(e.CancelReply(self.turn))
            if heard := self.playout.heard:
                out.append(
                    e.Remember(self.turn, self.reply.speaker, heard, is_cut=not self.playout.is_drained)
                )
            self.agent = Agent.IDLE
        self._close_books(out)

    # ---- a conversation that must end ------------------------------------------------------------------
    def _be_ended(self, farewell: e.LineGiven, now: float) -> None:
        """The conversation ends with this line, unless it is ending already."""
        if self.farewell is None:
            self.farewell, self.farewell_by = farewell, now + self.policy.farewell_within

    def _part(self, out: list[e.Command], now: float) -> None:
        """The last line is said when all is answered and nobody speaks, or over them when that takes too long.

        Nobody interrupts it: whoever speaks then is remembered but not answered. While a person has taken
        over, the conversation is theirs to end.
        """
        is_late = is_due(self.farewell_at, now)
        if is_late:
            self._step_aside(out, now)
        is_quiet = self.user is User.SILENT and not self.given
        is_free = self.agent is Agent.IDLE and not self.is_taken_over and not self.is_over
        if self.farewell is not None and is_free and (is_late or is_quiet):
            self.given.clear()
            self._say_alone(self.farewell.line, e.Purpose.PROMPT, out)
            self.reply.is_farewell = True

    # ---- rules on the joint state ----------------------------------------------------------------------
    def _settle(self, out: list[e.Command], now: float) -> list[e.Command]:
        """Every rule that the state and the time call for has been applied, until none calls for more."""
        commands = -1
        while commands != len(out) and not self.is_over:
            commands = len(out)
            self._judge(out, now)
            self._settle_playout(out, now)
            self._take_up(out, now)
            self._part(out, now)
            self._settle_turn(out, now)
            self._answer_asked(out, now)
            self._say_given(out)
            self._ask_again(out, now)
        if self.agent is not Agent.IDLE or self.user is not User.SILENT:
            self.quiet_since = None
        elif self.quiet_since is None:
            self.quiet_since = now
        if is_due(self.prompt_at, now):
            self._prompt(out)
            self.quiet_since = None
        if self._shown_phase is not self.phase:
            self._shown_phase = self.phase
            out.append(e.ChangePhase(self._shown_phase))
        self.heard.count(out)
        return out

    def _settle_playout(self, out: list[e.Command], now: float) -> None:
        reply = self.reply
        if self.agent is Agent.LEAVING and reply.clear_by is not None and now >= reply.clear_by:
            self._finish(out, Move.SETTLED, now)
        if is_due(self.filler_at, now):
            self._fill(out)
        if reply.has_ended and not reply.answers and not self.words.is_burst:
            self._apologise(out)
        if self.agent is Agent.SPEAKING and self.playout.is_drained and not reply.has_ended:
            self._move(Move.RUN_DRY)
        is_owed = not reply.answers and self.words.is_burst  # a word, unless the user takes the floor
        all_said = reply.has_ended and not reply.waiting and not is_owed
        if all_said and (
            self.agent is Agent.THINKING or (self.agent is Agent.SPEAKING and self.playout.is_drained)
        ):
            self._finish(out, Move.FINISH, now)

    def _settle_turn(self, out: list[e.Command], now: float) -> None:
        if self.user is not User.WAITING or self.agent not in (Agent.IDLE, Agent.SPECULATING):
            return
        if self.agent is Agent.SPECULATING and self.reply.question != self.words.text:
            self._drop(out)
        if is_due(self.endpoint_at, now):
            if self.words.text and self.is_taken_over:
                self._take_words(out)
            elif self.words.text and (self.ends is e.TurnEnd.ANSWERED or self.is_answer_asked):
                self._confirm(out, now)
            elif self.words.text:
                self._keep_words(out)
            else:
                self.words.is_recognizing, self.words.is_missed = False, True
        elif self.is_taken_over or self.ends is not e.TurnEnd.ANSWERED:
            return
        elif self.agent is Agent.IDLE and self.policy.speculates and not self.words.is_recognizing:
            self._begin(out, Move.SPECULATE, now, self.words.text)
