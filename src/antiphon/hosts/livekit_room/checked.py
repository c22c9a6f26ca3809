"""The guardrail between any LiveKit agent and its voice: sentences are checked once, and remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterable

import structlog

from antiphon.agent.guardrail import Block, Gate, Guardrail
from antiphon.core.sentences import Sentences
from antiphon.core.speech import Approved

log = structlog.get_logger(__name__)

REMEMBERED = 256
"Sentences: some twenty answers."


class Checked:
    """A gate with a memory. What it allowed may be said again without another check."""

    def __init__(self, guardrail: Guardrail) -> None:
        self._gate = Gate(guardrail)
        self._known: OrderedDict[str, Approved] = OrderedDict()
        self.checks = 0
        "Sentences that were judged."

    def begin_reply(self) -> None:
        """What follows is another answer: what was said before is no context for it."""
        self._gate.begin_reply()

    async def approve(self, text: str) -> Approved | None:
        """What may be said for the sentence; None: nothing. A check that fails lets nothing through."""
        if (known := self._known.get(text.strip())) is not None:
            return known
        self.checks += 1
        approved, verdict = await self._gate.approve(text)
        if isinstance(verdict, Block):
            log.warning("a sentence was blocked", categories=verdict.categories, reason=verdict.reason)
        if approved is not None:
            self.remember(approved)
        return approved

    def remember(self, approved: Approved) -> None:
        """It need not be checked again."""
        self._known[approved.text.strip()] = approved
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def sentences(self, text: AsyncIterable[str]) -> AsyncGenerator[Approved, None]:
        """What may be said of the text, sentence by sentence, the last one also where it does not end in a stop."""
        splitter = Sentences()
        async for piece in text:
            for sentence in splitter.push(piece):
                if (approved := await self.approve(sentence)) is not None:
                    yield approved
        for sentence in splitter.flush():
            if (approved := await self.approve(sentence)) is not None:
                yield approved
