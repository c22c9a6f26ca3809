"""Tells an agent's unwelcome topics from what sounds like them, by the examples of both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from antiphon.agent.guardrail import Guardrail, chain
from antiphon.agent.topics import Likeness, Topic, TopicGuardrail
from antiphon.providers.heads import learn
from antiphon.providers.vectors import BulkEncoder, VectorCache

WELCOME = ""
"The label of what is on none of the topics."

NEAR = 0.5
"Cosine to an example below which a text is about something else altogether, whatever side of a line it is on."

_SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


async def topic_likeness(encoder: BulkEncoder, cache: VectorCache, topics: Sequence[Topic]) -> Likeness:
    """The likeness that the examples of `topics` teach. One encode a sentence, which others may share."""
    told = [(text, topic.name) for topic in topics for text in topic.examples]
    told += [(text, WELCOME) for topic in topics for text in topic.but_not]
    names = [name for _, name in told]
    rows = await cache.encode_all(encoder, [text for text, _ in told])
    head = await learn(encoder, cache, told)
    of_topic = {topic.name: rows[[name == topic.name for name in names]] for topic in topics}

    async def likeness(text: str) -> Mapping[str, float]:
        found = dict.fromkeys(of_topic, 0.0)
        pieces = list(dict.fromkeys([text, *(piece.strip() for piece in _SENTENCE.findall(text))]))
        for vector in await encoder.encode(pieces):
            shares = head.probabilities(vector)
            for name, examples in of_topic.items():
                if float((examples @ np.asarray(vector, np.float32)).max()) >= NEAR:
                    found[name] = max(found[name], shares[name])
        return found

    return likeness


async def turning_down(
    guardrail: Guardrail, encoder: BulkEncoder, cache: VectorCache, topics: Sequence[Topic]
) -> Guardrail:
    """`guardrail`, and behind it one that turns `topics` down."""
    return chain(guardrail, TopicGuardrail(topics, await topic_likeness(encoder, cache, topics)))
