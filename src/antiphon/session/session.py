"""One connected conversation: the only place where the pure core meets the world.

Everything that happens comes into one inbox, goes through `Conversation.handle`, and leaves as commands that
are carried out here. One timer; every task lives in one TaskGroup and has ended when `run` returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from antiphon.agent.definition import Agent, Brief
from antiphon.agent.guardrail import Gate
from antiphon.agent.tools import ANYBODY, Person
from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.notes import (
    ConnectionLost,
    Learnt,
    ModelUsed,
    Note,
    PageReported,
    PersonNeeded,
    RouteDecided,
    ServiceUsed,
    StillHere,
    Suspended,
)
from antiphon.core.phases import Phase
from antiphon.core.records import Fenced
from antiphon.core.speech import Approved
from antiphon.core.state import is_due
from antiphon.core.turns import TurnPolicy
from antiphon.ports import (
    Transport,
)
from antiphon.session.alarm import Alarm
from antiphon.session.audience import Audience
from antiphon.session.bills import billed
from antiphon.session.ears import Ears, EarsPolicy
from antiphon.session.hands import Providers as Providers
from antiphon.session.help import Help
from antiphon.session.journal import Header, Journal, Tick
from antiphon.session.lines import own_lines
from antiphon.session.mouth import Mouth
from antiphon.session.outlet import Outlet
from antiphon.session.past import Past
from antiphon.session.patience import Patience, patience_with
from antiphon.session.pledges import Pledges
from antiphon.session.reply import Reply, Unfinished, left_behind
from antiphon.session.supervision import Supervision
from antiphon.session.telemetry import Stopwatch

Watcher = Callable[[float, e.Event | e.Command | Note], None]


class Ending(StrEnum):
    """Why a session no longer runs here."""

    HUNG_UP = "hung up"
    ENDED = "it was ended here"
    LOST = "the connection was lost"
    SUSPENDED = "it will be gone on with elsewhere"


class Session:
    """One conversation between `agent` and whoever is at the other end of `transport`."""

    def __init__(
        self,
        id: str,
        agent: Agent,
        providers: Providers,
        transport: Transport,
        *,
        policy: TurnPolicy | None = None,
        ears_policy: EarsPolicy | None = None,
        greets: bool = True,
        journal: Callable[[Header], Journal] = Journal,
        started_at: str = "",
        past: Past | None = None,
        returned: e.CallerReturned | None = None,
        caller: Person = ANYBODY,
        greeting: Approved | None = None,
        brief: Callable[[], Brief] = Brief,
        opens_with: e.UserEvent | e.ProgramEvent = e.Joined(),  # noqa: B008  frozen
    ) -> None:
        """With a `past` it goes on from there; `returned` says what was heard of it. `greeting`: to this caller.
        `brief` is asked for at the beginning of each reply."""
        self.id = id
        self.agent = agent
        self.transport = Audience(transport)
        self.gate = Gate(agent.guardrail)
        if past is None:
            lines = own_lines(agent, self.gate, greets, greeting)
            header = Header(id, agent.name, policy or TurnPolicy(), lines, started_at)
            past = Past(header, Conversation(header.policy, header.lines), help=Help(agent.unsure_below))
        self.conversation = past.conversation
        self.transcript = past.transcript
        self.journal = journal(past.header)
        self.watchers: list[Watcher] = []
        "Called with every event, command and note as it happens; they must not block."
        self.supervision = Supervision(
            agent.guardrail,
            self._tell,
            self.transport.relay,
            lambda policy, emit: Ears(providers.vad, providers.recognizer, None, policy, emit, self._now),
            past.whispers,
        )
        self._caller = caller
        self._brief = brief
        self._model = providers.model if agent.uses_model else None
        self._specialist_models = providers.specialist_models if agent.uses_model else {}
        self._outlet = Outlet(self.transport, self.journal.committed if self.journal.is_kept else None)
        self._mouth = Mouth(providers.synthesizer, self._outlet, self._tell, agent.voice, providers.phrases)
        self._ears = Ears(
            providers.vad,
            providers.recognizer,
            providers.turn_detector,
            ears_policy or EarsPolicy(),
            self._tell,
            self._now,
            first=self.conversation.words.next_utterance,
        )
        self._begins_with = returned if returned and past.has_begun else opens_with
        self._past_seconds = self._last_t = past.last_t
        self._unrecorded = past.unrecorded
        self._called_in = past.called_in
        self._lag = 0.0
        self._clock = asyncio.get_running_loop().time
        self._inbox: asyncio.Queue[e.Event | Note | None] = asyncio.Queue()
        "None: nothing happened, but look again: a deadline may have passed."
        self._alarm = Alarm(lambda: self._inbox.put_nowait(None), self._now)
        self._pledges = Pledges(self.journal, self.transport.show, self.supervision.announce)
        self._stopwatch = Stopwatch()
        self._help = past.help
        self._memory = past.memory
        self._reply: Reply | None = None
        self._reply_task: asyncio.Task[None] | None = None
        self._specialist = past.specialist
        self._leaves_for: Suspended | None = None
        self.ended = asyncio.Event()
        "It no longer runs here."
        self._tasks: asyncio.TaskGroup

    async def run(self) -> Ending:
        """Converse until the caller hangs up or is taken leave of. Every task started here has ended when this returns.

        Where the journal is kept, a connection that is lost does not end the conversation: it can be gone on
        with, or be brought to its end by `conclude`. Raises Fenced once another node has gone on with it.
        """
        self._lag = self._past_seconds - self._clock() if self._past_seconds else 0.0
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self.supervision.tasks = self._tasks
                servants = [
                    self._tasks.create_task(self._hear(), name="ears"),
                    self._tasks.create_task(self._mouth.run(), name="mouth"),
                    self._tasks.create_task(self._outlet.run(), name="outlet"),
                    self._tasks.create_task(self.transport.run(self._tell, self._ears.push), name="send"),
                    self._tasks.create_task(self._receive(), name="receive"),
                    self._tasks.create_task(self._pledges.run(), name="pledges"),
                ]
                for command in self._unrecorded:
                    self._record(self._past_seconds, command)
                    if isinstance(command, e.Remember):
                        self._remember(command)
                self._tell(self._begins_with)
                if by := self.conversation.taken_over_by:  # they stood by the session that was
                    self._tell(e.HandedBack(by))
                while (ending := await self._next()) is None:
                    pass
                if ending in (Ending.SUSPENDED, Ending.ENDED):
                    await self._pledges.settle(patience=1.0)
                if self._reply_task is not None:
                    self._reply_task.cancel()
                self.supervision.stop()
                for task in servants:
                    task.cancel()
            self._settle_bills()
        except BaseExceptionGroup as group:
            if (fenced := group.subgroup(Fenced)) is not None:
                raise Fenced(str(fenced.exceptions[0])) from None
            raise
        finally:
            self._alarm.stop()
            self.ended.set()
            self.journal.flush()
        return ending

    def _settle_bills(self) -> None:
        """What had been used when it was cut short at the end is on record."""
        while not self._inbox.empty():
            if isinstance(item := self._inbox.get_nowait(), ModelUsed | ServiceUsed):
                self._record(self._now(), item)

    def sign(self) -> None:
        """The journal says that the session lives, so that nobody takes a silent one for lost."""
        self._tell(StillHere())

    def suspend(self, reason: str, retry_ms: int = 0) -> None:
        """The session stops here at the next moment of quiet, to be gone on with elsewhere, `retry_ms` later."""
        self._leaves_for = Suspended(reason, retry_ms)
        self._inbox.put_nowait(None)

    def reported(self, report: PageReported) -> None:
        """What the caller's page reports is on record."""
        self._tell(report)

    def lose(self, reason: str) -> None:
        """The caller's connection counts as lost, were it still open."""
        self._tell(ConnectionLost(reason))

    @property
    def past(self) -> Past:
        """Where the conversation stands, for whoever goes on with it. Not while it runs."""
        return Past(
            self.journal.header,
            self.conversation,
            self.transcript,
            self._memory,
            self.supervision.whispers,
            self._specialist,
            self._last_t,
            has_begun=True,
            called_in=self._called_in,
            help=self._help,
        )

    def conclude(self, reason: str) -> None:
        """The caller did not come back: the conversation is over, and its journal says so. Not while it runs."""
        now = self._now()
        for item in (e.HungUp(reason), *self.conversation.handle(e.HungUp(reason), now)):
            self.journal.write(now, item)
            for watcher in self.watchers:
                watcher(now, item)
            if isinstance(item, e.Remember):
                self._remember(item)

    # ---- one step --------------------------------------------------------------------------------------
    async def _next(self) -> Ending | None:
        """The next thing that happens has been dealt with. Not None when it was the last here."""
        self._alarm.set(self.conversation.next_deadline)
        item = await self._inbox.get()
        now = self._now()
        if item is None and is_due(self.conversation.next_deadline, now):
            self.journal.write(now, Tick())
            self._obey(self.conversation.tick(now), now)
            return self._left(now)
        if isinstance(item, ConnectionLost) and not self.journal.is_kept:
            item = e.HungUp(item.reason)
        if item is not None:
            self._record(now, item)
        if isinstance(item, e.SpeechSynthesized):
            self._outlet.recorded(item)
        if isinstance(item, e.Event):
            self._obey(self.conversation.handle(item, now), now)
        elif isinstance(item, RouteDecided):
            self._specialist = item.specialist
        elif isinstance(item, PersonNeeded):
            self._called_in = item.turn
        elif isinstance(item, Learnt):
            self._memory.update(left_behind(self._reply))
        if isinstance(item, e.HungUp):
            return Ending.HUNG_UP
        return Ending.LOST if isinstance(item, ConnectionLost) else self._left(now)

    def _left(self, now: float) -> Ending | None:
        """The session has stopped here if it is over, or was asked to stop and nobody speaks."""
        if self.conversation.is_over:
            return Ending.ENDED
        if self._leaves_for is None or self.conversation.phase is not Phase.IDLE:
            return None
        self._record(now, self._leaves_for)
        return Ending.SUSPENDED

    def _record(self, now: float, item: e.Event | e.Command | Note) -> None:
        """The item is journalled, shown, and measured."""
        self._last_t = now
        self.journal.write(now, item)
        if not self._pledges.takes(item):
            self.transport.show(item)
        for watcher in self.watchers:
            watcher(now, item)
        if (measured := self._stopwatch.note(now, item)) is not None:
            self._record(now, measured)
        if (needed := self._help.note(item)) is not None:
            self._record(now, needed)

    def _obey(self, commands: list[e.Command], now: float) -> None:
        for command in commands:
            self._record(now, command)
            self._do(command)

    def _do(self, command: e.Command) -> None:
        match command:
            case e.StartReply(turn, text, is_confirmed):
                self._start_reply(turn, text, is_confirmed=is_confirmed)
            case e.ContinueReply(turn, question, said, rest, is_whole):
                self._called_in += self._called_in == turn - 1
                has_called = self._called_in == turn
                unfinished = Unfinished(said, rest, is_whole, has_called)
                self._start_reply(turn, question, unfinished, is_confirmed=True)
            case e.ConfirmReply():
                if self._reply is not None:
                    self._reply.confirmed.set()
                self._memory.update(left_behind(self._reply))
            case e.CancelReply(turn):
                self._mouth.forget(turn)
                if self._reply_task is not None:
                    self._reply_task.cancel()
            case e.CutUtterance(utterance, is_answered):
                self._ears.cut(utterance, is_answered=is_answered)
            case e.Expect(kind):
                self._ears.expect = kind
            case e.Prepare(turn, sentence, text):
                self._mouth.prepare(turn, sentence, text)
            case e.Speak(turn, sentence, text):
                self._mouth.speak(turn, sentence, text)
            case e.HoldPlayout(turn):
                self._outlet.hold()
                self.transport.hold(turn)
            case e.ResumePlayout(turn):
                self.transport.resume(turn)
                self._outlet.resume()
            case e.ClearPlayout(turn):
                self._mouth.forget(turn)
                self.transport.clear(turn)
            case e.Remember():
                self._remember(command)
                self.journal.flush()
            case e.Revise():
                self.transcript.revise(command)
            case e.SetAside() | e.ShowHeard() | e.ChangePhase() | e.EndConversation():
                pass
            case _:
                assert_never(command)

    def _start_reply(
        self, turn: e.TurnId, text: str, unfinished: Unfinished | None = None, *, is_confirmed: bool
    ) -> None:
        if self._reply_task is not None:
            self._reply_task.cancel()
        patience = Patience(turn, self._tell, patience_with(self.agent))
        self._reply = Reply(
            turn,
            text,
            self.agent,
            self.gate,
            self._model,
            patience.hear,
            history=self.transcript.before(text),
            memory=dict(self._memory),
            whispers=tuple(self.supervision.whispers),
            unfinished=unfinished,
            caller=self._caller,
            earlier=self._reply,
            earlier_task=self._reply_task,
            models=self._specialist_models,
            session=self.id,
            brief=self._brief(),
        )
        if is_confirmed:
            self._reply.confirmed.set()
        self._reply_task = self._tasks.create_task(patience.wait_for(self._reply), name=f"reply {turn}")

    def _remember(self, line: e.Remember) -> None:
        self.transcript.remember(line, self._specialist if line.role is e.Role.AGENT else "")

    # ---- what comes in ---------------------------------------------------------------------------------
    async def _hear(self) -> None:
        with billed(lambda: self.conversation.turn + 1, self._tell):
            await self._ears.run()

    async def _receive(self) -> None:
        while True:
            got = await self.transport.receive()
            if not self._ears.relays(got):
                self._tell(got)
            if isinstance(got, e.HungUp | ConnectionLost):
                return

    def _tell(self, item: e.Event | Note) -> None:
        self._inbox.put_nowait(item)

    def _now(self) -> float:
        """Seconds of the conversation's clock: the loop's, or in a session gone on with, as if never interrupted."""
        return self._clock() + self._lag
