"""The joint state of user and agent, and the moments that follow from it.

Nothing here moves: `conversation` has the rules. The phase and the deadlines are derived and never stored.
All times are seconds of the same clock as `now`; None: that moment will not come by itself.
"""

from __future__ import annotations

from antiphon.core.events import LineGiven, Purpose, TurnEnd
from antiphon.core.heard_lines import HeardLines
from antiphon.core.phases import PHASE, Agent, Phase, User
from antiphon.core.playout import Playout
from antiphon.core.replies import Broken, Reply
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.core.words import Words


class JointState:
    """Where the two of them are."""

    def __init__(self, policy: TurnPolicy | None = None, lines: Lines | None = None) -> None:
        self.policy = policy or TurnPolicy()
        self.lines = lines or Lines()
        self.agent = Agent.IDLE
        self.turn = 0
        self.words = Words()
        self.playout = Playout()
        self.reply = Reply()
        self.expect = ""
        "The kind of thing the user was asked to dictate."
        self.prompts = 0
        "In a row, into the user's silence."
        self.quiet_since: float | None = None
        self.taken_over_by = ""
        "The person who speaks in the agent's place."
        self.given: list[LineGiven] = []
        "What a person or the house wants said, not said yet."
        self.farewell: LineGiven | None = None
        "The last thing to be said, though perhaps not yet."
        self.farewell_by = 0.0
        self.ends = TurnEnd.ANSWERED
        self.gives_way = True
        "To speech."
        self.judges = True
        "What speech over the agent's voice means. If not, all of it takes the floor at once."
        self.broken_off: Broken | None = None
        "The last reply, while it may yet turn out that no words stopped it."
        self.patience = 1.0
        self.silence: float | None = None
        "That ends a turn, whatever was said."
        self.prompts_after: float | None = self.policy.prompt_after
        self.prompts_at_first = True
        "Also before anything was said."
        self.heard = HeardLines()
        self.is_answer_asked = False
        self.last_question = ""
        self.is_over = False

    @property
    def user(self) -> User:
        if self.words.is_speaking:
            return User.SPEAKING
        return User.WAITING if self.words.text or self.words.is_recognizing else User.SILENT

    @property
    def is_taken_over(self) -> bool:
        return self.taken_over_by != ""

    @property
    def phase(self) -> Phase:
        return PHASE[self.user, self.agent]

    @property
    def unsaid(self) -> tuple[str, ...]:
        """What is known of the reply in hand and was not heard, sentence by sentence; fillers are no part of it."""
        return self.reply.rest(self.playout)

    @property
    def next_deadline(self) -> float | None:
        """When `tick` must be called next, or None."""
        if self.is_over:
            return None
        times = (self.endpoint_at, self.verdict_at, self.filler_at, self.prompt_at, self.ask_again_at)
        others = (self.reply.clear_by, self.farewell_at)
        return min((t for t in (*times, *others) if t is not None), default=None)

    @property
    def endpoint_at(self) -> float | None:
        """When the user's turn is over if nothing more happens."""
        if self.user is not User.WAITING or self.agent not in (Agent.IDLE, Agent.SPECULATING):
            return None
        if self.words.is_recognizing:
            return self.words.silent_since + self.policy.max_recognition
        if self.words.is_all or self.is_answer_asked:
            return self.words.silent_since
        if self.ends is TurnEnd.OPEN:
            return None
        wait = self.silence
        if wait is None:
            graded = self.policy.wait(self.words.completeness, self.expect, self.reply.is_understood)
            wait = graded * self.patience
        return self.words.silent_since + wait

    @property
    def verdict_at(self) -> float | None:
        """When speech over the agent's voice is judged for want of words."""
        if not self.words.is_burst or self.words.is_speaking:
            return None
        return self.words.silent_since + self.policy.verdict_within

    @property
    def filler_at(self) -> float | None:
        """When something short is said because no sentence of the answer is ready."""
        reply, after = self.reply, self.policy.filler_after
        is_awaited = self.agent in (Agent.THINKING, Agent.SPEAKING) and reply.purpose is Purpose.ANSWER
        if not is_awaited or reply.answers or reply.has_ended or reply.is_elsewhere or self.words.is_burst:
            return None
        if reply.fillers >= min(len(after), len(self.lines.fillers)):
            return None
        return reply.confirmed_at + after[reply.fillers]

    @property
    def ask_again_at(self) -> float | None:
        """When the user, whom nobody could make out, is asked to say it again: not in the middle of it."""
        if not self.words.is_missed or self.agent is not Agent.IDLE or self.user is not User.SILENT:
            return None
        return self.words.silent_since + self.policy.max_wait

    @property
    def prompt_at(self) -> float | None:
        """When the agent asks whether the user is still there."""
        if self.quiet_since is None or self.is_taken_over or not self.lines.prompts:
            return None
        if self.prompts >= self.policy.max_prompts or self.prompts_after is None:
            return None
        if not self.turn and not self.prompts_at_first:
            return None
        return self.quiet_since + self.prompts_after

    @property
    def farewell_at(self) -> float | None:
        """When a conversation that must end is ended even if somebody speaks. Not while a person holds it."""
        is_settled = self.reply.is_farewell or self.agent is Agent.LEAVING or self.is_taken_over
        return None if self.farewell is None or is_settled else self.farewell_by


def is_due(at: float | None, now: float) -> bool:
    """The moment `at` has come."""
    return at is not None and now >= at
