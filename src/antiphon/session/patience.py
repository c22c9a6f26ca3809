"""How long a reply that is being made is waited for, and how much of it is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from antiphon.agent.definition import Agent
from antiphon.core.events import ReplyEnded, ReplyEvent, ReplyFailed, SentenceReady, TurnId
from antiphon.core.notes import Faulted, Note
from antiphon.session.reply import Reply

REPLY_WITHIN = 10.0
"""Seconds in which nothing at all comes of a reply until it is given up. The fillers are said by then, and a
chain of language models has tried all it can: see `providers.resilience.Persistence`."""
LONGEST_REPLY = 8000
"Letters of one reply: eight minutes of speech. What writes more has lost its way, and is stopped."
LONGEST_SENTENCE = 2000
"Letters of one sentence; a longer one is none, and is left out."


class Patience:
    """Waits for one reply. What comes of it goes to `tell`."""

    def __init__(
        self, turn: TurnId, tell: Callable[[ReplyEvent | Note], None], within: float = REPLY_WITHIN
    ) -> None:
        """`within`: seconds in which something has to come of it."""
        self._turn = turn
        self._within = within
        self._tell = tell
        self._timeout: asyncio.Timeout | None = None
        self._letters = 0
        self._has_enough = False

    def hear(self, item: ReplyEvent | Note) -> None:
        """Something came of the reply: it is waited for anew. What comes after enough has come is not told."""
        if self._has_enough:
            return
        now = asyncio.get_running_loop().time()
        wait_s = self._within
        if isinstance(item, SentenceReady):
            if len(item.sentence.text) > LONGEST_SENTENCE:
                item = Faulted("reply", f"a sentence of {len(item.sentence.text)} letters was left out")
            else:
                self._letters += len(item.sentence.text)
        self._tell(item)
        if self._letters > LONGEST_REPLY:
            self._has_enough, wait_s = True, 0.0
            self._tell(ReplyEnded(self._turn))
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(now + wait_s)

    async def wait_for(self, reply: Reply) -> None:
        """The reply has been made, or has failed, or is given up; the conversation knows. Safe to cancel."""
        try:
            async with asyncio.timeout(self._within) as self._timeout:
                await reply.run()
        except TimeoutError:
            if not self._has_enough:
                told = f"nothing came of it for {self._within:g} s"
                self._tell(Faulted("reply", told))
                self._tell(ReplyFailed(self._turn, told))


def patience_with(agent: Agent) -> float:
    """Seconds in which something has to come of a reply of the agent: its slowest tool may take its time."""
    tools = [*agent.tools, *(tool for one in agent.specialists for tool in one.tools)]
    return max([REPLY_WITHIN, *(tool.timeout_s + 2.0 for tool in tools)])
