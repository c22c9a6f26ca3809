"""The tutor: an orchestrator with specialists for mathematics, history and English.

Nothing here is guessed. Mathematics is computed, grammar is checked by rules, and history and English come from
notes that are spoken as they were written; what none of them supports is answered by an honest "I don't know".
A language model, when there is one, phrases what they found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Guardrail
from antiphon.agent.routing import Route
from antiphon.agents.tutor.asking import worked_out
from antiphon.agents.tutor.clarifying import CLARIFY, ask_back, clarified, homonym
from antiphon.agents.tutor.library import SUGGESTIONS, Library
from antiphon.agents.tutor.mathematics import Solution
from antiphon.agents.tutor.request import find_sentence
from antiphon.agents.tutor.router import ASK_BELOW
from antiphon.agents.tutor.smalltalk import chat
from antiphon.agents.tutor.topics import TOPICS
from antiphon.core.transcript import Line
from antiphon.providers.local_topics import turning_down
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

UNKNOWN = "I don't know that one. Shall I get a teacher?"
CALLING = "All right, I'll ask a teacher to join us. Meanwhile, you can go on asking me."

DECIDED = 0.75
"Confidence of a route from which the notes are not asked whose question it is."
MENDED = 0.8
"How sure a route is that rests on what a sum sounds like."


async def tutor(
    encoder: BulkEncoder,
    guardrail: Guardrail,
    cache: VectorCache,
    progress: Progress | None = None,
    *,
    by_sound: bool = True,
) -> Agent:
    """The tutor, ready to answer. The first time its notes and examples are indexed, which takes seconds.

    `by_sound`: what makes no sense as it was heard is looked for by its sound.
    """
    agent, library = await tutor_soon(encoder, guardrail, cache, by_sound=by_sound)
    await library.prepare(encoder, cache, progress)
    return agent


async def tutor_soon(
    encoder: BulkEncoder,
    guardrail: Guardrail,
    cache: VectorCache,
    *,
    by_sound: bool = True,
) -> tuple[Agent, Library]:
    """The tutor, who can be talked to at once and answers as its library's `prepare` gets that far.

    Whoever asks before waits, and is answered no otherwise than after. `prepare` must be run, once. What it was
    saying when a process died it goes on saying without: for that it only needs its guardrail.
    """
    library = Library(by_sound=by_sound)
    guarded = await turning_down(guardrail, encoder, cache, TOPICS)
    return _agent(guarded, Orchestrator(library), library), library


def _agent(guardrail: Guardrail, orchestrator: Orchestrator, library: Library) -> Agent:
    return Agent(
        name="tutor",
        title="Tutor",
        instructions=(
            "You are a patient tutor for pupils of eleven to sixteen. Be exact, warm and brief. Never state a "
            "fact that is not among what is known; if nothing is known, say so and offer to get a teacher."
        ),
        specialists=(
            Specialist(
                "math",
                "You teach mathematics. The worked result you are given is right.",
                clarified("math", library.mathematics),
                is_public=True,
            ),
            Specialist(
                "history", "You teach history.", clarified("history", library.history), is_public=True
            ),
            Specialist(
                "english",
                "You teach English language and literature.",
                clarified("english", library.english),
                is_public=True,
            ),
            Specialist(CLARIFY, "You ask what the pupil means.", ask_back),
            Specialist("smalltalk", "You keep the lesson friendly and lead back to it.", converse),
            Specialist("person", "The pupil asks for a human teacher.", call_teacher),
            Specialist("other", "The question is outside your subjects.", library.anything),
        ),
        guardrail=guardrail,
        router=orchestrator,
        greeting="Hello! What shall we work on?",
        fillers=(
            ("Let me think.", "One moment.", "Let me see."),
            ("I'm still working on it.", "Just a little longer."),
            ("Almost there.", "Thank you for waiting."),
        ),
        prompts=("Are you still there?", "I'm here whenever you want to go on."),
        unknown=UNKNOWN,
        unsure_below=ASK_BELOW,
        suggestions=SUGGESTIONS,
        knowledge=library,
    )


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """Sends each question to the right specialist; what can be computed needs no classifier.

    What is no question as it stands, but sounds like one that can be answered, goes where that one leads.
    """

    library: Library

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        await self.library.calculates.wait()
        if isinstance(worked_out(utterance), Solution):
            return Route("math", 0.99, "it can be worked out")
        if isinstance(mended := self.library.repaired(utterance), Solution):
            return Route("math", MENDED, f"sounds like: {mended.question}")
        route = await self.library.router.route(conversation, utterance)
        if route.specialist == "person" or route.about or find_sentence(utterance) is not None:
            return route
        if homonym(utterance) and route.specialist == CLARIFY:
            return route
        if route.confidence < DECIDED and (known := await self.library.subject_of(utterance)):
            return Route(known.subject, known.passage.score, f"answered by: {known.passage.title}")
        meant = await self.library.by_sound(utterance)
        if meant is None or await self.library.knows(route.specialist, utterance, meant.needed):
            return route
        return Route(meant.subject, meant.passage.score, f"sounds like: {meant.question}")


# ---- between the subjects ---------------------------------------------------------------------------------
async def converse(question: Question) -> Grounding:
    """Small talk."""
    return Grounding(chat(question.text, question.history), is_certain=True)


async def call_teacher(question: Question) -> Grounding:
    """A human teacher is asked for."""
    return Grounding((CALLING,), is_certain=True, is_whole=True, escalate="the pupil asked for a person")
