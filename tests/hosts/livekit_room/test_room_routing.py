"""The whole routing set, question by question, through LiveKit's AgentSession."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from room_scene import stage

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.agents.tutor.tutor import tutor
from antiphon.bench.trials.labelled import encoding
from antiphon.bench.trials.routing import talks
from antiphon.core.notes import RouteDecided
from antiphon.hosts.livekit_room.agents import SpecialistAgent
from antiphon.hosts.livekit_room.conversing import conversing
from antiphon.providers.local_moderation import LocalGuardrail

LEAST = 63
"Questions."


async def briefly(question: Question) -> Grounding:
    return Grounding(("Yes.",), is_certain=True)


@pytest.mark.models
def test_every_single_question_goes_where_the_router_sends_it(tmp_path: Path) -> None:
    async def story() -> None:
        asked = [talk.lines[0] for talk in talks() if talk.kind == "single"]
        assert len(asked) >= LEAST
        async with encoding() as (encoder, cache):
            guardrail = LocalGuardrail(encoder, cache)
            await guardrail.warm_up()
            made = await tutor(encoder, guardrail, cache)
            brief = tuple(Specialist(one.name, one.instructions, briefly) for one in made.specialists)
            at = stage(
                tmp_path,
                replace(made, specialists=brief, greeting="", greet=None, remember=None, fillers=()),
                journals=False,
            )
            assert made.router is not None
            right = 0
            for question, specialist in asked:
                route = await made.router.route((), question)
                async with conversing(at, made.name, greets=False) as room:
                    decided: list[RouteDecided] = []
                    room.call.session.watchers.append(
                        lambda _, item, to=decided: (
                            to.append(item) if isinstance(item, RouteDecided) else None
                        )
                    )
                    result = await room.livekit.run(user_input=question)
                    result.expect.contains_function_call(name=f"hand_to_{route.specialist}")
                    result.expect.contains_agent_handoff(new_agent_type=SpecialistAgent)
                    agent = room.livekit.current_agent
                    assert agent.id == route.specialist, question
                    assert [one.specialist for one in decided] == [route.specialist]
                    right += route.specialist == specialist
            assert right / len(asked) >= 0.95, f"{right} of {len(asked)}"

    asyncio.run(story())
