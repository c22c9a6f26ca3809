"""The reply in hand: what is known of it while it is made and spoken."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.core.playout import Playout
from antiphon.core.speech import Approved
from antiphon.core.terms import Purpose, Role


class Reply:
    """One turn of the agent, from the first thought to the last sample."""

    def __init__(
        self, purpose: Purpose = Purpose.ANSWER, has_ended: bool = False, confirmed_at: float = 0.0
    ) -> None:
        self.purpose = purpose
        self.confirmed_at = confirmed_at
        self.has_ended = has_ended
        self.is_refused = False
        "The user asked for silence: the question is not taken up again."
        self.has_spoken = False
        "A sentence of the answer itself was given to the mouth."
        self.has_owned_up = False
        "The user was told that this is not all, or not as it should be."
        self.is_elsewhere = False
        "The caller's program finds out something for it, and has the floor until then."
        self.question = ""
        self.is_understood = False
        "The question is a whole one, and answered."
        self.is_farewell = False
        "It is the last of the conversation."
        self.expect = ""
        self.sentences = 0
        "Speak commands given."
        self.answers = 0
        "Sentences that came from the reply itself."
        self.fillers = 0
        self.asides: set[int] = set()
        "The sentences that are no part of the answer: fillers."
        self.waiting: list[Approved] = []
        self.clear_by: float | None = None

    def rest(self, playout: Playout) -> tuple[str, ...]:
        """What is known of it and was not heard, sentence by sentence; fillers are no part of it."""
        queued = (text for number, text in playout.rest() if number not in self.asides)
        return (*queued, *(sentence.text for sentence in self.waiting))

    @property
    def speaker(self) -> Role:
        """Whose words these are: a supervisor's may be spoken by the agent."""
        return Role.SUPERVISOR if self.purpose is Purpose.PERSON else Role.AGENT


@dataclass(frozen=True, slots=True)
class Broken:
    """A reply that was stopped by a voice of which nobody knows yet what it says."""

    reply: Reply
    has_ended: bool
    "No more of it was to come when it was stopped."
