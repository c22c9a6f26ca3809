"""What an agent is: a declaration, made once, that every host runs.

An answer is made in two steps that may come from different hands: *grounding*, which finds what is true (a
solver, a tool, a knowledge base), and *phrasing*, which a language model does when there is one. With no
model the grounding is spoken as it stands: an agent answers truthfully with no model at all, and says so
when it knows nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from antiphon.agent.flow import Steps
from antiphon.agent.guardrail import Guardrail
from antiphon.agent.knowledge_base import KnowledgeBase
from antiphon.agent.retrieval import Passage
from antiphon.agent.routing import Route, Router
from antiphon.agent.tools import ANYBODY, Person, Tool, Use, nothing_to_use
from antiphon.core.transcript import Line


@dataclass(frozen=True, slots=True)
class Question:
    """What a specialist is asked: the user's words, and what led to them."""

    text: str
    history: Sequence[Line] = ()
    route: Route | None = None
    memory: Mapping[str, object] = field(default_factory=dict)
    "What earlier answers of this conversation left behind, by key."
    caller: Person = ANYBODY
    asked_at: datetime | None = None
    "When, with its time zone."
    use: Use = nothing_to_use
    "Uses a tool of the agent or of the specialist who is asked. One that writes waits until the turn is confirmed."
    session: str = ""
    "The conversation's id, the same in all its turns, also when it is gone on with elsewhere."


@dataclass(frozen=True, slots=True)
class Grounding:
    """What is known about a question."""

    sentences: tuple[str, ...] = ()
    "The answer as it may be spoken. Empty: nothing is known for sure."
    passages: tuple[Passage, ...] = ()
    "What a language model may draw on, best first."
    is_certain: bool = False
    "The sentences are computed or looked up, not guessed: a language model must not change their facts."
    is_whole: bool = False
    "The sentences answer a question that is whole as it stands: its asker is not waited for."
    expect: str = ""
    "The kind of thing the user will now dictate: digits, email, spelling, date, sentence."
    memory: Mapping[str, object] = field(default_factory=dict)
    "To be remembered for later questions, once the turn is confirmed: plain JSON, as sessions outlive processes."
    escalate: str = ""
    "Why a person is needed; empty when none is."


@dataclass(frozen=True, slots=True)
class Brief:
    """What the caller's own program asks of the agent, besides what the agent is."""

    instructions: str = ""
    tools: tuple[Tool, ...] = ()
    "Of the program's. Where one has the name of a tool of the agent's, the agent's is used."
    must_use: tuple[str, ...] = ()
    "One of these tools is used before anything is said."
    most_tokens: int | None = None
    "How much is said in one answer, some four letters each."


Ground = Callable[[Question], Awaitable[Grounding]]


@dataclass(frozen=True, slots=True)
class Specialist:
    """One field of an agent's competence. Specialists never hand over to each other: the router decides."""

    name: str
    instructions: str
    ground: Ground
    tools: tuple[Tool, ...] = ()
    "Besides the agent's."
    is_public: bool = False
    """What it finds is the same for everybody at any time: what a model makes of a conversation's first question may
    be given again to others who ask the same, where the operator has allowed it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A conversation that is over, as its agent may remember it."""

    session: str
    caller: Person
    lines: Sequence[Line] = ()
    memory: Mapping[str, object] = field(default_factory=dict)
    "What its answers left behind, by key."


Greet = Callable[[Person], Awaitable[str]]
"What to greet this caller with; empty: with the agent's greeting. It is checked like an answer."
Remember = Callable[[Ended], Awaitable[None]]
"Keeps what the agent should know when the same person calls again."


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice agent, complete: who it is, what it knows, what it must not say."""

    name: str
    instructions: str
    specialists: tuple[Specialist, ...]
    guardrail: Guardrail
    router: Router | None = None
    "Needed with more than one specialist; with one, it answers everything."
    title: str = ""
    voice: str = ""
    greeting: str = ""
    greet: Greet | None = None
    "A greeting of its own for each caller, if it is ready in time."
    remember: Remember | None = None
    "Called once when a conversation is over."
    fillers: tuple[tuple[str, ...], ...] = ()
    "What to say while thinking takes long: choices for the first, second, third wait."
    prompts: tuple[str, ...] = ()
    "What to say into a long silence."
    apology: str = "I'm sorry, something went wrong on my side. Could you ask me again?"
    trouble: str = "I'm having trouble on my side. Please hold on, or ask for a person."
    "Said when the voice fails or an answer breaks off: its sound is made beforehand. Empty: nothing is."
    unknown: str = "I don't know that one."
    "Said when nothing supports an answer and no model may guess."
    unsure_below: float = 0.35
    "Confidence of a route below which an answer counts as a guess. After two in a row a person is asked for."
    tools: tuple[Tool, ...] = ()
    "For every specialist."
    suggestions: tuple[str, ...] = ()
    "Questions a newcomer might ask."
    knowledge: KnowledgeBase | None = None
    "What it answers from, for those who look after it; None: nothing that could be shown."
    steps: Steps | None = None
    "Where it leads its callers, for screens that show it; None: nowhere in particular."
    uses_model: bool = True
    "False: it says what it knows as it stands, whatever language model there is."
    is_listed: bool = True
    "False: it serves the house; nobody is told of it, and nothing is kept of its calls."

    def specialist(self, name: str) -> Specialist:
        """The specialist of that name; the first one when there is none."""
        return next((s for s in self.specialists if s.name == name), self.specialists[0])
