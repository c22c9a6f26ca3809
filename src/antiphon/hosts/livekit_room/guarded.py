"""A LiveKit agent of anybody's that says only what a guardrail has allowed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import Agent as LiveKitAgent
from livekit.agents import FlushSentinel, ModelSettings, llm
from livekit.agents.voice import SpeechHandle

from antiphon.agent.guardrail import Guardrail
from antiphon.core.errors import ProviderError
from antiphon.core.sentences import Sentences
from antiphon.hosts.livekit_room.checked import Checked

log = structlog.get_logger(__name__)


class NothingSpoken(ProviderError):
    """There was something to say, and the voice made no sound of it."""


class GuardedAgent(LiveKitAgent):
    """Checks in every node through which words get out: speech, transcript and history hold the same, approved text.

    What the model writes is checked in `llm_node`; what `session.say` is given, in `tts_node` and
    `transcription_node`. A sentence that was checked once is not checked again.
    """

    def __init__(self, *, guardrail: Guardrail, **agent: Any) -> None:
        """`agent`: what an `Agent` of LiveKit takes."""
        super().__init__(**agent)
        self.checked = Checked(guardrail)

    async def say(self, text: str, **options: Any) -> SpeechHandle | None:
        """The sentence is said, as far as the guardrail lets it; None: nothing is. `options`: of `session.say`."""
        self.checked.begin_reply()
        said = [approved.text async for approved in self.checked.sentences(_only(text))]
        return self.session.say(" ".join(said), **options) if said else None

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """What the model writes, sentence by sentence as it is allowed. Calls of tools and usage pass as they are."""
        self.checked.begin_reply()
        splitter = Sentences()
        async for chunk in _pieces(LiveKitAgent.default.llm_node(self, chat_ctx, tools, model_settings)):
            written = chunk if isinstance(chunk, str) else _text_of(chunk)
            if isinstance(chunk, llm.ChatChunk) and _has_more(chunk):
                if chunk.delta is not None:
                    chunk.delta.content = None
                yield chunk
            elif isinstance(chunk, FlushSentinel):
                yield chunk
            for sentence in splitter.push(written):
                if (approved := await self.checked.approve(sentence)) is not None:
                    yield approved.text + " "
        for sentence in splitter.flush():
            if (approved := await self.checked.approve(sentence)) is not None:
                yield approved.text + " "

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of what is allowed of the text. Raises NothingSpoken: the framework would be silent about it."""
        said: list[str] = []

        async def allowed() -> AsyncGenerator[str, None]:
            async for approved in self.checked.sentences(text):
                said.append(approved.text)
                yield approved.text + " "

        frames = 0
        async for frame in _frames(LiveKitAgent.default.tts_node(self, allowed(), model_settings)):
            frames += 1
            yield frame
        if not frames and any(char.isalnum() for sentence in said for char in sentence):
            log.error("nothing was spoken", agent=self.id, sentences=len(said))
            raise NothingSpoken(f"the voice made no sound of {len(said)} sentences")

    async def transcription_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[str, None]:
        """What is allowed of the text, for the transcript and the history."""
        async for approved in self.checked.sentences(text):
            yield approved.text + " "


def _text_of(chunk: llm.ChatChunk | FlushSentinel) -> str:
    if isinstance(chunk, llm.ChatChunk) and chunk.delta is not None:
        return chunk.delta.content or ""
    return ""


def _has_more(chunk: llm.ChatChunk) -> bool:
    """It holds more than text."""
    return bool(chunk.usage or (chunk.delta is not None and chunk.delta.tool_calls))


async def _pieces(node: object) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
    if isinstance(node, AsyncIterable):
        async for piece in node:
            yield piece


async def _frames(node: object) -> AsyncGenerator[rtc.AudioFrame, None]:
    if isinstance(node, AsyncIterable):
        async for frame in node:
            yield frame


async def _only(text: str) -> AsyncGenerator[str, None]:
    yield text
