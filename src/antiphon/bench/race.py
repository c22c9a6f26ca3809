"""The duel: one utterance is fed to several ways at the same instant, and each answer is measured as it is heard.

Every way is opened before any of them is spoken to. What a caller waits is measured on the waveforms of each call: from
the last audible sample of the utterance to the first audible one of the answer. Its parts are what the server says of
itself, and what the caller waits besides (the network, buffers, playing), so that they sum to the whole. The ways share
one machine while they race: their figures are for comparing them with each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from antiphon.bench.caller import REPLY_WITHIN_S, Arrived, Caller
from antiphon.bench.figures import median
from antiphon.bench.headset import Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.machine import machine
from antiphon.bench.turns import Turn, measure
from antiphon.bench.wav import at_rate
from antiphon.bench.waveform import speech_bounds
from antiphon.bench.ways import way
from antiphon.core.audio import Pcm
from antiphon.core.errors import AntiphonError, CallerError
from antiphon.store.duel import Duel, Happening, Lane, Via, machine_line, parts_of
from antiphon.store.duel import Utterance as Said
from antiphon.wire import native

VIAS: tuple[Via, ...] = ("orchestrate", "direct", "livekit")
"The three architectures."
LEAD_IN_S = 0.5
"Seconds of silence before the utterance, in which each server gets to know the room."
QUIET_WITHIN_S = 20.0
"Seconds a way has to be quiet once it is open."
MOST_EVENTS = 200
KEPT_RATE = 24_000
"Hz of what is kept of the sound."
LONGEST_UTTERANCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Racing:
    """News of a duel that goes on: the round, counted from 1 of `total`, and what it is at."""

    round: int
    total: int
    doing: str


@dataclass(frozen=True, slots=True)
class Raced:
    """A duel, and what was heard of the lanes in the round that is shown, by way, from time 0 on."""

    duel: Duel
    utterance: Pcm
    sounds: Mapping[str, Pcm]


@dataclass(frozen=True, slots=True)
class _Take:
    """One way in one round."""

    lane: Lane
    sound: Pcm | None = None


async def race(
    sound: Pcm,
    *,
    url: str,
    agent: str = "tutor",
    text: str = "",
    vias: Sequence[str] = VIAS,
    rounds: int = 1,
    key: str = "",
    timeout_s: float = REPLY_WITHIN_S,
    on_progress: Callable[[Racing], None] = lambda racing: None,
) -> Raced:
    """The duel of `vias`, so many times over, each time with calls of their own, opened in another order.

    A way that cannot be had, or gives no answer, says why in its lane. The round that is shown is the one nearest to
    the medians. Raises CallerError for what cannot be said, and for ways that there are not.
    """
    names, said = _checked(vias), _said(sound, text)
    started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    takes: list[dict[Via, _Take]] = []
    for number in range(rounds):
        turned = number % len(names)
        order = (*names[turned:], *names[:turned])

        def tell(doing: str, number: int = number) -> None:
            on_progress(Racing(number + 1, rounds, doing))

        takes.append(await _Round(sound, url, agent, key, timeout_s, tell).run(order))
    waits = {
        via: tuple(ms for take in takes if (ms := take[via].lane.response_ms) is not None) for via in names
    }
    joins = {via: tuple(ms for take in takes for ms in take[via].lane.joins_ms) for via in names}
    shown, here = min(takes, key=lambda take: _distance(take, waits)), machine()
    duel = Duel(
        agent=agent,
        url=url,
        started_at=started_at,
        machine=machine_line(here.cores, here.processor, here.memory_mb, here.system),
        rounds=rounds,
        utterance=said,
        lanes=tuple(
            shown[via].lane.model_copy(update={"waits_ms": waits[via], "joins_ms": joins[via]})
            for via in names
        ),
    )
    return Raced(duel, sound, {via: heard for via in names if (heard := shown[via].sound) is not None})


class _Round:
    """One race. A way's call is opened, held and closed in a task of its own: what breaks there breaks nothing else."""

    def __init__(
        self, sound: Pcm, url: str, agent: str, key: str, timeout_s: float, tell: Callable[[str], None]
    ) -> None:
        self._sound = sound
        self._url = url
        self._agent = agent
        self._key = key
        self._timeout_s = timeout_s
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._start: asyncio.Future[float] = self._loop.create_future()
        "The instant at which all are spoken to, seconds of the loop's clock."
        self._is_over = asyncio.Event()
        "All lanes are measured: until then nobody hangs up, which would disturb the others."

    async def run(self, order: Sequence[Via]) -> dict[Via, _Take]:
        """Every way's take. Opened one after the other in that order, spoken to at once."""
        takes: dict[Via, asyncio.Future[_Take]] = {via: self._loop.create_future() for via in order}
        async with asyncio.TaskGroup() as tasks:
            for via in order:
                self._tell(f"opening {via}")
                is_open = asyncio.Event()
                tasks.create_task(self._lane(via, is_open, takes[via]), name=f"duel: {via}")
                await is_open.wait()
            self._tell("asking")
            self._start.set_result(self._loop.time() + LEAD_IN_S)
            found = dict(zip(order, await asyncio.gather(*takes.values()), strict=True))
            self._is_over.set()
        return found

    async def _lane(self, via: Via, is_open: asyncio.Event, take: asyncio.Future[_Take]) -> None:
        """The take is there, and the call has been over since; why, if it could not be held."""
        begun = self._loop.time()
        try:
            async with way(via)(self._url, agent=self._agent, greet=False, key=self._key) as caller:
                joined_ms = round((self._loop.time() - begun) * 1000, 1)
                await caller.wait_idle(QUIET_WITHIN_S)
                is_open.set()
                raced = await self._raced(via, caller, await self._start)
                lane = raced.lane.model_copy(update={"joins_ms": (joined_ms,)})
                take.set_result(_Take(lane, raced.sound))
                await self._is_over.wait()
        except* (AntiphonError, OSError, TimeoutError) as group:
            if not take.done():
                take.set_result(_Take(Lane(via=via, error=_why(group)[:500])))
        finally:
            is_open.set()

    async def _raced(self, via: Via, caller: Caller, start: float) -> _Take:
        """The utterance was said from `start` on, and the answer heard to its end."""
        utterance = caller.start_saying(self._sound, start - caller.began_at)
        error = ""
        try:
            await caller.wait_for(lambda: utterance.is_sent)
            await caller.wait_reply(utterance, self._timeout_s)
        except TimeoutError:
            error = f"no finished answer within {self._timeout_s:g} s"
        except CallDropped as dropped:
            error = str(dropped)
        turn = measure(caller, utterance)
        if turn.response_ms is None:
            error = error or "nothing was heard of an answer"
        zero = start - caller.began_at
        heard = caller.recording()[1]
        until = max(caller.loudspeaker.sounded_until, utterance.end) + 0.2
        sound = at_rate(heard.between(round(zero * heard.rate), round(until * heard.rate)), KEPT_RATE)
        return _Take(_lane_of(via, caller, utterance, turn, zero, error), sound if len(sound) else None)


