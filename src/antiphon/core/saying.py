"""What the agent gives to its mouth: sentences of the answer, and what it says of itself."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.phases import AGENT_MOVES, Agent, Move, User
from antiphon.core.playout import Playout
from antiphon.core.replies import Reply
from antiphon.core.speech import Approved
from antiphon.core.state import JointState, is_due
from antiphon.core.turns import Lines, TurnPolicy


class Saying(JointState):
    """The joint state, and the ways in which the agent begins to speak."""

    def __init__(self, policy: TurnPolicy | None = None, lines: Lines | None = None) -> None:
        super().__init__(policy, lines)
        self._fillers_said = 0

    def _release(self, out: list[e.Command]) -> None:
        """Sentences that waited may be heard, unless the turn is unconfirmed or the user is speaking."""
        if self.agent is Agent.SPECULATING or self.words.is_burst:
            return
        for sentence in self.reply.waiting:
            self.reply.has_spoken = True
            self._say(sentence, e.Purpose.ANSWER, out)
        self.reply.waiting.clear()

    def _say(self, sentence: Approved, purpose: e.Purpose, out: list[e.Command]) -> None:
        index = self.reply.sentences
        self.reply.sentences += 1
        self.playout.speak(index, sentence.text)
        out.append(e.Speak(self.turn, index, sentence, purpose))
        if self.agent is not Agent.SPEAKING:
            self._move(Move.SPEAK)

    def _greet(self, out: list[e.Command]) -> None:
        if self.lines.greeting is not None and self.turn == 0:
            self._say_alone(self.lines.greeting, e.Purpose.GREETING, out)

    def _prompt(self, out: list[e.Command]) -> None:
        line = self.lines.prompts[self.prompts % len(self.lines.prompts)]
        self.prompts += 1
        self._say_alone(line, e.Purpose.PROMPT, out)

    def _say_given(self, out: list[e.Command]) -> None:
        """A line that a person or the house wants said is said, when nobody speaks."""
        is_free = self.agent is Agent.IDLE and (self.user is User.SILENT or self.is_taken_over)
        if not is_free or self.words.is_speaking or self.is_over:
            return
        given = next((given for given in self.given if given.by or not self.is_taken_over), None)
        if given is not None:
            self.given.remove(given)
            self._say_alone(given.line, e.Purpose.PERSON if given.by else e.Purpose.PROMPT, out)

    def _say_alone(self, line: Approved, purpose: e.Purpose, out: list[e.Command]) -> None:
        """One line of the agent's own, as a turn that answers nothing."""
        self.turn += 1
        self.playout = Playout()
        self.reply = Reply(purpose=purpose, has_ended=True)
        self.reply.answers = 1
        self._say(line, purpose, out)

    def _fill(self, out: list[e.Command]) -> None:
        choices = self.lines.fillers[self.reply.fillers]
        self.reply.fillers += 1
        if choices:
            self.reply.asides.add(self.reply.sentences)
            self._say(choices[self._fillers_said % len(choices)], e.Purpose.FILLER, out)
            self._fillers_said += 1

    def _apologise(self, out: list[e.Command]) -> None:
        """A reply that ended without a word is not silence: the user is told."""
        if self.agent in (Agent.THINKING, Agent.SPEAKING):
            self.reply.answers = 1
            if self.lines.apology is not None:
                self._say(self.lines.apology, e.Purpose.APOLOGY, out)

    def _own_up(self, out: list[e.Command]) -> None:
        """An answer that breaks off, or gets no voice, does not end in silence: the user is told, once in a turn."""
        reply, line = self.reply, self.lines.trouble
        if line is not None and not reply.has_owned_up and self.agent is not Agent.LEAVING:
            reply.has_owned_up = True
            reply.waiting.append(line)
            self._release(out)

    def _ask_again(self, out: list[e.Command], now: float) -> None:
        """Words that nobody could make out are not met with silence."""
        if is_due(self.ask_again_at, now):
            out.append(e.CutUtterance(self.words.take_spoken()[0], is_answered=False))
            answers = self.ends is e.TurnEnd.ANSWERED and not self.is_taken_over
            if self.lines.apology is not None and answers:
                self._say_alone(self.lines.apology, e.Purpose.APOLOGY, out)

    def _move(self, move: Move) -> None:
        self.agent = AGENT_MOVES[self.agent, move]
