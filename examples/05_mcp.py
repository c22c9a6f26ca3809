"""Tools of an MCP server, here a program that the agent runs. An address, "https://…/mcp", does as well.

The agent is made by an async context manager, which holds the server open while the agent is served. Needs the
extra `mcp`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from antiphon.agent import Agent, Grounding, PlainGuardrail, Question, Specialist
from antiphon.providers.mcp_tools import mcp_tools

SERVER = [sys.executable, str(Path(__file__).parent / "servers/tides.py")]


async def answer(question: Question) -> Grounding:
    harbour = next((name for name in ("Hull", "Leith") if name.lower() in question.text.lower()), "")
    if not harbour:
        return Grounding()
    result = await question.use("high_tide", {"harbour": harbour})
    if not result.is_ok:
        return Grounding(("I can't see the tide tables just now.",))
    return Grounding((f"The tide is high {result.value} in {harbour}.",), is_certain=True)


@asynccontextmanager
async def agent() -> AsyncIterator[Agent]:
    """The agent, with its server running."""
    async with mcp_tools(SERVER) as tools:
        yield Agent(
            name="tides",
            instructions="You tell sailors the tides.",
            specialists=(Specialist("harbour", "You know the tide tables.", answer, tools=tools),),
            guardrail=PlainGuardrail(),
            greeting="Harbour office.",
            unknown="I know the tides of Hull and of Leith.",
        )
