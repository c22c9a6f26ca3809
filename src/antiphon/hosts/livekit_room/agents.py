"""Agents of ours as agents of LiveKit: an orchestrator and one for each specialist, with the guardrail in each node."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from typing import Protocol
from uuid import uuid4

from livekit import rtc
from livekit.agents import Agent as LiveKitAgent
from livekit.agents import FlushSentinel, ModelSettings, RunContext, StopResponse, function_tool, llm, stt

from antiphon.agent.definition import Agent, Specialist
from antiphon.core import events as e
from antiphon.hosts.livekit_room.guarded import GuardedAgent
from antiphon.hosts.livekit_room.lessons import Lessons
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.hosts.livekit_room.playing import frame_of
from antiphon.hosts.livekit_room.speech import Speech

MOST_HANDOVERS = 3
"In one turn. Back to the orchestrator and on to a specialist are two; who wants more has lost its way."
ORCHESTRATOR = ""
"In counts, its name."


class Listener(Protocol):
    """What turns a room's sound into LiveKit's speech events."""

    def listen(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncGenerator[stt.SpeechEvent, None]: ...


class Troupe:
    """The agents of one room, and how often one handed to another. Only the orchestrator hands to specialists."""

    def __init__(
        self, agent: Agent, line: RoomLine, listener: Listener | None = None, lessons: Lessons | None = None
    ) -> None:
        self.agent = agent
        self.lessons = lessons
        "Given by a realtime model, in a specialist's place."
        self.line = line
        self.listener = listener
        self.handed: Counter[tuple[str, str]] = Counter()
        "By who handed and to whom."
        self._specialists: dict[str, SpecialistAgent] = {}
        self.orchestrator = OrchestratorAgent(self)

    def specialist(self, name: str, chat: llm.ChatContext) -> SpecialistAgent:
        """The specialist of that name, who knows what was said so far."""
        self._specialists[name] = found = SpecialistAgent(self, self.agent.specialist(name), chat)
        return found

    def back(self, chat: llm.ChatContext) -> OrchestratorAgent:
        """The orchestrator, who knows what was said so far."""
        self.orchestrator = OrchestratorAgent(self, chat)
        return self.orchestrator


class RoomAgent(GuardedAgent):
    """One of a troupe. What it says is made by a session of ours, at the other end of the line."""

    def __init__(
        self,
        troupe: Troupe,
        name: str,
        instructions: str,
        tools: list[llm.Tool],
        chat: llm.ChatContext | None,
    ) -> None:
        super().__init__(
            guardrail=troupe.agent.guardrail,
            instructions=instructions or troupe.agent.name,
            id=name or None,
            tools=tools,
            chat_ctx=chat.copy(exclude_instructions=True) if chat is not None else None,
        )
        self._troupe = troupe
        self._line = troupe.line
        self._name = name

    def next_tool(self, speech: Speech) -> str:
        """The tool that hands the speech to whom the router chose; empty: it is this agent's."""
        raise TypeError("an orchestrator or a specialist is asked")

    # ---- what LiveKit calls ------------------------------------------------------------------------------
    async def on_enter(self) -> None:
        if self._line.handed is not None or self._line.is_written:
            self.session.generate_reply()

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """The message holds the words as the session made them out."""
        line = self._line
        line.take_handed()  # whoever speaks again wants no more of what was on its way
        line.close_open()
        if (conversation := line.conversation) is None:
            return
        if conversation.words.text:
            new_message.content = [conversation.words.text]
        if conversation.is_taken_over:
            line.tell(e.TurnCommitted())
            raise StopResponse

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent | str, None]:
        if (listener := self._troupe.listener) is not None:
            async for event in listener.listen(audio):
                yield event

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """What our session says to the user's last message, checked; or the call that hands it over."""
        speech = self._line.take_handed() or await self._line.ask(_last_words(chat_ctx))
        if speech is None:
            return
        while not speech.is_stopped:
            if tool := self.next_tool(speech):
                self._line.handed = speech
                yield _call(tool, speech)
                return
            if speech.said < len(speech.sentences):
                speech.said += 1
                yield speech.sentences[speech.said - 1].text + " "
            elif speech.is_complete:
                return
            else:
                await speech.changed()

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound that the session's mouth made of its sentences; any other text passes the guardrail first."""
        async for piece in text:
            if (found := self._line.sentence(piece)) is not None:
                speech, sentence = found
                async for pcm in speech.sound(sentence):
                    yield frame_of(pcm, speech, sentence)
            elif piece.strip():
                async for frame in super().tts_node(_only(piece), model_settings):
                    yield frame

    async def transcription_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[str, None]:
        async for piece in text:
            if self._line.is_approved(piece):
                yield piece
            elif piece.strip():
                async for approved in super().transcription_node(_only(piece), model_settings):
                    yield approved


