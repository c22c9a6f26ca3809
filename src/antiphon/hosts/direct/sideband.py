"""Beside the page's call with its provider: what the user says becomes jobs, and waits are filled."""

from __future__ import annotations

import asyncio
import json

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from antiphon.core import events as e
from antiphon.core.errors import ProviderError
from antiphon.core.notes import JobChanged, Note
from antiphon.core.speech import Approved
from antiphon.hosts.direct.front import DISPATCH, Key
from antiphon.transports.direct.jobs import OPEN
from antiphon.transports.direct.transport import DirectTransport
from antiphon.wire import openai_realtime as rt

log = structlog.get_logger(__name__)

FILL_AFTER = (0.5, 1.5, 3.0)
"Seconds from a job's beginning to the line that fills the wait, if nothing can be heard of the answer by then."
CONNECT_WITHIN = 5.0
MAX_EVENT = 16 << 20
SAY = 'Say exactly this and nothing else: "{}"'


class Fillers:
    """The lines an agent has for waits, checked beforehand; never one twice in a row."""

    def __init__(self, lines: tuple[tuple[Approved, ...], ...]) -> None:
        self._lines = lines
        self._asked = 0

    def next(self, wait: int) -> str:
        """A line for the first wait of an answer (0), the second, the third; empty: none."""
        choices = self._lines[wait] if wait < len(self._lines) else ()
        self._asked += 1
        return choices[self._asked % len(choices)].text if choices else ""


class Sideband:
    """One connection beside one call. `run` is the loop; `watch` is to be among the session's watchers."""

    def __init__(self, key: Key, call_id: str, transport: DirectTransport, fillers: Fillers) -> None:
        self._url = f"{key.sideband_url}?call_id={call_id}"
        self._key = key.sideband_key
        self._transport = transport
        self._fillers = fillers
        self._codec = rt.ClientSide()
        self._outgoing: asyncio.Queue[rt.ClientEvent] = asyncio.Queue()
        self._job: JobChanged | None = None
        "The one in hand."
        self._is_filling = False
        "The provider speaks, or is about to."
        self._owes = False
        "The provider waits for what came of its function call."
        self._filling: list[asyncio.TimerHandle] = []

    async def run(self) -> None:
        """The call is stood by until it is over, or is given up. Raises ProviderError when it cannot be reached."""
        try:
            async with (
                connect(
                    self._url,
                    additional_headers={"Authorization": f"Bearer {self._key}"},
                    open_timeout=CONNECT_WITHIN,
                    max_size=MAX_EVENT,
                    compression=None,
                ) as socket,
                asyncio.TaskGroup() as tasks,
            ):
                sending = tasks.create_task(self._send(socket), name="sideband: send")
                async for text in socket:
                    self._hear(text)
                sending.cancel()
        except (OSError, TimeoutError, WebSocketException) as error:
            raise ProviderError(f"the call could not be stood by: {error}") from error
        finally:
            self._stop_filling()

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            await socket.send(self._codec.encode(await self._outgoing.get()))

    # ---- what the provider tells -----------------------------------------------------------------------
    def _hear(self, text: str | bytes) -> None:
        try:
            event = self._codec.decode(text)
        except rt.EventRefused as refused:
            log.warning("the provider sent what is not understood", error=str(refused))
            return
        match event:
            case rt.ArgumentsDone(name=name, call_id=call, arguments=arguments) if name == DISPATCH:
                self._dispatch(call, arguments)
            case rt.SpeechStarted():
                if self._job is not None and self._job.is_ready:
                    self._transport.interrupt()
            case rt.PlaybackStarted():
                self._is_filling = True
            case rt.PlaybackStopped() | rt.PlaybackCleared():
                self._is_filling = False
            case rt.ErrorEvent(error=problem):
                log.warning("the provider refused", error=problem.message, code=problem.code)
            case _:
                pass

    def _dispatch(self, call: str, arguments: str) -> None:
        """The user's words are a job, told about once by the page or by us."""
        try:
            found = json.loads(arguments)
            question = str(found["question"]).strip()
        except (ValueError, KeyError, TypeError):
            question = ""
        line = self._fillers.next(0)
        output = json.dumps({"say": line} if line else {"status": "it is being answered"})
        self._owes = True
        self._post(rt.CreateItem(item=rt.FunctionCallOutput(call_id=call, output=output)))
        if question:
            self._begin(self._transport.ask(question, call), line)

    def _begin(self, job: JobChanged, line: str) -> None:
        self._job = job
        self._stop_filling()
        later = asyncio.get_running_loop().call_later
        self._filling = [
            later(after, self._fill, wait, line if wait == 0 else "") for wait, after in enumerate(FILL_AFTER)
        ]

    # ---- what the session tells ------------------------------------------------------------------------
    def watch(self, t: float, news: e.Event | e.Command | Note) -> None:
        """A watcher of the session: the provider is quiet once the answer is there, and learns what was heard of it."""
        match news:
            case JobChanged() as job if self._job is not None and job.job == self._job.job:
                was_ready, self._job = self._job.is_ready, job
                if (job.is_ready and not was_ready) or job.status not in OPEN:
                    self._stop_filling()
                    self._quiet()
            case e.Remember(role=e.Role.AGENT, text=text):
                said = rt.Message(role="assistant", content=(rt.OutputText(text=text),))
                self._post(rt.CreateItem(item=said))
            case _:
                pass

    def _fill(self, wait: int, line: str) -> None:
        job, line = self._job, line or self._fillers.next(wait)
        if job is None or job.is_ready or job.status not in OPEN or not line or self._is_filling:
            return
        self._owes, self._is_filling = False, True
        told = rt.ResponseParams(instructions=SAY.format(line), tool_choice="none")
        self._post(rt.CreateResponse(response=told))

    def _quiet(self) -> None:
        """Whatever the provider says, or waits to say, is not said."""
        if self._is_filling or self._owes:
            self._is_filling = self._owes = False
            self._post(rt.ClearPlayback())

    def _stop_filling(self) -> None:
        for timer in self._filling:
            timer.cancel()
        self._filling = []

    def _post(self, event: rt.ClientEvent) -> None:
        self._outgoing.put_nowait(event)
