"""Answers beside a conversation: by the same agent, through the same guardrail, from lines that are given for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from types import TracebackType

from antiphon.agent.definition import Agent, Brief
from antiphon.agent.guardrail import Gate
from antiphon.agent.tools import Person, Run, Tool
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.core.notes import CutShort, ModelUsed, Note, TextJudged
from antiphon.core.speech import Approved
from antiphon.hosts.forking import harmless
from antiphon.session.hearing import Hearing
from antiphon.session.prices import price
from antiphon.session.reply import Reply
from antiphon.session.resampling import Resampler
from antiphon.session.session import Providers
from antiphon.transports.realtime.beside import Called, Over, Piece, Said, Wanted
from antiphon.wire import openai_realtime as rt

MOST_AT_ONCE = 8
"Answers in the making for one client."
ANSWER_WITHIN = 60.0
"Seconds for one of them."

Tell = Callable[[Piece], None]
Made = e.ReplyEvent | Note | Called


class Asides:
    """Those of one call. A context: what is in the making is called off at its end."""

    def __init__(self, agent: Agent, providers: Providers, caller: Person) -> None:
        self._agent = harmless(agent)
        self._providers = providers
        self._caller = caller
        self._tasks = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()
        self._used: list[ModelUsed] = []

    async def __aenter__(self) -> Asides:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for task in self._running:
            task.cancel()
        await self._tasks.__aexit__(None, None, None)  # what was raised inside goes on as it is

    @property
    def spent(self) -> float:
        """US dollars for language models, as far as their prices are known."""
        return sum(price(used) or 0.0 for used in self._used)

    def ask(self, wanted: Wanted, tell: Tell) -> Callable[[], None]:
        """The answer is told piece by piece, `Over` last. Returns what calls it off. Raises EventRefused."""
        if len(self._running) >= MOST_AT_ONCE:
            raise rt.EventRefused(
                f"At most {MOST_AT_ONCE} responses out of band are made at once.", code="rate_limit_exceeded"
            )
        task = self._tasks.create_task(self._answer(wanted, tell), name="aside")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

        def call_off() -> None:
            task.cancel()

        return call_off

    async def words(self, sound: Pcm) -> str:
        """The words in the sound; empty when there are none."""
        recognizer = self._providers.recognizer
        hearing = Hearing(recognizer)
        at_rate = (
            sound if sound.rate == recognizer.rate else Resampler(sound.rate, recognizer.rate).resample(sound)
        )
        hearing.push(at_rate)
        try:
            heard = await hearing.settle()
        finally:
            await hearing.close()
        return heard.text.strip() if heard is not None else ""

    async def _answer(self, wanted: Wanted, tell: Tell) -> None:
        """Everything of it is told."""
        over = Over(error="it took too long")
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                over = await self._told(wanted, tell)
        except TimeoutError:
            pass
        tell(over)

    async def _told(self, wanted: Wanted, tell: Tell) -> Over:
        made: asyncio.Queue[Made] = asyncio.Queue()
        reply = Reply(
            0,
            wanted.question,
            self._agent,
            Gate(self._agent.guardrail),
            self._providers.model if self._agent.uses_model else None,
            made.put_nowait,
            history=wanted.history,
            caller=self._caller,
            models=self._providers.specialist_models,
            brief=self._brief(wanted, made.put_nowait),
        )
        reply.confirmed.set()
        async with asyncio.TaskGroup() as tasks:
            making = tasks.create_task(reply.run(), name="aside: reply")
            try:
                return await self._relayed(made, wanted, tell)
            finally:
                making.cancel()

    async def _relayed(self, made: asyncio.Queue[Made], wanted: Wanted, tell: Tell) -> Over:
        stopped_by: rt.Reason | None = None
        has_called = False
        while not (has_called and made.empty()):
            match await made.get():
                case e.SentenceReady(_, sentence):
                    tell(Said(sentence.text, await self._voiced(sentence) if wanted.is_spoken else None))
                case Called() as called:
                    has_called = True
                    tell(called)
                case ModelUsed() as used:
                    self._used.append(used)
                    tell(used)
                case TextJudged(_, _, "block"):
                    stopped_by = "content_filter"
                case CutShort():
                    stopped_by = "max_output_tokens"
                case e.ReplyEnded():
                    return Over(stopped_by)
                case e.ReplyFailed(_, error):
                    return Over(error=error)
                case _:
                    pass
        return Over()

    def _brief(self, wanted: Wanted, note: Callable[[Called], None]) -> Brief:
        def runs(name: str) -> Run:
            async def run(caller: Person, arguments: Mapping[str, object]) -> object:
                """The client is told to call it. Nobody waits: what it gives is asked about in another response."""
                note(Called(name, json.dumps(dict(arguments))))
                return await asyncio.get_running_loop().create_future()

            return run

        tools = tuple(
            Tool(
                function.name,
                function.description or "",
                runs(function.name),
                function.parameters or {"type": "object", "properties": {}},
            )
            for function in wanted.functions
        )
        return Brief(wanted.instructions, tools, wanted.must_call, wanted.most_tokens)

    async def _voiced(self, sentence: Approved) -> Pcm | None:
        """The sentence in sound; None when it has none."""
        voice = self._providers.synthesizer
        try:
            pieces = [piece.pcm.data async for piece in voice.speak(sentence, self._agent.voice)]
        except ProviderError:
            return None
        return Pcm(b"".join(pieces), voice.rate) if pieces else None
