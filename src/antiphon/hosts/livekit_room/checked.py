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
    """A gate with a memory: a text that comes by again gets the same answer, without another check."""

    def __init__(self, guardrail: Guardrail) -> None:
        self._gate = Gate(guardrail)
        self._known: OrderedDict[str, Approved | None] = OrderedDict()
        self.checks = 0
        "Sentences that were judged."

    def begin_reply(self) -> None:
        """What follows is another answer: what was said or refused before is no context for it."""
        self._gate.begin_reply()
        for text, said in list(self._known.items()):
            if said is None or said.is_rewritten:
                del self._known[text]

    async def approve(self, text: str) -> Approved | None:
        """What may be said for the sentence; None: nothing. A check that fails lets nothing through."""
        wanted = text.strip()
        if wanted in self._known:
            return self._known[wanted]
        self.checks += 1
        approved, verdict = await self._gate.approve(text)
        if isinstance(verdict, Block):
            log.warning("a sentence was blocked", categories=verdict.categories, reason=verdict.reason)
        self._known[wanted] = approved
        if approved is not None:
            self._known[approved.text.strip()] = approved
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return approved

    async def sentences(self, text: AsyncIterable[str]) -> AsyncGenerator[Approved, None]:
        """What may be said of the text, sentence by sentence, the last one also where it does not end in a stop."""
        splitter = Sentences()
        async for piece in text:
            if (known := self._known.get(piece.strip())) is not None:  # whole, as another node let it through
                yield known
                continue
            for sentence in splitter.push(piece):
                if (approved := await self.approve(sentence)) is not None:
                    yield approved
        for sentence in splitter.flush():
            if (approved := await self.approve(sentence)) is not None:
                yield approved