class OrchestratorAgent(RoomAgent):
    """Hears every question first, and hands it to the specialist whom the router chose."""

    def __init__(self, troupe: Troupe, chat: llm.ChatContext | None = None) -> None:
        specialists = troupe.agent.specialists
        tools: list[llm.Tool] = (
            [self._tool(specialist) for specialist in specialists] if len(specialists) > 1 else []
        )
        super().__init__(troupe, "", troupe.agent.instructions, tools, chat)

    def next_tool(self, speech: Speech) -> str:
        route = speech.route
        if route is None or len(self._troupe.agent.specialists) < 2 or speech.handovers >= MOST_HANDOVERS:
            return ""
        return _tool_name(self._troupe.agent.specialist(route.specialist).name)

    def _tool(self, specialist: Specialist) -> llm.Tool:
        async def hand_over(raw_arguments: Mapping[str, object], context: RunContext[None]) -> LiveKitAgent:
            self._troupe.handed[ORCHESTRATOR, specialist.name] += 1
            if (lessons := self._troupe.lessons) is not None and lessons.wants(specialist.name):
                return await lessons.begin(self.session, self._line.take_handed())
            return self._troupe.specialist(specialist.name, self.chat_ctx)

        schema = {
            "name": _tool_name(specialist.name),
            "description": f"Hands the question to {specialist.name}.",
            "parameters": {
                "type": "object",
                "properties": {
                    "confidence": {"type": "number", "description": "Of the router, 0 to 1."},
                    "reason": {"type": "string"},
                },
                "required": ["confidence"],
            },
        }
        return function_tool(hand_over, raw_schema=schema)


class SpecialistAgent(RoomAgent):
    """Answers as long as the router chooses it, and hands everything else back."""

    def __init__(self, troupe: Troupe, specialist: Specialist, chat: llm.ChatContext) -> None:
        super().__init__(
            troupe,
            specialist.name,
            specialist.instructions,
            [function_tool(self._hand_back, raw_schema=_BACK)],
            chat,
        )

    def next_tool(self, speech: Speech) -> str:
        route = speech.route
        if route is None or speech.handovers >= MOST_HANDOVERS:
            return ""
        is_own = self._troupe.agent.specialist(route.specialist).name == self._name
        if is_own and (lessons := self._troupe.lessons) is not None and lessons.wants(self._name):
            return HAND_BACK
        return "" if is_own else HAND_BACK

    async def _hand_back(
        self, raw_arguments: Mapping[str, object], context: RunContext[None]
    ) -> LiveKitAgent:
        self._troupe.handed[self._name, ORCHESTRATOR] += 1
        return self._troupe.back(self.chat_ctx)


HAND_BACK = "hand_back"
_BACK = {
    "name": HAND_BACK,
    "description": "Hands the question back to the orchestrator.",
    "parameters": {
        "type": "object",
        "properties": {"confidence": {"type": "number"}, "reason": {"type": "string"}},
    },
}


def _tool_name(specialist: str) -> str:
    return "hand_to_" + "".join(char if char.isalnum() else "_" for char in specialist.lower())


def _call(tool: str, speech: Speech) -> llm.ChatChunk:
    """The model's call of that tool, as LiveKit wants it."""
    speech.handovers += 1
    route = speech.route
    told = {"confidence": round(route.confidence, 4), "reason": route.reason} if route is not None else {}
    call = llm.FunctionToolCall(name=tool, arguments=json.dumps(told), call_id=f"call_{uuid4().hex[:12]}")
    return llm.ChatChunk(id=call.call_id, delta=llm.ChoiceDelta(role="assistant", tool_calls=[call]))


def _last_words(chat: llm.ChatContext) -> str:
    """What the user said since the agent spoke last."""
    said: list[str] = []
    for item in reversed(chat.items):
        if not isinstance(item, llm.ChatMessage):
            continue
        if item.role == "assistant" or (said and item.role == "user"):
            break
        if item.role == "user":
            said.append(item.text_content or "")
    return " ".join(reversed(said)).strip()


async def _only(piece: str) -> AsyncGenerator[str, None]:
    yield piece
