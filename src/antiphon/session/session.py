"""One connected conversation: the only place where the pure core meets the world.

Everything that happens comes into one inbox, goes through `Conversation.handle`, and leaves as commands that
are carried out here. One timer; every task lives in one TaskGroup and has ended when `run` returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Gate
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.conversation import Conversation
from antiphon.core.notes import Note, RouteDecided
from antiphon.core.transcript import Transcript
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.ports import (
    LanguageModel,
    Recognizer,
    Synthesizer,
    Transport,
    TurnDetector,
    VoiceActivityDetector,
)
from antiphon.session.ears import Ears, EarsPolicy
from antiphon.session.journal import Header, Journal, Tick
from antiphon.session.mouth import Mouth
from antiphon.session.reply import Reply
from antiphon.session.telemetry import Stopwatch

Watcher = Callable[[float, e.Event | e.Command | Note], None]


@dataclass(frozen=True, slots=True)
class Providers:
    """The hands a session works with. Shared by all sessions of a process."""

    vad: VoiceActivityDetector
    recognizer: Recognizer
    turn_detector: TurnDetector | None
    synthesizer: Synthesizer
    model: LanguageModel | None = None


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
    ) -> None:
        self.id = id
        self.agent = agent
        self.transport = transport
        self.transcript = Transcript()
        self.gate = Gate(agent.guardrail)
        lines = own_lines(agent, self.gate, greets)
        self.conversation = Conversation(policy, lines)
        self.journal = journal(Header(id, agent.name, self.conversation.policy, lines, started_at))
        self._model = providers.model
        self._mouth = Mouth(providers.synthesizer, transport, self._tell, agent.voice)
        self._ears = Ears(
            providers.vad,
            providers.recognizer,
            providers.turn_detector,
            ears_policy or EarsPolicy(),
            self._tell,
            self._now,
        )
        self.watchers: list[Watcher] = []
        "Called with every event, command and note as it happens; they must not block."
        self._inbox: asyncio.Queue[e.Event | Note] = asyncio.Queue()
        self._stopwatch = Stopwatch()
        self._memory: dict[str, object] = {}
        self._reply: Reply | None = None
        self._reply_task: asyncio.Task[None] | None = None
        self._specialist = ""
        self._tasks: asyncio.TaskGroup

    async def run(self) -> None:
        """Converse until the caller hangs up. Every task started here has ended when this returns."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                servants = [
                    self._tasks.create_task(self._ears.run(), name="ears"),
                    self._tasks.create_task(self._mouth.run(), name="mouth"),
                    self._tasks.create_task(self.transport.run(self._tell), name="send"),
                    self._tasks.create_task(self._receive(), name="receive"),
                ]
                self._tell(e.Joined())
                while not await self._next():
                    pass
                if self._reply_task is not None:
                    self._reply_task.cancel()
                for task in servants:
                    task.cancel()
        finally:
            self.journal.close()

    # ---- one step --------------------------------------------------------------------------------------
    async def _next(self) -> bool:
        """The next thing that happens has been dealt with. True when it was the last."""
        try:
            async with asyncio.timeout_at(self.conversation.next_deadline):
                item = await self._inbox.get()
        except TimeoutError:
            now = self._now()
            self.journal.write(now, Tick())
            self._obey(self.conversation.tick(now), now)
            return False
        now = self._now()
        self._record(now, item)
        if isinstance(item, e.Event):
            self._obey(self.conversation.handle(item, now), now)
        elif isinstance(item, RouteDecided):
            self._specialist = item.specialist
        return isinstance(item, e.HungUp)

    def _record(self, now: float, item: e.Event | e.Command | Note) -> None:
        """The item is journalled, shown, and measured."""
        self.journal.write(now, item)
        self.transport.show(item)
        for watcher in self.watchers:
            watcher(now, item)
        if (measured := self._stopwatch.note(now, item)) is not None:
            self._record(now, measured)

    def _obey(self, commands: list[e.Command], now: float) -> None:
        for command in commands:
            self._record(now, command)
            self._do(command)

    def _do(self, command: e.Command) -> None:
        match command:
            case e.StartReply(turn, text, is_confirmed):
                self._start_reply(turn, text, is_confirmed)
            case e.ConfirmReply():
                self._learn()
            case e.CancelReply(turn):
                self._mouth.forget(turn)
                if self._reply_task is not None:
                    self._reply_task.cancel()
            case e.CutUtterance(utterance):
                self._ears.cut(utterance)
            case e.Expect(kind):
                self._ears.expect = kind
            case e.Prepare(turn, sentence, text):
                self._mouth.prepare(turn, sentence, text)
            case e.Speak(turn, sentence, text):
                self._mouth.speak(turn, sentence, text)
            case e.HoldPlayout(turn):
                self.transport.hold(turn)
            case e.ResumePlayout(turn):
                self.transport.resume(turn)
            case e.ClearPlayout(turn):
                self._mouth.forget(turn)
                self.transport.clear(turn)
            case e.Remember(_, role):
                is_agents = role is e.Role.AGENT
                self.transcript.remember(command, self._specialist if is_agents else "")
                self._learn()
                self.journal.flush()
            case e.SetAside() | e.ShowHeard() | e.ChangePhase() | e.EndConversation():
                pass
            case _:
                assert_never(command)

    def _start_reply(self, turn: e.TurnId, text: str, is_confirmed: bool) -> None:
        if self._reply_task is not None:
            self._reply_task.cancel()
        self._reply = Reply(
            turn,
            text,
            self.agent,
            self.gate,
            self._model,
            self._tell,
            history=tuple(self.transcript.lines),
            memory=dict(self._memory),
        )
        self._reply_task = self._tasks.create_task(self._reply.run(), name=f"reply {turn}")

    def _learn(self) -> None:
        """What the reply in hand leaves behind is kept, now that its turn is confirmed."""
        if self._reply is not None and self._reply.learnt:
            self._memory.update(self._reply.learnt)

    # ---- what comes in ---------------------------------------------------------------------------------
    async def _receive(self) -> None:
        while True:
            got = await self.transport.receive()
            if isinstance(got, Pcm):
                self._ears.push(got)
                continue
            self._tell(got)
            if isinstance(got, e.HungUp):
                return

    def _tell(self, item: e.Event | Note) -> None:
        self._inbox.put_nowait(item)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def own_lines(agent: Agent, gate: Gate, greets: bool = True) -> Lines:
    """What the agent says of itself. Its author wrote it, so the gate vouches for it unchecked."""
    return Lines(
        greeting=gate.vouch(agent.greeting) if agent.greeting and greets else None,
        fillers=tuple(tuple(gate.vouch(line) for line in level) for level in agent.fillers),
        prompts=tuple(gate.vouch(line) for line in agent.prompts),
        apology=gate.vouch(agent.apology) if agent.apology else None,
    )
