"""The HTTP interface to what agents answer from: to read it, to try what a question finds, to add to it."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Allow
from antiphon.agent.knowledge_base import OWN, KnowledgeBase
from antiphon.agent.retrieval import Note
from antiphon.core.errors import CallerError
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act, Person
from antiphon.hosts.stage import Stage

Way = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class Written(BaseModel):
    """A note as somebody wrote it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    title: str = Field(min_length=1, max_length=120, pattern=r"\S")
    text: str = Field(min_length=1, max_length=2000, pattern=r"\S")
    "Told aloud: in sentences as they are said."
    questions: list[Way] = Field(default=[], max_length=20)
    keywords: list[Way] = Field(default=[], max_length=20)


def create_knowledge(stage: Stage, gate: Gate) -> APIRouter:
    """The routes. Supervisors read, administrators write. What is refused is raised as CallerError."""
    router = APIRouter(prefix="/api/agents/{agent}/knowledge", tags=["knowledge"])

    @router.get("")
    async def all_notes(agent: str, request: Request) -> dict[str, object]:
        """All notes of an agent, and whether you may add to them."""
        person = await gate.allowed(request, Act.LIST)
        base = _base(_agent(stage, agent))
        return {
            "is_editable": base.is_editable and person.may(Act.EDIT),
            "notes": [_told(note) for note in await base.all()],
        }

    @router.get("/search")
    async def search(
        agent: str,
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=500)],
        limit: Annotated[int, Query(ge=1, le=20)] = 5,
    ) -> dict[str, object]:
        """What a question finds, the best first, with scores, as the agent itself would find it."""
        await gate.allowed(request, Act.LIST)
        found = await _base(_agent(stage, agent)).search(q, limit)
        return {"passages": [asdict(passage) for passage in found]}

    @router.post("", status_code=201)
    async def add(agent: str, written: Written, request: Request) -> dict[str, object]:
        """A note of yours, from which the agent answers at once."""
        person = await gate.allowed(request, Act.EDIT)
        return await put(person, _agent(stage, agent), OWN + secrets.token_urlsafe(9), written)

    @router.put("/{id}")
    async def change(agent: str, id: str, written: Written, request: Request) -> dict[str, object]:
        """A note of yours as it now is."""
        person, whose = await gate.allowed(request, Act.EDIT), _agent(stage, agent)
        if not any(note.id == id for note in await _base(whose).all()):
            raise CallerError("there is no such note", field="id", code="unknown_note")
        return await put(person, whose, id, written)

    @router.delete("/{id}", status_code=204)
    async def delete(agent: str, id: str, request: Request) -> None:
        """A note of yours is gone."""
        person = await gate.allowed(request, Act.EDIT)
        if not await _base(_agent(stage, agent)).delete(id):
            raise CallerError("there is no such note", field="id", code="unknown_note")
        edited(person, agent, id)

    async def put(person: Person, agent: Agent, id: str, written: Written) -> dict[str, object]:
        note = Note(id, written.title, written.text, tuple(written.questions), tuple(written.keywords))
        verdict = await agent.guardrail.check_output(note.text)
        if not isinstance(verdict, Allow):
            raise CallerError("the guardrail would not let this be said", field="text", code="unspeakable")
        await _base(agent).put(note)
        edited(person, agent.name, id)
        return _told(note)

    def edited(person: Person, agent: str, id: str) -> None:
        gate.audit.record(f"{person.tenant}/{person.id}", Deed.EDITED, f"{agent}/{id}", {})

    return router


def _agent(stage: Stage, name: str) -> Agent:
    if name not in stage.agents:
        raise CallerError(f"there is no agent {name!r}", field="agent", code="unknown_agent")
    return stage.agents[name]


def _base(agent: Agent) -> KnowledgeBase:
    if agent.knowledge is None:
        raise CallerError(f"{agent.name} answers from no notes", field="agent", code="no_knowledge")
    return agent.knowledge


def _told(note: Note) -> dict[str, object]:
    return asdict(note) | {"is_own": note.id.startswith(OWN)}
