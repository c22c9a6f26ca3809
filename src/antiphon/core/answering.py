"""The agent's turns: begun on what the user said, confirmed, dropped unheard, finished."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.phases import Agent, Move, User
from antiphon.core.playout import Playout
from antiphon.core.replies import Reply
from antiphon.core.saying import Saying


class Answering(Saying):
    """What becomes of one turn after the other."""

    def _begin(self, out: list[e.Command], move: Move, now: float, question: str) -> None:
        """A new turn of the agent, to answer the question."""
        self.turn += 1
        self._move(move)
        self.playout = Playout()
        self.reply = Reply(confirmed_at=now)
        self.reply.question = question
        out.append(e.StartReply(self.turn, question, is_confirmed=move is Move.BEGIN))

    def _confirm(self, out: list[e.Command], now: float) -> None:
        """The user's turn is over: it is remembered, and the reply may be heard."""
        if self.agent is Agent.SPECULATING:
            self._move(Move.BEGIN)
            out.append(e.ConfirmReply(self.turn))
            self.reply.confirmed_at = now
        else:
            self._begin(out, Move.BEGIN, now, self.words.text)
        self.last_question = self.words.text
        self.is_answer_asked = False
        self._take_words(out)
        if self.expect:
            self.expect = ""
            out.append(e.Expect(""))
        self._release(out)

    def _take_words(self, out: list[e.Command]) -> None:
        """What the user said is remembered, and waits no longer."""
        for text in self.words.fresh:
            out.append(e.Remember(self.turn, e.Role.USER, text))
        out.append(e.CutUtterance(self.words.take()))

    def _keep_words(self, out: list[e.Command]) -> None:
        """The user's turn is over: it is remembered, and answered when an answer is asked for."""
        question = self.words.text
        self._take_words(out)
        self.words.unanswered(question)

    def _answer_asked(self, out: list[e.Command], now: float) -> None:
        """An answer that was asked for begins once nobody speaks. Words that wait are a turn, and begin theirs."""
        if not self.is_answer_asked or self.agent is not Agent.IDLE or self.user is not User.SILENT:
            return
        self.is_answer_asked = False
        if self.is_taken_over:
            return
        question = self.words.carried or self.last_question
        if not question and self.turn == 0 and self.lines.greeting is not None:
            self._greet(out)
            return
        out.append(e.CutUtterance(self.words.take()))  # what is said from here on is no part of it
        self.last_question = question
        self._begin(out, Move.BEGIN, now, question)

    def _drop(self, out: list[e.Command]) -> None:
        """The speculative reply is forgotten, unheard."""
        out.append(e.CancelReply(self.turn))
        self._move(Move.DROP)

    def _finish(self, out: list[e.Command], move: Move, now: float) -> None:
        """The agent's turn is over: what was heard of it is remembered."""
        cut = move in (Move.SETTLED, Move.DROP)
        if heard := self.playout.heard:
            is_cut = bool(cut and (self.playout.unheard or not self.reply.has_ended))
            self.heard.keep(self.turn, self.playout, out)
            out.append(e.Remember(self.turn, self.reply.speaker, heard, is_cut))
        if cut and not self.reply.has_spoken and not self.reply.is_refused:
            self.words.unanswered(self.reply.question)
        if not cut and self.reply.expect:
            self.expect = self.reply.expect
            out.append(e.Expect(self.expect))
        is_last = self.reply.is_farewell and not self.is_taken_over
        self._move(move)
        self.reply = Reply()
        if is_last and self.farewell is not None:
            self._close_books(out)
            out.append(e.EndConversation(self.farewell.ends))

    def _close_books(self, out: list[e.Command]) -> None:
        """What the user said is remembered, and nothing follows."""
        for text in self.words.fresh:
            out.append(e.Remember(self.turn, e.Role.USER, text))
        self.words.take()
        self.words.is_speaking = False
        self.is_over = True
