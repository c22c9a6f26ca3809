"""Getting everything ready before the first caller: models loaded, agents taught, voices warm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from antiphon.agent.guardrail import Gate
from antiphon.agents.tutor.tutor import tutor
from antiphon.config import Settings
from antiphon.core.audio import silence
from antiphon.hosts.stage import Stage
from antiphon.hosts.webhook import open_webhook
from antiphon.ports import Records
from antiphon.providers import registry
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.local_silero import SileroVad
from antiphon.providers.local_smart_turn import SmartTurn
from antiphon.providers.vectors import VectorCache
from antiphon.session.session import Providers, own_lines
from antiphon.store.opening import open_records

Say = Callable[[str, int, int], None]
"Called as (what is being done, how much of it is done, how much there is)."


@asynccontextmanager
async def open_stage(settings: Settings, say: Say = lambda what, done, total: None) -> AsyncIterator[Stage]:
    """A stage whose agents answer at once. Raises SetupError when something it needs is missing."""
    say("loading models", 0, 4)
    encoder = MiniLM()
    await encoder.warm_up()
    say("loading models", 1, 4)
    recognizer = registry.recognizer(settings.stt)
    vad, turns = SileroVad(), SmartTurn()
    say("loading models", 2, 4)
    voice = registry.synthesizer(settings.tts)
    sound = silence(1.0, recognizer.rate)
    recognition = recognizer.open()
    recognition.push(sound)
    await recognition.settle()
    await recognition.close()
    await turns.completeness(sound)
    say("loading models", 3, 4)
    cache = VectorCache(settings.data / "cache")
    guardrail = LocalGuardrail(encoder, cache, examples=settings.data / "moderation.jsonl")
    await guardrail.warm_up(lambda done, total: say("learning what not to say", done, total))
    agent = await tutor(
        encoder, guardrail, cache, lambda done, total: say("indexing what the tutor knows", done, total)
    )
    model = registry.language_model(settings.language_models, _access(settings))
    async with _kept(settings, say) as records:
        stage = Stage(settings, {agent.name: agent}, Providers(vad, recognizer, turns, voice, model), records)
        webhook = open_webhook(settings, records, stage.metrics.told)
        await rehearse(stage, say)
        say("ready", 1, 1)
        try:
            async with asyncio.TaskGroup() as tasks:
                keeping = [tasks.create_task(stage.keep(), name="stage: keep")]
                if webhook is not None:
                    keeping.append(tasks.create_task(webhook.run(), name="webhook"))
                yield stage
                for task in keeping:
                    task.cancel()
        finally:
            await encoder.close()


@asynccontextmanager
async def _kept(settings: Settings, say: Say) -> AsyncIterator[Records | None]:
    """Where sessions are kept, running; None when they are not to be."""
    if settings.store == "off":
        yield None
        return
    say("opening the store", 0, 1)
    opening = open_records(
        settings.data / "postgres",
        settings.database_url.get_secret_value(),
        settings.database_direct_url.get_secret_value(),
        node=settings.node,
        say=lambda text: say(text, 0, 1),
    )
    async with opening as records, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(records.run(), name="store: run")
        try:
            yield records
        finally:
            await records.flush()
            running.cancel()


def _access(settings: Settings) -> registry.Access:
    return registry.Access(
        openai_key=settings.openai_api_key.get_secret_value(),
        openai_url=settings.llm_base_url,
        anthropic_key=settings.anthropic_api_key.get_secret_value(),
        gguf=settings.llm_gguf,
        home=settings.data,
    )


async def rehearse(stage: Stage, say: Say) -> None:
    """Every line the agents say of themselves has been voiced once, and so is in the voice's cache."""
    voice = stage.providers.synthesizer
    for agent in stage.agents.values():
        lines = own_lines(agent, Gate(agent.guardrail))
        texts = [
            lines.greeting,
            lines.apology,
            *lines.prompts,
            *(f for level in lines.fillers for f in level),
        ]
        spoken = [text for text in texts if text is not None]
        for done, text in enumerate(spoken):
            say(f"rehearsing the {agent.name}", done, len(spoken))
            async for _ in voice.speak(text, agent.voice):
                pass
