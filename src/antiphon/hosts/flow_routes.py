"""Where an agent leads its callers, as data, and how far along one of them is."""

from __future__ import annotations

from fastapi import APIRouter, Request

from antiphon.agent.flow import Flow, FlowState, Step, Steps, Transition
from antiphon.core.errors import CallerError
from antiphon.hosts.api import viewer
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.stage import Stage
from antiphon.session.journal import decode_entry, decode_header
from antiphon.session.past import past


def create_flows(stage: Stage, gate: Gate) -> APIRouter:
    """The routes. What is refused is raised as CallerError."""
    router = APIRouter(prefix="/api", tags=["flows"])

    @router.get("/agents/{agent}/flow")
    async def flow(agent: str, request: Request) -> dict[str, object]:
        """The steps of an agent, the ways between them, and what each asks for."""
        await gate.person(request)
        return _drawn(_steps(stage, agent).flow)

    @router.get("/sessions/{id}/flow")
    async def place(id: str, request: Request) -> dict[str, object]:
        """Where a session is in its agent's flow, and what is filled in: your own, or as a supervisor any."""
        who = viewer(await gate.person(request))
        if stage.records is None:
            raise CallerError("sessions are not kept here: ANTIPHON_STORE is off", code="no_store")
        record = await stage.records.get(who, id)
        steps = _steps(stage, record.agent)
        lines = [line async for line in stage.records.entries(who, id)]
        memory = past(decode_header(lines[0], id), map(decode_entry, lines[1:])).memory if lines else {}
        return {"agent": record.agent, "status": record.status, **_stands(steps.where(memory))}

    return router


def _steps(stage: Stage, agent: str) -> Steps:
    if agent not in stage.agents:
        raise CallerError(f"there is no agent {agent!r}", field="agent", code="unknown_agent")
    steps = stage.agents[agent].steps
    if steps is None:
        raise CallerError(f"{agent} leads its callers nowhere in particular", field="agent", code="no_flow")
    return steps


def _drawn(flow: Flow) -> dict[str, object]:
    return {
        "name": flow.name,
        "first": flow.first,
        "fallback": flow.fallback,
        "slots": [{"name": slot.name, "description": slot.description} for slot in flow.slots],
        "steps": [_step(step) for step in flow.steps],
        "anywhere": [_way(way) for way in flow.anywhere],
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "collects": list(step.collects),
        "retries": step.retries,
        "is_terminal": step.is_terminal,
        "ways": [_way(way) for way in step.transitions],
    }


def _way(way: Transition) -> dict[str, object]:
    return {"to": way.to, "on": way.on, "needs": list(way.needs)}


def _stands(state: FlowState) -> dict[str, object]:
    return {
        "step": state.step,
        "slots": {name: str(value) for name, value in state.slots.items()},
        "tries": state.tries,
        "return_to": state.return_to,
    }
