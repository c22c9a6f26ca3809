"""What an agent answers from can be read, tried and added to over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from house import house, parrot

from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.agent.knowledge_base import OWN
from antiphon.agent.retrieval import Note, Passage
from antiphon.core.errors import CallerError

pytestmark = pytest.mark.anyio

SHIPPED = Note("hours", "opening hours", "We are open from nine to five.", ("When are you open?",))


class Shelf:
    """Notes in memory, found by their titles."""

    is_editable = True

    def __init__(self) -> None:
        self.notes = {SHIPPED.id: SHIPPED}

    async def all(self) -> Sequence[Note]:
        return [self.notes[id] for id in sorted(self.notes)]

    async def search(self, text: str, limit: int = 3) -> Sequence[Passage]:
        found = [note for note in self.notes.values() if note.title in text.lower()]
        return [Passage(n.id, n.title, n.text, n.source, 0.9) for n in found[:limit]]

    async def put(self, note: Note) -> None:
        if not note.id.startswith(OWN):
            raise CallerError("it ships with the agent", code="not_yours")
        self.notes[note.id] = note

    async def delete(self, id: str) -> bool:
        if not id.startswith(OWN):
            raise CallerError("it ships with the agent", code="not_yours")
        return self.notes.pop(id, None) is not None


class Prudish:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Block(("profanity",), reason="a word") if "damn" in text else Allow()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_note_is_added_found_changed_and_deleted(tmp_path: Path) -> None:
    agent = replace(parrot(knowledge=Shelf()), guardrail=Prudish())
    async with (
        house(tmp_path, agent) as (host, _),
        httpx2.AsyncClient(base_url=f"http://{host}/api/agents/parrot") as site,
    ):
        told = (await site.get("/knowledge")).json()
        assert told["is_editable"] and [note["id"] for note in told["notes"]] == ["hours"]
        assert not told["notes"][0]["is_own"]

        added = await site.post(
            "/knowledge", json={"title": "parking", "text": " Behind the house. ", "questions": ["Where?"]}
        )
        assert added.status_code == 201
        note = added.json()
        assert note["is_own"] and note["text"] == "Behind the house."
        [found] = (await site.get("/knowledge/search", params={"q": "Is there parking?"})).json()["passages"]
        assert (found["id"], found["score"]) == (note["id"], 0.9)

        changed = await site.put(
            f"/knowledge/{note['id']}", json={"title": "parking", "text": "In the street."}
        )
        assert changed.json()["text"] == "In the street."
        assert (await site.delete(f"/knowledge/{note['id']}")).status_code == 204
        assert (await site.delete(f"/knowledge/{note['id']}")).status_code == 404
        assert len((await site.get("/knowledge")).json()["notes"]) == 1


async def test_what_may_not_be_written_is_refused_with_the_reason(tmp_path: Path) -> None:
    agent = replace(parrot(knowledge=Shelf()), guardrail=Prudish())
    async with (
        house(tmp_path, agent) as (host, _),
        httpx2.AsyncClient(base_url=f"http://{host}/api/agents/") as site,
    ):
        shipped = {"title": "opening hours", "text": "Never."}
        for path, body, status, code in (
            ("parrot/knowledge/hours", shipped, 409, "not_yours"),
            ("parrot/knowledge/own.none", shipped, 404, "unknown_note"),
            ("nobody/knowledge/own.none", shipped, 404, "unknown_agent"),
        ):
            refused = await site.put(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
        for body in (
            {"title": "", "text": "x"},
            {"title": "x", "text": "  "},
            {"title": "x", "text": "y" * 3000},
            {},
        ):
            assert (await site.post("parrot/knowledge", json=body)).status_code in (400, 422)
        unspeakable = await site.post("parrot/knowledge", json={"title": "x", "text": "Oh damn."})
        assert (unspeakable.status_code, unspeakable.json()["code"]) == (400, "unspeakable")
        assert (await site.get("parrot/knowledge")).json()["notes"][0]["text"] == SHIPPED.text


async def test_an_agent_without_notes_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as (host, _), httpx2.AsyncClient(base_url=f"http://{host}") as site:
        told = await site.get("/api/agents/parrot/knowledge")
        assert (told.status_code, told.json()["code"]) == (404, "no_knowledge")
