"""The agents of the house: which there are, and how each is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Guardrail, chain
from antiphon.core.errors import SetupError
from antiphon.hosts.keeping import Say
from antiphon.ports import Records
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache
from antiphon.store.records import PostgresRecords

HOUSE = ("tutor", "support", "booking")
"Agents that come with the package."
KEEPERS = ("support", "booking")
"Those that keep accounts or appointments, and so need the store."


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The agents to serve: those named, or the whole house. Raises SetupError for a name that means none.

    A name with a colon, or of a file, is an agent that somebody wrote: see `agent_files`.
    """
    for name in names:
        if name not in HOUSE and not is_written(name):
            raise SetupError(
                f"no agent is called {name!r}; there are {', '.join(HOUSE)}, or name one of yours as "
                "my_agent.py:agent"
            )
    return tuple(dict.fromkeys(names)) or HOUSE


def is_written(name: str) -> bool:
    """It names a file or a module of somebody's, not an agent of the house."""
    return ":" in name or name.endswith(".py")


async def keepers(
    names: Sequence[str],
    records: Records | None,
    encoder: MiniLM,
    guardrail: Guardrail,
    cache: VectorCache,
    say: Say,
) -> Mapping[str, Agent]:
    """Those of `names` that need the store, by name; without a store there are none."""
    made: dict[str, Agent] = {}
    if not isinstance(records, PostgresRecords):
        return made
    if "booking" in names:
        from antiphon.agents.booking.booking import booking_agent
        from antiphon.store.appointments import PostgresCalendar

        made["booking"] = await booking_agent(PostgresCalendar(records.database), guardrail)
    if "support" in names:
        from antiphon.agents.support.support import support_agent
        from antiphon.store.accounts import PostgresAccounts
        from antiphon.store.knowledge import PostgresKnowledge

        knowledge = await PostgresKnowledge.open(records.database)
        made["support"] = await support_agent(
            encoder,
            guardrail,
            cache,
            PostgresAccounts(records.database),
            knowledge,
            lambda done, total: say("indexing what support knows", done, total),
        )
    return made


def guarded_too(agent: Agent, guardrail: Guardrail) -> Agent:
    """An agent that somebody wrote, with the house's guardrail before its own."""
    return replace(agent, guardrail=chain(guardrail, agent.guardrail))
