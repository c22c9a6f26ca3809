"""English lessons by a realtime model, in a session of their own or in the orchestrator's.

The model writes, and our voice speaks what the guardrail lets through: what a model says in its own voice nobody can
check before it is heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from contextlib import suppress

import structlog
from aiohttp import ClientSession
from livekit import rtc
from livekit.agents import (
    AgentSession,
    ConversationItemAddedEvent,
    ModelSettings,
    UserInputTranscribedEvent,
    llm,
)
from livekit.agents.voice.room_io import (
    AudioInputOptions,
    AudioOutputOptions,
    RoomOptions,
    TextInputEvent,
    TextInputOptions,
)

from antiphon.agent.definition import Agent
from antiphon.agent.routing import Router
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.errors import SetupError
from antiphon.core.transcript import Line
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.errands import Errands, errands
from antiphon.hosts.livekit_room.guarded import GuardedAgent
from antiphon.hosts.livekit_room.lessons import TOPIC, Lessons, Told
from antiphon.hosts.livekit_room.plugins import RoomTts
from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys
from antiphon.hosts.stage import Stage

log = structlog.get_logger(__name__)

SUBJECT = "english"
SURE = 0.5
"Confidence of the router in another subject from which the lesson is over."
SILENT_WITHIN = 1.0
"Seconds for the framework to be sure that it is silent."
KEYLESS = "local"
"Sent as the key to a server that wants none."
INSTRUCTIONS = "You give an English lesson by voice. Speak plainly, in short sentences. Correct gently."


def realtime_model(settings: Settings, agent: str, own: str, http: ClientSession) -> llm.RealtimeModel:
    """OpenAI's, or that of a server which speaks its protocol: our own, where there is no key. Raises SetupError.

    Our own is at `own`, http://host:port, where the agent's English specialist answers.
    """
    try:
        from livekit.plugins import openai
    except ImportError as error:
        raise SetupError(f"{error}; install it with: pip install 'antiphon[livekit]'") from None
    base = settings.realtime_api
    return openai.realtime.RealtimeModel(
        model=settings.openai_realtime_model if base else f"{agent}/{SUBJECT}",
        api_key=settings.openai_api_key.get_secret_value() or KEYLESS,
        base_url=base or f"{own}/v1",
        modalities=["text"],
        http_session=http,
    )


class EnglishAgent(GuardedAgent):
    """Gives the lesson, and ends it when the student asks for something else."""

    def __init__(
        self,
        agent: Agent,
        model: llm.RealtimeModel,
        tell: Callable[[Told], None],
        errands: Errands,
        question: str,
        history: tuple[tuple[str, str], ...] = (),
        back: Callable[[], GuardedAgent] | None = None,
    ) -> None:
        """`tell` learns when the lesson is first heard, and every line. `back` makes the agent that goes on in the same
        session, if it is the same."""
        chat = llm.ChatContext.empty()
        for role, text in history:
            chat.add_message(role="assistant" if role == "agent" else "user", content=text)
        specialist = agent.specialist(SUBJECT)
        super().__init__(
            guardrail=agent.guardrail,
            instructions=f"{INSTRUCTIONS} {specialist.instructions}".strip(),
            id=SUBJECT,
            llm=model,
            chat_ctx=chat,
            stt=None,  # the model hears, and says when a turn is over: two pairs of ears would answer twice
            vad=None,
            turn_handling={"turn_detection": "realtime_llm"},
        )
        self.is_over = asyncio.Event()
        self._agent = agent
        self._router: Router | None = agent.router
        self._tell = tell
        self._question = question
        self._lines: list[Line] = []
        self._is_known = False
        "The question is in the history."
        self._back = back
        self._errands = errands
        self._has_sounded = False

    async def on_enter(self) -> None:
        self.session.on("conversation_item_added", self._added)
        self.session.on("user_input_transcribed", self._transcribed)
        if self._question:
            self.session.generate_reply(user_input=self._question)

    async def on_exit(self) -> None:
        self.session.off("conversation_item_added", self._added)
        self.session.off("user_input_transcribed", self._transcribed)

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        async for frame in super().tts_node(text, model_settings):
            if not self._has_sounded:
                self._has_sounded = True
                self._tell(Told(is_heard=True))
            yield frame

    def _added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not (text := (item.text_content or "").strip()):
            return
        if item.role == "assistant":
            self._lines.append(Line(e.Role.AGENT, text, speaker=SUBJECT))
            self._tell(Told("agent", text, item.interrupted))
        elif item.role == "user" and text == self._question and not self._is_known:
            self._is_known = True
            self._lines.append(Line(e.Role.USER, text))
        elif item.role == "user" and not self.is_over.is_set():
            self._lines.append(Line(e.Role.USER, text))
            self._tell(Told("user", text))

    def _transcribed(self, event: UserInputTranscribedEvent) -> None:
        """The router hears the lesson as well."""
        if event.is_final and self._router is not None and event.transcript.strip():
            self._errands.run(self._ends_with(event.transcript.strip()), "lesson: route")

    async def typed(self, event: TextInputEvent) -> None:
        """The student wrote instead of speaking: it is answered, here or by the orchestrator."""
        await self._ends_with(event.text.strip())
        if not self.is_over.is_set():
            await answer_typed(self.session, event)

    async def _ends_with(self, text: str) -> None:
        """The lesson is over if the line is for somebody else, who then answers it."""
        if self._router is None or self.is_over.is_set():
            return
        route = await self._router.route(tuple(self._lines), text)
        if route.specialist != SUBJECT and route.confidence >= SURE and not self.is_over.is_set():
            log.info("the lesson is over", asked_for=route.specialist, confidence=route.confidence)
            is_told = bool(self._lines) and self._lines[-1] == Line(e.Role.USER, text)
            self.is_over.set()
            with suppress(RuntimeError):  # not waited for: the framework may take seconds to be sure of it
                self.session.interrupt(force=True)
            if not is_told:
                self._tell(Told("user", text))
            if self._back is not None:
                self.session.update_agent(self._back())
            self._tell(Told(is_over=True, is_asked=True))


async def answer_typed(session: AgentSession[None], event: TextInputEvent) -> None:
    """As LiveKit does with what is written."""
    answering: Coroutine[None, None, None] | None = TextInputOptions().text_input_cb(session, event)
    if answering is not None:
        await answering


class EnglishRoom:
    """The English agent's stay in one room."""

    def __init__(
        self, stage: Stage, keys: RoomKeys, name: str, identity: str, told: Dispatched, own: str
    ) -> None:
        self._stage = stage
        self._own = own
        self._keys = keys
        self._name = name
        self._identity = identity
        self._told = told
        self._room = rtc.Room()

    async def hold(self) -> None:
        """The lesson is over, and the orchestrator knows what was said. Raises SetupError."""
        stage, told = self._stage, self._told
        await stage.there(told.agent)
        agent = stage.agents[told.agent]
        async with ClientSession() as http:
            model = realtime_model(stage.settings, agent.name, self._own, http)
            async with errands() as beside:
                await self._teach(agent, model, beside)

    async def _teach(self, agent: Agent, model: llm.RealtimeModel, beside: Errands) -> None:
        stage, told, room = self._stage, self._told, self._room
        await room.connect(self._keys.url, tokens.agent(self._keys, self._name, self._identity))
        try:
            hands = stage.providers

            def tell(news: Told) -> None:
                beside.run(self._tell(news), "lesson: tell")

            teacher = EnglishAgent(agent, model, tell, beside, told.question, told.history)

            async def typed(_: object, event: TextInputEvent) -> None:
                await teacher.typed(event)

            session: AgentSession[None] = AgentSession(
                llm=model,
                tts=RoomTts(hands.synthesizer, agent.guardrail, agent.voice),
                aec_warmup_duration=None,
                user_away_timeout=None,
                tts_text_transforms=None,
            )
            room.on("disconnected", lambda _: teacher.is_over.set())
            room.on("participant_disconnected", lambda gone: self._left(gone, teacher))
            room.on("data_received", lambda packet: self._called_off(packet, teacher))
            session.on("close", lambda _: teacher.is_over.set())
            await session.start(
                teacher,
                room=room,
                room_options=RoomOptions(
                    audio_input=AudioInputOptions(
                        sample_rate=24_000, num_channels=1, auto_gain_control=False
                    ),
                    audio_output=AudioOutputOptions(sample_rate=hands.synthesizer.rate, track_name="english"),
                    text_input=TextInputOptions(text_input_cb=typed),
                    participant_identity=told.student,
                    close_on_disconnect=False,
                ),
                session_host=False,
                record=False,
            )
            try:
                await teacher.is_over.wait()
            finally:
                with suppress(
                    RuntimeError, TimeoutError
                ):  # what was heard of the last line is told before all ends
                    async with asyncio.timeout(SILENT_WITHIN):
                        await session.interrupt(force=True)
                await session.aclose()
                await beside.settle()
        finally:
            with suppress(Exception):
                await room.disconnect()

    def _left(self, gone: rtc.RemoteParticipant, teacher: EnglishAgent) -> None:
        if gone.identity in (self._told.student, self._told.back_to):
            teacher.is_over.set()

    def _called_off(self, packet: rtc.DataPacket, teacher: EnglishAgent) -> None:
        """The orchestrator answers by itself after all."""
        who = packet.participant
        if packet.topic == TOPIC and who is not None and who.identity == self._told.back_to:
            teacher.is_over.set()

    async def _tell(self, news: Told) -> None:
        try:
            await self._room.local_participant.publish_data(
                news.encode(),
                destination_identities=[self._told.back_to] if self._told.back_to else [],
                topic=TOPIC,
            )
        except Exception as error:  # noqa: BLE001 - an orchestrator who is gone knows from its journal
            log.warning("the orchestrator could not be told of a line", error=str(error))


def in_same_session(
    agent: Agent,
    settings: Settings,
    own: str,
    http: ClientSession,
    beside: Errands,
    back: Callable[[], GuardedAgent],
) -> Callable[[Lessons, str], EnglishAgent]:
    """What makes the agent of a lesson in the orchestrator's own session."""

    def make(lessons: Lessons, question: str) -> EnglishAgent:
        return EnglishAgent(
            agent,
            realtime_model(settings, agent.name, own, http),
            lessons.note,
            beside,
            question,
            back=back,
        )

    return make
