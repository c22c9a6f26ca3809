"""One conversation in a room: LiveKit's `AgentSession` and a session of ours, joined by a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from livekit import rtc
from livekit.agents import AgentFalseInterruptionEvent, AgentSession, ConversationItemAddedEvent, llm
from livekit.agents.types import NOT_GIVEN
from livekit.agents.voice import SpeechHandle, io
from livekit.agents.voice.room_io import RoomOptions

from antiphon.core import events as e
from antiphon.core.notes import ConnectionLost, Note
from antiphon.core.records import Fenced
from antiphon.core.turns import TurnPolicy
from antiphon.hosts.livekit_room.agents import Troupe
from antiphon.hosts.livekit_room.finding import HOST
from antiphon.hosts.livekit_room.hearing import RoomHearing
from antiphon.hosts.livekit_room.lessons import Lessons
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.hosts.livekit_room.playing import CountingOutput
from antiphon.hosts.livekit_room.plugins import GradedTurns, Mind, RoomStt, RoomTts, RoomVad
from antiphon.hosts.livekit_room.speech import Speech
from antiphon.hosts.livekit_room.waits import OUTAGE, SPEAK_UP_AFTER
from antiphon.hosts.stage import Call, Caller, Stage
from antiphon.session.session import Ending

log = structlog.get_logger(__name__)

STOP_AFTER = 0.15
"Seconds of voice that pause the agent. With 0, LiveKit takes silence for an interruption."
GO_ON_AFTER = 0.6
"Seconds of silence after voice that held no words, until the agent goes on: words come within half a second."
KEPT = 4
"Lines that were cut and are not told apart yet."


@dataclass(frozen=True, slots=True)
class Ends:
    """Where sound comes from and goes to, when there is no room."""

    microphone: io.AudioInput
    speaker: io.AudioOutput


class RoomSession:
    """LiveKit's side and ours of one conversation."""

    def __init__(
        self, stage: Stage, call: Call, line: RoomLine, *, has_sound: bool, lessons: Lessons | None = None
    ) -> None:
        self.stage = stage
        self.call = call
        self.line = line
        self.ending: Ending | None = None
        "Why it is over."
        self.ended = asyncio.Event()
        "The session runs no longer."
        self.leave_reason = "the room was left"
        "Why it is brought to its end, if it has not come to one."
        session, hands = call.session, stage.providers
        line.conversation = session.conversation
        line.transcript = lambda: session.transcript.lines
        session.watchers.append(line.clock)
        self._cut: list[llm.ChatMessage] = []
        self._heard: list[str] = []
        "Lines that were cut, as LiveKit has them and as the session has; the latest last."
        policy = TurnPolicy()
        self.troupe = Troupe(session.agent, line, RoomHearing(line, policy) if has_sound else None, lessons)
        self.livekit: AgentSession[None] = AgentSession(
            stt=RoomStt(hands.recognizer) if has_sound else NOT_GIVEN,
            vad=RoomVad(hands.vad) if has_sound else None,
            tts=RoomTts(hands.synthesizer, session.agent.guardrail, session.agent.voice)
            if has_sound
            else NOT_GIVEN,
            llm=Mind(),
            turn_handling={
                "turn_detection": GradedTurns(line, policy) if has_sound else "manual",
                "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
                "interruption": {
                    "enabled": True,
                    "mode": "vad",
                    "min_duration": STOP_AFTER,
                    "resume_false_interruption": True,
                    "false_interruption_timeout": GO_ON_AFTER,
                },
                "preemptive_generation": {"enabled": False},  # the session begins ahead by itself
            },
            aec_warmup_duration=None,
            user_away_timeout=None,
            tts_text_transforms=None,
        )
        self.livekit.on("conversation_item_added", self._item_added)
        self.livekit.on("agent_false_interruption", self._interrupted_falsely)
        line.shown.append(self._note)
        line.say = self._say
        line.stop = self._stop

    async def start(
        self, room: rtc.Room | None = None, options: RoomOptions | None = None, ends: Ends | None = None
    ) -> None:
        """LiveKit's side is ready: in the room, or between the two ends, or, without either, in text."""
        if ends is not None:
            self.livekit.input.audio = ends.microphone
            self._count(ends.speaker)
        if room is not None:
            await self.livekit.start(
                self.troupe.orchestrator,
                room=room,
                room_options=options or RoomOptions(),
                session_host=False,  # nobody but us steers the session
                record=False,
            )
            if self.line.has_sound and self.livekit.output.audio is not None:
                self._count(self.livekit.output.audio)
        else:
            await self.livekit.start(self.troupe.orchestrator, record=False)

    async def perform(self) -> Ending:
        """The conversation has been held. Raises Fenced when another node has it."""
        try:
            self.ending = await self.stage.perform(self.call)
        except Fenced:
            log.info("a conversation went on elsewhere", session=self.call.session.id)
            raise
        finally:
            self.ended.set()
        if self.ending is Ending.LOST:
            self.call.gone_until = asyncio.get_running_loop().time() + OUTAGE
        return self.ending

    def hang_up(self, reason: str) -> None:
        """The student has left for good."""
        self.line.tell(e.HungUp(reason))

    def lose(self, reason: str) -> None:
        """The room is gone, though nobody left it: the conversation waits for somebody to go on with it."""
        self.line.tell(ConnectionLost(reason))

    def hush(self, is_hushed: bool) -> None:
        """While it is, nothing is said, and nothing counts as heard: the room does not reach anybody."""
        voice = self.livekit.output.audio
        if voice is not None and voice.can_pause:
            (voice.pause if is_hushed else voice.resume)()

    # ---- between the two ---------------------------------------------------------------------------------
    def _count(self, output: io.AudioOutput) -> None:
        self.livekit.output.audio = CountingOutput(self.line, output, self.stage.providers.synthesizer.rate)

    def _say(self, speech: Speech) -> None:
        """What nobody asked for is said as well."""
        handle = self.livekit.say(speech.texts(), add_to_chat_ctx=True)
        handle.add_done_callback(lambda done: self._said(speech, done))

    def _said(self, speech: Speech, handle: SpeechHandle) -> None:
        self.line.over(speech, is_cut=handle.interrupted)

    def _stop(self, speech: Speech) -> None:
        """The output says how far it was heard."""
        stopping = self.livekit.interrupt(force=True)
        stopping.add_done_callback(lambda _: self.line.over(speech, is_cut=True))

    def _interrupted_falsely(self, _: AgentFalseInterruptionEvent) -> None:
        """The agent goes on: what was heard over its voice was nothing, and is no beginning of what is said next."""
        self.line.tell(e.TurnDropped())

    # ---- history as it was heard -------------------------------------------------------------------------
    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if isinstance(item, llm.ChatMessage) and item.role == "assistant" and item.interrupted:
            self._cut = [*self._cut, item][-KEPT:]
            self._correct()

    def _note(self, item: e.Event | e.Command | Note) -> None:
        if isinstance(item, e.Remember) and item.role is not e.Role.USER and item.is_cut:
            self._heard = [*self._heard, item.text][-KEPT:]
            self._correct()

    def _correct(self) -> None:
        """LiveKit's history has of a line that was cut what the session has: what was heard."""
        for heard in list(self._heard):
            found = next((one for one in self._cut if _is_same(one.text_content or "", heard)), None)
            if found is not None:
                found.content = [heard]
                self._cut.remove(found)
                self._heard.remove(heard)


