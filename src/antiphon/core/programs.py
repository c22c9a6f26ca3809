"""Who has the floor, and what the caller's own program has to say in that."""

from __future__ import annotations

from typing import assert_never

from antiphon.core import events as e
from antiphon.core.answering import Answering
from antiphon.core.phases import BUSY, Agent, Move, User
from antiphon.core.playout import Playout
from antiphon.core.replies import Broken, Reply


class Programmed(Answering):
    """The agent gives way, or goes on; a program may take turns and write lines in its caller's name."""

    def _set_aside(self, out: list[e.Command]) -> None:
        utterance, text = self.words.take_spoken()
        if text:
            out.append(e.SetAside(utterance, text))
        out.append(e.CutUtterance(utterance, is_answered=False))

    def _go_on(self, out: list[e.Command]) -> None:
        """The reply goes on from the very sample, and with the very sentence, at which it was held."""
        if self.agent is Agent.HELD:
            self._move(Move.GO_ON)
            out.append(e.ResumePlayout(self.turn))
        self._release(out)

    def _give_way(self, out: list[e.Command], now: float) -> None:
        """The agent stops, and what was not heard is forgotten."""
        out.append(e.CancelReply(self.turn))
        if self.agent is Agent.THINKING and not self.playout.queued_samples:
            self._finish(out, Move.DROP, now)
            return
        if self.agent is Agent.THINKING:
            self._move(Move.SPEAK)
        self._move(Move.GIVE_WAY)
        out.append(e.ClearPlayout(self.turn))
        self.reply.clear_by = now + self.policy.clear_within

    # ---- a voice that stops the agent before anybody knows what it says --------------------------------
    def _break_off(self, out: list[e.Command], now: float) -> None:
        """The agent stops at once. Should the voice hold no words, the rest is said after it: see `_take_up`."""
        self.words.burst_over()
        self.broken_off = Broken(self.reply, self.reply.has_ended)
        self._give_way(out, now)

    def _take_up(self, out: list[e.Command], now: float) -> None:
        """The voice that stopped the agent held no words: after the last word that was heard, the rest is said.

        It is another turn: the one that was stopped is over, and everybody was told so.
        """
        broken = self.broken_off
        if broken is None or self.agent is Agent.LEAVING:
            return
        is_superseded = self.agent is not Agent.IDLE or self.words.text or self.words.is_missed
        is_otherwise = self.is_answer_asked or self.given or self.is_taken_over
        rest = broken.reply.rest(self.playout)
        is_all = broken.has_ended and not rest
        if is_superseded or is_otherwise or is_all or self.ends is not e.TurnEnd.ANSWERED:
            self.broken_off = None
        elif self.user is User.SILENT:
            self.broken_off, before = None, broken.reply
            self.words.forget(before.question)
            said = self.playout.heard
            self._move(Move.BEGIN)
            self.turn += 1
            self.playout = Playout()
            self.reply = Reply(purpose=before.purpose, confirmed_at=now)
            self.reply.question, self.reply.expect = before.question, before.expect
            out.append(e.ContinueReply(self.turn, before.question, said, rest, broken.has_ended))

    # ---- the caller's program --------------------------------------------------------------------------
    def _steer(self, event: e.ProgramEvent, out: list[e.Command], now: float) -> None:
        match event:
            case e.TurnTakingSet():
                self._set_turn_taking(event, out)
            case e.TurnCommitted():
                self.words.is_all = self.user is not User.SILENT
            case e.TurnDropped():
                if self.agent is Agent.SPECULATING:
                    self._drop(out)
                self.words.burst_over()
                self._set_aside(out)
                self._go_on(out)
            case e.LineWritten(role, text, is_cut, by):
                out.append(e.Remember(self.turn, role, text, is_cut, by))
                if role is e.Role.AGENT:
                    self.words.unanswered("")
                elif role is e.Role.USER:
                    self.words.unanswered(" ".join(filter(None, [self.words.carried, text])))
            case e.LineErased(line, text):
                out.append(e.Revise(line, ""))
                self.words.forget(text)
                if self.last_question == text:
                    self.last_question = ""
            case e.StoppedAt(turn, samples):
                self._stop_at(turn, samples, out, now)
            case e.FunctionsCalled(turn) if turn == self.turn:
                self.reply.is_elsewhere = True
            case e.FunctionsAnswered(turn) if turn == self.turn:
                self.reply.is_elsewhere, self.reply.confirmed_at = False, now
            case e.FunctionsCalled() | e.FunctionsAnswered():
                pass
            case e.AnswerAsked():
                self.is_answer_asked = True
            case _:
                assert_never(event)

    def _set_turn_taking(self, event: e.TurnTakingSet, out: list[e.Command]) -> None:
        self.ends, self.gives_way, self.judges = event.ends, event.gives_way, event.judges
        self.patience, self.silence = event.patience, event.silence
        self.prompts_after, self.prompts_at_first = event.prompts_after, False
        if event.ends is not e.TurnEnd.ANSWERED and self.agent is Agent.SPECULATING:
            self._drop(out)

    def _stop_at(self, turn: e.TurnId, samples: int, out: list[e.Command], now: float) -> None:
        """The listener stopped the turn there: it is over, and no more of it is remembered."""
        if turn == self.turn and self.agent in BUSY:
            self.reply.is_refused = True
            self._give_way(out, now)
        if turn == self.turn and self.agent is Agent.LEAVING:
            self.playout.stopped(samples)
            self.reply.clear_by = now
        elif (revised := self.heard.stopped(turn, samples)) is not None:
            out.append(revised)
