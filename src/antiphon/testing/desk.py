"""What a help desk keeps, in memory: accounts and knowledge under the same rules as in Postgres."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from antiphon.agent.retrieval import Note, Passage, terms
from antiphon.agent.tools import Person
from antiphon.core.accounts import Account, Invoice, Ticket
from antiphon.core.errors import CallerError
from antiphon.core.records import StoreUnavailable
from antiphon.store.accounts import changed_plan, no_account, signed_in, with_ticket
from antiphon.store.knowledge import STRANGE_MALUS, WORD_BONUS

Vectors = Sequence[Sequence[float]]
Key = tuple[str, str]


class MemoryKnowledge:
    """`Knowledge` for tests."""

    def __init__(self) -> None:
        self._notes: dict[Key, dict[str, tuple[Note, Vectors]]] = {}

    async def put(
        self, tenant: str, collection: str, notes: Sequence[Note], vectors: Sequence[Vectors]
    ) -> None:
        new = {note.id: (note, ways) for note, ways in zip(notes, vectors, strict=True)}
        for id, (_, ways) in new.items():
            if not ways:
                raise ValueError(f"no vector leads to the note {id!r}")
        self._notes.setdefault((tenant, collection), {}).update(new)

    async def search(
        self, tenant: str, collection: str, words: str, vector: Sequence[float], limit: int = 3
    ) -> builtins.list[Passage]:
        notes = self._notes.get((tenant, collection), {})
        has = {id: set(terms(_words(note))) for id, (note, _) in notes.items()}
        asked = set(terms(words))
        rarity = {}
        for term in asked:
            holders = sum(term in found for found in has.values())
            rarity[term] = math.log(1 + (len(notes) - holders + 0.5) / (holders + 0.5))
        whole = sum(rarity.values()) or 1.0
        known = asked & set().union(*has.values())
        strange = sum(rarity[term] for term in asked - known) / whole
        scored = []
        for id, (note, ways) in notes.items():
            likeness = max(sum(a * b for a, b in zip(way, vector, strict=True)) for way in ways)
            shared = sum(rarity[term] for term in asked & has[id]) / whole
            score = likeness + WORD_BONUS * shared - STRANGE_MALUS * strange
            scored.append(Passage(id, note.title, note.text, note.source, min(1.0, score)))
        return sorted(scored, key=lambda found: (-found.score, found.id))[:limit]

    async def list(self, tenant: str, collection: str) -> tuple[Note, ...]:
        return tuple(note for _, (note, _) in sorted(self._notes.get((tenant, collection), {}).items()))

    async def delete(self, tenant: str, collection: str, ids: Sequence[str] | None = None) -> int:
        notes = self._notes.get((tenant, collection), {})
        gone = [id for id in notes if ids is None or id in ids]
        for id in gone:
            del notes[id]
        return len(gone)


def _words(note: Note) -> str:
    return " ".join((note.title, note.text, *note.keywords, *note.questions))


@dataclass
class MemoryAccounts:
    """`Accounts` for tests. Set `is_away` to see how an agent does without."""

    is_away: bool = False
    changes: list[tuple[str, str]] = field(default_factory=list)
    "What was done, in order, and to which account."
    _accounts: dict[str, tuple[Key, Account]] = field(default_factory=dict)
    _remembered: dict[tuple[str, str, str], str] = field(default_factory=dict)

    async def put(self, owner: Person, account: Account) -> None:
        self._reach()
        signed_in(owner)
        known = self._accounts.get(account.id)
        if known is not None and known[0] != _key(owner):
            raise CallerError(f"the account {account.id!r} is somebody else's", field="id", code="taken")
        self._accounts[account.id] = _key(owner), account

    async def get(self, caller: Person) -> Account | None:
        self._reach()
        if not caller.id:
            return None
        return next((account for key, account in self._accounts.values() if key == _key(caller)), None)

    async def invoices(self, caller: Person, limit: int = 12) -> tuple[Invoice, ...]:
        account = await self.get(caller)
        return account.invoices[: max(0, limit)] if account else ()

    async def change_plan(self, caller: Person, plan: str, starts_on: date | None = None) -> Account:
        changed = changed_plan(await self._held(caller), plan, starts_on)
        self._accounts[changed.id] = _key(caller), changed
        self.changes.append((f"plan {plan}", changed.id))
        return changed

    async def open_ticket(self, caller: Person, subject: str, on: date) -> Ticket:
        account = await self._held(caller)
        changed, ticket = with_ticket(account, subject, on)
        if changed is not account:
            self._accounts[account.id] = _key(caller), changed
            self.changes.append((f"ticket {ticket.subject}", account.id))
        return replace(ticket)

    async def last_interaction(self, caller: Person, agent: str) -> str:
        self._reach()
        return self._remembered.get((*_key(caller), agent), "") if caller.id else ""

    async def remember_interaction(self, caller: Person, agent: str, text: str, session: str = "") -> None:
        self._reach()
        signed_in(caller)
        self._remembered[(*_key(caller), agent)] = text

    async def _held(self, caller: Person) -> Account:
        signed_in(caller)
        account = await self.get(caller)
        if account is None:
            raise no_account()
        return account

    def _reach(self) -> None:
        if self.is_away:
            raise StoreUnavailable("the store in memory was told to be away")


def _key(person: Person) -> Key:
    return person.tenant, person.id
