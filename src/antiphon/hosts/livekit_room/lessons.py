"""Lessons that a realtime model gives: how the orchestrator hands a student to them, and gets them back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from livekit.agents import Agent as LiveKitAgent
from livekit.agents import AgentSession, StopResponse

from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.errors import CallerError
from antiphon.core.notes import Note
from antiphon.hosts.livekit_room.line import RoomLine, turn_taking
from antiphon.hosts.livekit_room.speech import Speech
from antiphon.hosts.livekit_room.tokens import Dispatched

log = structlog.get_logger(__name__)

TOPIC = "antiphon.lesson"
"Of the data by which one agent of a room tells another what was said."
COME_WITHIN = 8.0
"Seconds until the other agent has come, and as many until it is heard; then the orchestrator answers by itself."
LINES_TOLD = 12
"Lines of the conversation that the other agent is told."
LONGEST_LINE = 4000


class Place(StrEnum):
    """Where a lesson is given."""

    OWN = "own"
    "In a session of its own, by another worker."
    SAME = "same"
    "In the orchestrator's session."
    OFF = "off"
    "Nowhere: the specialist answers like any other."


def place_of(settings: Settings) -> Place:
    """Where English is taught: as the settings say, or in a session of its own if there is a model for it."""
    if settings.livekit_english:
        return Place(settings.livekit_english)
    return Place.OWN if settings.realtime_api else Place.OFF


@dataclass(frozen=True, slots=True)
class Told:
    """What the agent of a lesson tells: a line that was said, or that it is over."""

    role: str = ""
    text: str = ""
    is_cut: bool = False
    is_over: bool = False
    is_asked: bool = False
    "The student's last line waits for an answer."
    is_heard: bool = False
    "The lesson is heard for the first time."

    def encode(self) -> str:
        return json.dumps(
            {
                "role": self.role,
                "text": self.text,
                "is_cut": self.is_cut,
                "is_over": self.is_over,
                "is_asked": self.is_asked,
                "is_heard": self.is_heard,
            }
        )


def told(data: bytes) -> Told:
    """Raises CallerError for what is none of these."""
    try:
        found = json.loads(data)
        role, text = str(found["role"]), str(found["text"])[:LONGEST_LINE]
        flags = [bool(found[name]) for name in ("is_cut", "is_over", "is_asked", "is_heard")]
    except (ValueError, KeyError, TypeError) as error:
        raise CallerError(f"this tells nothing of a lesson: {error!r}") from None
    if role not in ("", "user", "agent"):
        raise CallerError(f"nobody in a lesson is called {role!r}")
    return Told(role, text, *flags)


class Lessons:
    """One subject's, of one conversation."""

    def __init__(
        self,
        subject: str,
        place: Place,
        line: RoomLine,
        *,
        dispatch: Callable[[Dispatched], Awaitable[None]] | None = None,
        teacher: Callable[[Lessons, str], LiveKitAgent] | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        """`dispatch` brings the other worker's agent; `teacher` makes the agent for a lesson in the same session."""
        self.subject = subject
        self.place = place
        self.began_at = 0.0
        "When the last one was decided on, seconds of the loop."
        self.called_off: Callable[[str], None] = lambda identity: None
        "Called when the other agent is to go again, or should not come any more; with its identity if it is there."
        self.begun_after: list[float] = []
        "Seconds from the decision until each lesson was heard."
        self.is_under_way = False
        self._line = line
        self._dispatch = dispatch
        self._teacher = teacher
        self._session: AgentSession[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._clock = now or asyncio.get_running_loop().time
        self._has_failed = False
        self._by = ""
        "The identity of the agent who gives the lesson, or gave it last."
        self._called_off: set[str] = set()
        "Those who were sent away, and may have said something before they knew."
        line.shown.append(self._shown)

    def wants(self, specialist: str) -> bool:
        """Questions for that specialist begin a lesson."""
        return specialist == self.subject and self.place is not Place.OFF and not self._has_failed

    async def begin(self, session: AgentSession[None], speech: Speech | None) -> LiveKitAgent:
        """The lesson begins with the question of that speech, which is not said.

        Gives the agent that takes over in this session. Raises StopResponse when it comes into a session of its own.
        """
        line, self._session = self._line, session
        conversation = line.conversation
        assert conversation is not None
        question = conversation.last_question
        history = self._history()
        self.began_at, self.is_under_way, self._by = self._clock(), True, ""
        if speech is not None:
            line.over(speech, is_cut=True)
        line.tell(turn_taking(None))
        if self.place is Place.SAME and self._teacher is not None:
            return self._teacher(self, question)
        session.input.set_audio_enabled(False)
        self._wait("it did not come")
        try:
            if self._dispatch is None:
                raise CallerError("no worker gives lessons here")
            await self._dispatch(Dispatched(question=question, history=history))
        except Exception as error:  # noqa: BLE001 - without the other agent we answer ourselves
            self._fail(str(error))
        raise StopResponse

    def take(self, data: bytes, identity: str) -> None:
        """The other agent, of that identity, told something. Raises CallerError."""
        news = told(data)
        if self.is_under_way and identity == self._by:
            self.note(news)
        elif identity in self._called_off:
            self._write(news)  # heard before it was silent, and nothing else of it counts

    def note(self, news: Told) -> None:
        """A line was said in the lesson, or it is over."""
        if not self.is_under_way:
            return
        self._wait("")
        if news.is_heard:
            self.begun_after.append(self._clock() - self.began_at)
        self._write(news)
        if news.is_over:
            self._end(news.is_asked)

    def _write(self, news: Told) -> None:
        if news.text:
            is_agent = news.role == "agent"
            role = e.Role.AGENT if is_agent else e.Role.USER
            self._line.tell(e.LineWritten(role, news.text, news.is_cut, by=self.subject if is_agent else ""))

    def teacher_came(self, identity: str) -> None:
        """Another agent is in the room. One that comes when nobody waits for it any more is told so."""
        if self.is_under_way and self._timer is not None and not self._by:
            self._by = identity
            self._wait("it says nothing")
        elif not self.is_under_way:
            self.called_off(identity)

    def teacher_left(self, identity: str) -> None:
        """The other agent is gone, whether it said so or not."""
        self._called_off.discard(identity)
        if self.is_under_way and identity == self._by:
            self._end(is_asked=False)

    def _call_off(self) -> None:
        if self._by:
            self._called_off.add(self._by)
        self.called_off(self._by)

    def _shown(self, news: e.Event | e.Command | Note) -> None:
        """Who takes over from the agent takes over from its lessons."""
        if isinstance(news, e.TakenOver) and self.is_under_way:
            self._call_off()
            self._end(is_asked=False)

    def _wait(self, fails: str) -> None:
        """The lesson fails in a while for this reason; empty: it is on its way."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(COME_WITHIN, self._fail, fails) if fails else None

    def _fail(self, why: str) -> None:
        if self.is_under_way:
            log.warning("no lesson: the orchestrator answers", why=why)
            self._has_failed = True
            self._call_off()
            self._end(is_asked=True)

    def _end(self, is_asked: bool) -> None:
        """The orchestrator hears again, and answers if the student waits for it."""
        self.is_under_way = False
        self._wait("")
        self._line.tell(turn_taking(self._line.prompts_after))
        if self._session is None:
            return
        if self.place is Place.OWN:
            self._session.input.set_audio_enabled(True)
        if is_asked:
            self._line.is_written = True
            if self.place is Place.OWN:
                self._session.generate_reply()  # in the same session the orchestrator does so when it is back

    def _history(self) -> tuple[tuple[str, str], ...]:
        """What was said before the question."""
        lines = list(self._line.transcript())
        while lines and lines[-1].role is e.Role.USER:
            lines.pop()
        return tuple(
            ("agent" if one.role is not e.Role.USER else "user", one.text) for one in lines[-LINES_TOLD:]
        )
