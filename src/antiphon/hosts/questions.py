"""`GET /api/agents/{agent}/questions/{number}.wav`: a question that an agent suggests, spoken, for those who have no
microphone at hand. What is spoken was written by the agent's author; nothing of the caller's is."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from antiphon.agent.guardrail import Gate as Guard
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.stage import Stage
from antiphon.store.duels import wav_of

MOST_KEPT = 64
"Questions whose sound is kept in memory, some 100 KB each."


def create_questions(stage: Stage, gate: Gate) -> APIRouter:
    """The route. What is refused is raised as CallerError, for `security.answers` to tell."""
    router = APIRouter(prefix="/api", tags=["duels"])
    spoken: dict[str, bytes] = {}
    speaking = asyncio.Lock()

    @router.get("/agents/{agent}/questions/{number}.wav")
    async def question(agent: str, number: int, request: Request) -> Response:
        """The agent's suggestion of that number, from 0 on as `/api/agents` lists them, spoken."""
        await gate.person(request)
        found = stage.agents.get(agent)
        if found is None or not 0 <= number < len(found.suggestions):
            raise CallerError("there is no such question", field="number", code="unknown_agent")
        text = found.suggestions[number]
        async with speaking:
            if text not in spoken:
                sound = await _spoken(stage, text)
                if len(spoken) < MOST_KEPT:
                    spoken[text] = sound
            else:
                sound = spoken[text]
        return Response(sound, media_type="audio/wav")

    return router


async def _spoken(stage: Stage, text: str) -> bytes:
    """The text as a WAV file. Raises ProviderError."""
    synthesizer = stage.providers.synthesizer
    data = b"".join([piece.pcm.data async for piece in synthesizer.speak(Guard.vouch(text))])
    return wav_of(Pcm(data, synthesizer.rate))
