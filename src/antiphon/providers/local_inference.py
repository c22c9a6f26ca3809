"""A thread that answers requests from event loops, as many at a time as it finds waiting.

The local models are shared by all sessions of the process. While one batch is being answered the next one
gathers by itself, so the batches grow with the load and nobody waits when there is none.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import onnxruntime as ort

from antiphon.core.errors import ProviderError

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def onnx_session(model: Path) -> ort.InferenceSession:
    """The model at `model`, loaded to run on the calling thread alone.

    Two threads were slower than one for every speech model tried on a shared machine, and threads that spin
    take the processor from the other sessions.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@dataclass(slots=True)
class _Asked(Generic[Question, Answer]):
    question: Question
    is_urgent: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Answer]


@dataclass(slots=True)
class _Load:
    """What the thread tells about itself. Written by the thread, read by anyone."""

    answered: int = 0
    batches: int = 0
    asked: int = 0
    gather: float = 0.0


Desk = SimpleQueue["_Asked[Question, Answer] | None"]


class Worker(Generic[Question, Answer]):
    """One thread for one model. It starts with the first question and ends when the worker is dropped.

    `answer` gets a list of questions, `most` at a time, and returns as many answers in their order; it is
    called on the worker's thread only. What it raises goes, as a ProviderError, to everyone whose question
    was in the batch. It must not hold a reference to the worker.
    """

    def __init__(
        self,
        name: str,
        answer: Callable[[list[Question]], list[Answer]],
        *,
        most: int = 1,
        skip_cancelled: bool = True,
    ) -> None:
        self._name = name
        self._answer = answer
        self._most = most
        self._skip_cancelled = skip_cancelled
        self._desk: Desk[Question, Answer] = SimpleQueue()
        self._load = _Load()
        self._start = threading.Lock()
        self._is_started = False

    @property
    def waiting(self) -> int:
        """Questions that have been asked and not yet answered."""
        return self._load.asked - self._load.answered

    @property
    def batches(self) -> int:
        """Times the model was asked so far."""
        return self._load.batches

    def gather_for(self, seconds: float) -> None:
        """From now on the thread answers at most once in so many seconds, all that was asked meanwhile.

        A thread costs more to wake than a question to answer: asleep between two batches, it is woken once
        for each. 0: it is woken by a question and answers at once.
        """
        self._load.gather = seconds

    def ask(self, question: Question, *, is_urgent: bool = True) -> asyncio.Future[Answer]:
        """The answer to come. Urgent questions go before the others, each kind in the order of asking.

        Call it on an event loop. Cancelling the future withdraws the question if the worker was made with
        `skip_cancelled` and has not begun to answer it.
        """
        if not self._is_started:
            self._begin()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._load.asked += 1
        self._desk.put(_Asked(question, is_urgent, loop, future))
        return future

    def _begin(self) -> None:
        with self._start:
            if self._is_started:
                return
            given = (self._name, self._desk, self._answer, self._most, self._skip_cancelled, self._load)
            threading.Thread(target=_work, args=given, name=self._name, daemon=True).start()
            weakref.finalize(self, self._desk.put, None)
            self._is_started = True


def _work(
    name: str,
    desk: Desk[Question, Answer],
    answer: Callable[[list[Question]], list[Answer]],
    most: int,
    skip_cancelled: bool,
    load: _Load,
) -> None:
    urgent: list[_Asked[Question, Answer]] = []
    patient: list[_Asked[Question, Answer]] = []
    is_busy = False
    due = 0.0
    while True:
        if not urgent and not patient:
            if not is_busy:
                first = desk.get()
                if first is None:
                    return
                (urgent if first.is_urgent else patient).append(first)
            if load.gather:
                due = max(due + load.gather, time.monotonic())
                time.sleep(max(0.0, due - time.monotonic()))
        try:
            while (asked := desk.get_nowait()) is not None:
                (urgent if asked.is_urgent else patient).append(asked)
            return
        except Empty:
            pass
        queue = urgent or patient
        batch, queue[:] = queue[:most], queue[most:]
        if skip_cancelled:
            kept = [asked for asked in batch if not asked.future.cancelled()]
            load.answered += len(batch) - len(kept)
            batch = kept
        # Where nothing was asked for as long as it gathers, the next question may wake it.
        is_busy = bool(batch) and load.gather > 0
        if not batch:
            continue
        error: ProviderError | None = None
        answers: list[Answer] = []
        try:
            answers = answer([asked.question for asked in batch])
        except Exception as failure:  # noqa: BLE001 - it is raised where the answer is awaited
            error = ProviderError(f"the local model failed: {failure}", provider=name)
            error.__cause__ = failure
        load.batches += 1
        load.answered += len(batch)
        _hand_over(batch, answers, error)


def _hand_over(batch: list[_Asked[Question, Answer]], answers: list[Answer], error: Exception | None) -> None:
    """Wake each event loop once for all its answers."""
    loops = {asked.loop for asked in batch}
    for loop in loops:
        try:
            if error is not None:
                mine = [asked.future for asked in batch if asked.loop is loop]
                loop.call_soon_threadsafe(_fail, mine, error)
            else:
                pairs = [(a.future, value) for a, value in zip(batch, answers, strict=True) if a.loop is loop]
                loop.call_soon_threadsafe(_resolve, pairs)
        except RuntimeError:
            # The loop has been closed: nobody waits for these answers any longer.
            continue


def _resolve(pairs: list[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, value in pairs:
        if not future.done():
            future.set_result(value)


def _fail(futures: list[asyncio.Future[Answer]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
