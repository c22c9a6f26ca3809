"""A caller who comes back: whatever happens to the connection, it is made again and the call goes on.

It keeps its own account of the call. What the server acknowledged (`remembered`) must be there after every return, in
its order and once. Which words of an answer were heard is counted in the samples that its loudspeaker played.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from antiphon.bench.caller import Caller
from antiphon.bench.line import CallDropped, open_line
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.remembering import told_words, whole_words
from antiphon.bench.turns import sound_of
from antiphon.core.errors import AntiphonError
from antiphon.wire import native

AGAIN_AFTER_S = 0.05
"Seconds between two attempts to connect: the page begins with as little."
BACK_WITHIN_S = 30.0
"Seconds after which a caller who cannot get through gives up."
ANSWER_WITHIN_S = 60.0
"Seconds without an answer remembered to its end, after which the caller gives up."


@dataclass(frozen=True, slots=True)
class Told:
    """One line that the server said it remembers."""

    turn: int
    role: str
    text: str
    is_cut: bool


@dataclass(slots=True)
class Account:
    """What a caller found over all connections of a call."""

    session: str = ""
    told: list[Told] = field(default_factory=list)
    "Acknowledged lines, in order."
    told_at: list[float] = field(default_factory=list)
    "When each acknowledgement came that was not said again after a return."
    goaways: int = 0
    has_hung_up: bool = False
    "The server closed the call after our goodbye."
    asked: list[str] = field(default_factory=list)
    returns: int = 0
    lost: int = 0
    "Acknowledged lines that were missing after a return."
    doubled: int = 0
    repeated: int = 0
    "Words of answers that were heard more than once."
    skipped: int = 0
    sound_after_s: list[float] = field(default_factory=list)
    "From each loss of the connection in mid-answer to the next audible sample."
    ready_after_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    "What went wrong, in sentences."


class Returning:
    """One caller, who types questions and hears the answers out. `urls` are tried in turn.

    `lost_at` tells when the connection was cut, seconds of `time.monotonic`. With `plays_on` the loudspeaker plays
    what had come when the connection broke; without, it stops at once.
    """

    def __init__(
        self,
        urls: Sequence[str],
        reply: str,
        *,
        lost_at: Callable[[], float] = time.monotonic,
        plays_on: bool = False,
        jitter_s: float = 0.010,
    ) -> None:
        self.account = Account()
        self.caller: Caller | None = None
        "While connected."
        self._urls = list(urls)
        self._words = reply.replace("|", " ").split()
        self._lost_at = lost_at
        self._plays_on = plays_on
        self._jitter_s = jitter_s
        self._resume = ""
        self.away_s = 0.0
        "How long the caller stays away the next time."
        self._played = (0, 0)
        self._heard: list[str] = []
        self._waits_since = 0.0
        self._counted: set[int] = set()
        self._past: list[Told] | None = None
        "What is said again after a return, until all of it has come."

    async def talk(self, questions: Sequence[str]) -> Account:
        """Every question was asked and its answer heard out; then the caller hung up."""
        waiting = list(questions)
        try:
            while waiting:
                try:
                    async with self._connected() as caller:
                        while waiting:
                            await self._ask(caller, waiting[0])
                            waiting.pop(0)
                except CallDropped:
                    continue
        except (AntiphonError, TimeoutError) as error:
            at = len(self.account.asked)
            self.account.faults.append(
                f"{self.account.session}, question {at}: {error or 'no answer in time'}"
            )
        return self.account

    # ---- one question ----------------------------------------------------------------------------------
    async def _ask(self, caller: Caller, text: str) -> None:
        """The answer to `text`, which may have been asked on an earlier connection, was heard to its end."""
        account = self.account
        if text not in account.asked:
            account.asked.append(text)
        if not self._is_told(text):
            await caller.type(text, id=len(account.asked))
        await caller.wait_for(lambda: self._is_answered(text), ANSWER_WITHIN_S)
        self._hear(caller)
        blocks = SequenceMatcher(None, self._words, self._heard, autojunk=False).get_matching_blocks()
        same = sum(block.size for block in blocks)
        account.skipped += len(self._words) - same
        account.repeated += len(self._heard) - same
        if self._heard != self._words:
            account.faults.append(f"{account.session}, {text!r} was answered by {' '.join(self._heard)!r}")
        self._heard = []
        self._waits_since = 0.0

    def _is_told(self, text: str) -> bool:
        return any(line.role == "user" and line.text == text for line in self.account.told)

    def _is_answered(self, text: str) -> bool:
        """The question is remembered, and after it a line of the agent's that was not cut."""
        is_asked = False
        for line in self.account.told:
            is_asked = is_asked or (line.role == "user" and line.text == text)
            if is_asked and line.role == "agent" and not line.is_cut:
                return True
        return False

    # ---- connections -----------------------------------------------------------------------------------
    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Caller]:
        """A connection on which the call goes on, its past checked. Raises CallDropped, and what refuses us."""
        caller = await self._connect()
        self.caller = caller
        try:
            async with asyncio.timeout(BACK_WITHIN_S):
                await caller.wait_for(
                    lambda: any(isinstance(m.message, native.Pong) for m in caller.messages)
                )
            yield caller
        except CallDropped:
            self._left(caller)
            raise
        finally:
            self.caller = None
            is_over = caller.dropped is not None
            await caller.__aexit__(CallDropped if is_over else None, None, None)
            self.account.has_hung_up = (
                not is_over and caller.dropped is not None and caller.dropped.code == 1000
            )

    async def _connect(self) -> Caller:
        away_s, self.away_s = self.away_s, 0.0
        await asyncio.sleep(away_s)
        until = time.monotonic() + BACK_WITHIN_S
        while True:
            url = self._urls[0]
            try:
                line = await open_line(url)
                hello = native.Hello(
                    AGENT,
                    client="antiphon bench",
                    greet=False,
                    session=self.account.session,
                    resume=self._resume,
                    played_turn=self._played[0],
                    played_samples=self._played[1],
                )
                caller = Caller(line, hello, jitter_s=self._jitter_s)
                self._past, self._counted = [], set()
                caller.on_message = lambda arrived: self._note(arrived.message)
                try:
                    await caller.__aenter__()
                    await caller.ping()
                except BaseException:
                    await line.close()
                    raise
                break
            except AntiphonError:
                if time.monotonic() > until:
                    raise
                self._urls.append(self._urls.pop(0))
                await asyncio.sleep(AGAIN_AFTER_S)
        if self.account.session:
            self.account.returns += 1
            self.account.ready_after_s.append(time.monotonic() - self._lost_at())
        self.account.session, self._resume = caller.ready.session, caller.ready.resume
        return caller

    def _note(self, message: native.ServerMessage) -> None:
        match message:
            case native.Remembered(turn, role, text, is_cut, is_past):
                line = Told(turn, role, text, is_cut)
                if is_past and self._past is not None:
                    self._past.append(line)
                    return
                self._check_past()
                self.account.told.append(line)
                self.account.told_at.append(time.monotonic())
            case native.GoAway():
                self.account.goaways += 1
            case native.Pong():
                self._check_past()
            case _:
                pass

    def _check_past(self) -> None:
        """What was acknowledged before the connection was lost is still there, once and in its order."""
        if self._past is None:
            return
        account, past, self._past = self.account, self._past, None
        lost = [line for line in account.told if line not in past]
        account.lost += len(lost)
        account.doubled += len(past) - len(set(past))
        if past[: len(account.told)] != account.told:
            account.faults.append(f"{account.session}: acknowledged {account.told} but kept {past}")
        account.told = past

    def _left(self, caller: Caller) -> None:
        """The connection is lost: what was heard on it counts, and is said in the next hello."""
        if self._plays_on:
            caller.loudspeaker.advance_to(caller.now)
        self._hear(caller)
        if len(self.account.asked) and not self._is_answered(self.account.asked[-1]):
            self._waits_since = self._lost_at()

    def _hear(self, caller: Caller) -> None:
        """The words heard on this connection since the last time are part of the answer."""
        loudspeaker = caller.loudspeaker
        turns = sorted({stretch.turn for stretch in loudspeaker.heard})
        for turn in turns:
            if turn in self._counted:
                continue
            self._counted.add(turn)
            self._played = (turn, loudspeaker.played(turn))
            try:
                self._heard += whole_words(told_words(caller, turn), sound_of(loudspeaker, turn))
            except ValueError as error:
                self.account.faults.append(f"{self.account.session}, turn {turn}: {error}")
            if self._waits_since and turn in loudspeaker.speaking_since:
                at = caller.began_at + loudspeaker.speaking_since[turn]
                self.account.sound_after_s.append(at - self._waits_since)
                self._waits_since = 0.0
