"""What an agent does not talk about, and what it says instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from antiphon.agent.guardrail import Allow, Block, Verdict

OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that is not wrong to ask, only not for this agent."""

    name: str
    redirect: str
    "What is said instead: it turns the topic down and leads on."
    examples: tuple[str, ...]
    "What callers say when they are on the topic."
    but_not: tuple[str, ...] = ()
    "What sounds like it and is welcome. Told apart are the two: without any, there is nothing to tell."
    is_kept_from_replies: bool = False
    "The agent's own sentences are held to it as well: for advice that it must not give by itself."


Likeness = Callable[[str], Awaitable[Mapping[str, float]]]
"How much a text is about each topic, 0…1, by the topics' names; 0 where what is welcome is more alike."


class TopicGuardrail:
    """A `Guardrail` that turns `topics` down. Put it behind one for safety, with `guardrail.chain`."""

    def __init__(self, topics: Sequence[Topic], likeness: Likeness, *, at: float = 0.6) -> None:
        """`at`: the likeness from which a text is taken to be on a topic."""
        if len({topic.name for topic in topics}) != len(topics):
            raise ValueError("two topics have the same name")
        self._topics = tuple(topics)
        self._likeness = likeness
        self._at = at

    async def check_input(self, text: str) -> Verdict:
        """The verdict on what a caller said: a Block has the topic's redirect as its line."""
        return await self._judge(text, self._topics)

    async def check_output(self, text: str) -> Verdict:
        """The verdict on what the agent is about to say, by the topics that are kept from replies."""
        return await self._judge(text, tuple(t for t in self._topics if t.is_kept_from_replies))

    async def _judge(self, text: str, topics: tuple[Topic, ...]) -> Verdict:
        if not topics or not any(map(str.isalpha, text)):
            return Allow()
        likeness = await self._likeness(text)
        likest = max(topics, key=lambda topic: likeness.get(topic.name, 0.0))
        score = likeness.get(likest.name, 0.0)
        if score < self._at:
            return Allow()
        return Block((OFF_TOPIC, likest.name), score, f"about {likest.name}", line=likest.redirect)