def _is_same(said: str, heard: str) -> bool:
    """One of the two is the beginning of the other."""
    ours, theirs = heard.split(), said.split()
    few = min(len(ours), len(theirs))
    return few > 0 and ours[: few - 1] == theirs[: few - 1]


@asynccontextmanager
async def conversing(
    stage: Stage,
    agent: str,
    *,
    room: rtc.Room | None = None,
    options: RoomOptions | None = None,
    ends: Ends | None = None,
    greets: bool = True,
    caller: Caller | None = None,
    id: str = "",
) -> AsyncIterator[RoomSession]:
    """A conversation with that agent, under way; it is over, and recorded, when this returns. Raises CallerError."""
    caller = caller or Caller()
    line = RoomLine(has_sound=room is not None or ends is not None, prompts_after=SPEAK_UP_AFTER)
    greeting = await stage.welcome(agent, caller) if greets else None
    call = stage.open(agent, line, greets=greets, caller=caller, host=HOST, id=id, greeting=greeting)
    async with held(stage, call, line, room, options, ends) as found:
        yield found


@asynccontextmanager
async def held(
    stage: Stage,
    call: Call,
    line: RoomLine,
    room: rtc.Room | None = None,
    options: RoomOptions | None = None,
    ends: Ends | None = None,
    lessons: Lessons | None = None,
) -> AsyncIterator[RoomSession]:
    """The call, new or gone on with, under way in LiveKit; it is over when this returns."""
    found = RoomSession(stage, call, line, has_sound=line.has_sound, lessons=lessons)
    async with asyncio.TaskGroup() as tasks:
        try:
            await found.start(room, options, ends)
            performing = tasks.create_task(found.perform(), name=f"room: {call.session.id}")
            try:
                yield found
            finally:
                if not performing.done():
                    found.hang_up(found.leave_reason)
                    await asyncio.wait([performing], timeout=5.0)
                    performing.cancel()
        finally:
            await found.livekit.aclose()