def _lane_of(via: Via, caller: Caller, utterance: Utterance, turn: Turn, zero: float, error: str) -> Lane:
    """What is told of the take. `zero`: when the duel's clock began, on the call's timeline."""
    whole = None if turn.response_ms is None else round(turn.response_ms, 1)
    parts = () if whole is None else parts_of(whole, turn.parts_ms)
    assert abs(sum(part.ms for part in parts) - max(0.0, whole or 0.0)) < 1e-6, "the parts sum to the whole"
    events = [event for arrived in caller.messages if (event := _event(arrived, utterance, zero)) is not None]
    if whole is not None:
        at = (utterance.speech_end - zero) * 1000 + whole
        events.append(Happening(at_ms=round(at, 1), what="answer", text=turn.reply_text[:2000]))
    if turn.reply_ms:
        at = (caller.loudspeaker.sounded_until - zero) * 1000
        events.append(Happening(at_ms=round(at, 1), what="over"))
    return Lane(
        via=via,
        error=error[:500],
        response_ms=whole,
        first_sound_ms=turn.first_sound_ms,
        parts=parts,
        understood=turn.user_text[:2000],
        answer=turn.reply_text[:2000],
        specialist=(turn.route.specialist if turn.route else "")[:80],
        session=caller.ready.session[:80],
        events=tuple(sorted(events, key=lambda event: event.at_ms)[:MOST_EVENTS]),
        has_sound=bool(turn.reply_ms),
    )


def _event(arrived: Arrived, utterance: Utterance, zero: float) -> Happening | None:
    """What a person would want to see of it, if anything."""
    if arrived.at < utterance.start:
        return None
    at_ms = round((arrived.at - zero) * 1000, 1)
    match arrived.message:
        case native.Transcript(_, text, True):
            return Happening(at_ms=at_ms, what="understood", text=text[:2000])
        case native.RouteChosen(_, specialist, _):
            return Happening(at_ms=at_ms, what="route", text=specialist[:2000])
        case native.Sentence(_, _, text, purpose):
            if purpose == "filler":
                return Happening(at_ms=at_ms, what="filler", text=text[:2000])
            return Happening(at_ms=at_ms, what="sentence", text=text[:2000])
        case native.Clear():
            return Happening(at_ms=at_ms, what="stopped")
    return None


def _said(sound: Pcm, text: str) -> Said:
    """What is known of the utterance. Raises CallerError for one that cannot be said."""
    bounds = speech_bounds(sound)
    if bounds is None:
        raise CallerError(
            "the recording holds no audible sound; record it louder", field="wav", code="silent"
        )
    if sound.seconds > LONGEST_UTTERANCE_S:
        raise CallerError(
            f"an utterance has {LONGEST_UTTERANCE_S:g} s at most", field="wav", code="too_large"
        )
    return Said(
        text=text,
        seconds=sound.seconds,
        speech_start_ms=round(bounds[0] * 1000, 1),
        speech_end_ms=round(bounds[1] * 1000, 1),
    )


def _checked(vias: Sequence[str]) -> tuple[Via, ...]:
    """The ways, each once. Raises CallerError."""
    known: dict[str, Via] = {via: via for via in ("orchestrate", "realtime", "webrtc", "direct", "livekit")}
    for via in vias:
        way(via)
    if not vias:
        raise CallerError("a duel needs at least one way", field="via", code="empty")
    return tuple(dict.fromkeys(known[via] for via in vias))


def _distance(takes: Mapping[Via, _Take], waits: Mapping[Via, Sequence[float]]) -> tuple[int, float]:
    """How far a round is from the medians of all, those in which fewer answered being further."""
    missing, apart = 0, 0.0
    for via, take in takes.items():
        if take.lane.response_ms is None:
            missing += 1
        else:
            apart += abs(take.lane.response_ms - median(waits[via]))
    return missing, apart


def _why(group: BaseExceptionGroup[BaseException]) -> str:
    """The first of what went wrong, as a sentence."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
