"""Getting ready for the first caller: models loaded, agents taught, voices warm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Gate, Guardrail
from antiphon.agent.routing import Router
from antiphon.agents.tutor.tutor import tutor_soon
from antiphon.config import Settings
from antiphon.core.errors import ProviderError, SetupError
from antiphon.hosts import stalls
from antiphon.hosts.agent_files import load_agent
from antiphon.hosts.cast import KEEPERS, chosen, guarded_too, is_written, keepers
from antiphon.hosts.keeping import Say, bare_errors, kept
from antiphon.hosts.loading import Loading, listened, take
from antiphon.hosts.models import advised, guarded, language_model, specialist_models
from antiphon.hosts.returning import heard_again
from antiphon.hosts.stage import Stage
from antiphon.hosts.tracing.opening import traced
from antiphon.hosts.webhook import open_webhook
from antiphon.providers.chains import close_all
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.local_silero import SileroVad
from antiphon.providers.vectors import VectorCache
from antiphon.session.bills import billed
from antiphon.session.lines import own_lines
from antiphon.session.session import Providers
from antiphon.store.mirror import Mirror

ON_CALL = "on-call"
"The name of whoever comes because the webhook told them."

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_stage(
    settings: Settings,
    say: Say = lambda what, done, total: None,
    *,
    also: Callable[[], object] | None = None,
    names: Sequence[str] = (),
) -> AsyncIterator[Stage]:
    """A stage that takes calls for the agents of these `names`: see `cast.chosen`. Raises SetupError when something
    it needs is missing.

    What loads for itself loads side by side. What a call that is taken up again can wait for is loaded while such
    calls are taken, in the order in which it is needed, until `Stage.loaded`; who needs it before waits for it.
    Called first of it, in a thread, is `also`.
    """
    served = chosen(names)
    if settings.store == "off" and (in_vain := [name for name in names if name in KEEPERS]):
        raise SetupError(
            f"{in_vain[0]} keeps what it is told: it needs the store, so unset ANTIPHON_STORE=off"
        )
    loading = take(settings)
    try:
        async with bare_errors(), AsyncExitStack() as written, asyncio.TaskGroup() as tasks:
            opening = tasks.create_task(_load(loading, say, served), name="stage: load")
            async with kept(settings, say) as records:
                loading.opened()
                loaded = await opening
                url = settings.redis_url.get_secret_value()
                mirror = Mirror.at(url) if url else None
                for name in filter(is_written, served):
                    agent = await written.enter_async_context(load_agent(name))
                    loaded.agents[agent.name] = guarded_too(agent, loaded.guardrail)
                watched = {"moderation": loaded.guardrail, **loaded.routers}
                stage = Stage(settings, loaded.agents, loaded.providers, records, mirror, watched)
                stage.tracing = await written.enter_async_context(traced(settings))
                await written.enter_async_context(stalls.watched(settings.stall_ms, stage.metrics))
                webhook = open_webhook(
                    settings, records, stage.metrics.told, lambda call: stage.way(call, ON_CALL)
                )
                stage.loaded.clear()
                serving = [
                    tasks.create_task(stage.keep(), name="stage: keep"),
                    tasks.create_task(
                        _load_rest(stage, loaded, also, say, served), name="stage: load the rest"
                    ),
                ]
                if mirror is not None:
                    serving.append(tasks.create_task(mirror.run(), name="stage: mirror"))
                if webhook is not None:
                    serving.append(tasks.create_task(webhook.run(), name="stage: webhook"))
                try:
                    yield stage
                finally:
                    hands = loaded.providers
                    await close_all(
                        *(hands.recognizer, hands.synthesizer, hands.model, loaded.guardrail),
                        *hands.specialist_models.values(),
                        *loaded.routers.values(),
                    )
                for task in serving:
                    task.cancel()
    finally:
        loading.opened()
        await loading.encoder.close()


@dataclass(frozen=True, slots=True)
class _Loaded:
    agents: dict[str, Agent]
    providers: Providers
    encoder: MiniLM
    guardrail: Guardrail
    cache: VectorCache
    routers: dict[str, Router]
    rest: Callable[[], Coroutine[None, None, None]]
    "Loads what the agents can begin without."


async def _load(loading: Loading, say: Say, served: Sequence[str]) -> _Loaded:
    """Models, and the tutor if it is to be served, all loaded at once. Raises SetupError."""
    settings, encoder = loading.settings, loading.encoder
    cache = VectorCache(settings.data / "cache")
    guardrail = LocalGuardrail(encoder, cache, examples=settings.data / "moderation.jsonl")
    await guardrail.warm_up(lambda done, total: say("learning what not to say", done, total))
    both = await asyncio.to_thread(guarded, settings, guardrail)
    agents: dict[str, Agent] = {}
    routers: dict[str, Router] = {}
    rest = _nothing
    if "tutor" in served:
        agent, library = await tutor_soon(encoder, both, cache)
        agents[agent.name] = agent = advised(settings, agent)
        if agent.router is not None:
            routers[f"router of {agent.name}"] = agent.router
        rest = partial(library.prepare, encoder, cache, partial(say, "indexing what the tutor knows"))
    model = language_model(settings)
    say("loading models", 0, 1)
    async with bare_errors():
        models = await asyncio.wrap_future(loading.models)
    own = await asyncio.to_thread(specialist_models, settings)
    hands = Providers(
        SileroVad(), models.recognizer, models.turns, models.voice, model, specialist_models=own
    )
    return _Loaded(agents, hands, encoder, both, cache, routers, rest)


async def _nothing() -> None:
    """There is nothing more to load."""


async def _load_rest(
    stage: Stage, loaded: _Loaded, also: Callable[[], object] | None, say: Say, served: Sequence[str]
) -> None:
    """Everything is in memory: a caller's first question is answered like any other."""
    await heard_again(stage)
    if also is not None:
        await asyncio.to_thread(also)
    await asyncio.gather(loaded.rest(), listened(loaded.providers.recognizer))
    made = await keepers(served, stage.records, loaded.encoder, loaded.guardrail, loaded.cache, say)
    loaded.agents.update(made)
    stage.loaded.set()
    await rehearse(stage)


async def rehearse(stage: Stage) -> None:
    """Every line the agents say of themselves is kept in memory, as far as the voice can say it just now."""
    voice = stage.providers.synthesizer
    for agent in stage.agents.values():
        lines = own_lines(agent, Gate(agent.guardrail))
        fillers = (text for level in lines.fillers for text in level)
        own = (lines.greeting, *fillers, *lines.prompts, lines.apology, lines.trouble)
        with billed(lambda: 0, partial(stage.metrics.note, agent.name)):
            for text in filter(None, own):
                try:
                    await stage.providers.phrases.learn(voice, text, agent.voice)
                except ProviderError as error:
                    log.error("a line of the agent's could not be voiced", agent=agent.name, error=str(error))
