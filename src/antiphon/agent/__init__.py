"""What an agent is made of. Everything its author needs is here: `from antiphon.agent import Agent, tool, …`."""

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Guardrail, Rewrite, Verdict, chain
from antiphon.agent.plain import PlainGuardrail
from antiphon.agent.retrieval import Note, Passage
from antiphon.agent.routing import Route, Router
from antiphon.agent.tools import ANYBODY, Person, Tool, ToolResult, tool
from antiphon.core.transcript import Line

__all__ = [
    "ANYBODY",
    "Agent",
    "Allow",
    "Block",
    "Grounding",
    "Guardrail",
    "Line",
    "Note",
    "Passage",
    "Person",
    "PlainGuardrail",
    "Question",
    "Rewrite",
    "Route",
    "Router",
    "Specialist",
    "Tool",
    "ToolResult",
    "Verdict",
    "chain",
    "tool",
]
