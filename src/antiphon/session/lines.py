"""What an agent says of itself."""

from __future__ import annotations

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Gate
from antiphon.core.speech import Approved
from antiphon.core.turns import Lines


def own_lines(agent: Agent, gate: Gate, greets: bool = True, greeting: Approved | None = None) -> Lines:
    """What the agent says of itself. Its author wrote it, so the gate vouches for it unchecked.

    A `greeting` for one caller in which a tool had a part has been through the gate.
    """
    if greeting is None and agent.greeting:
        greeting = gate.vouch(agent.greeting)
    return Lines(
        greeting=greeting if greets else None,
        fillers=tuple(tuple(gate.vouch(line) for line in level) for level in agent.fillers),
        prompts=tuple(gate.vouch(line) for line in agent.prompts),
        apology=gate.vouch(agent.apology) if agent.apology else None,
        trouble=gate.vouch(agent.trouble) if agent.trouble else None,
    )
