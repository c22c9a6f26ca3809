"""What became of something a caller said: the measures of one turn, taken from the call's own waveforms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from antiphon.bench.caller import NOT_ANSWERS, Arrived, Caller
from antiphon.bench.headset import Loudspeaker, Utterance
from antiphon.bench.waveform import Samples, audibility, audible, longest_pause, window_levels
from antiphon.wire import native


@dataclass(frozen=True, slots=True)
class RouteTaken:
    """Who answered; an empty name when nobody was chosen."""

    specialist: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class VerdictSeen:
    """The guardrail stepped in on the caller's (`input`) or the agent's (`output`) words."""

    side: str
    action: str
    categories: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange. Milliseconds; None for what did not happen or was not told.

    `response_ms` runs from the last audible sample the caller said to the first audible sample of the answer
    that the caller heard; it is negative when the agent answered before the caller had finished.
    `first_sound_ms` ends at the agent's first audible sample of any kind, a filler included.
    Of `response_ms`, `silent_lead_ms` is silence that was played as part of the agent's turn, before its first
    audible sample of any kind. `server_response_ms` and `parts_ms` are what the server says about itself.
    `reply_text` is what was heard of the answers (an apology is one), `heard_text` of everything, and
    `remembered_text` what the server kept of it.
    """

    user_text: str = ""
    reply_text: str = ""
    heard_text: str = ""
    remembered_text: str = ""
    route: RouteTaken | None = RouteTaken()
    "None when the server does not say such things."
    response_ms: float | None = None
    first_sound_ms: float | None = None
    silent_lead_ms: float = 0.0
    server_response_ms: float | None = None
    parts_ms: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False
    verdicts: tuple[VerdictSeen, ...] = ()
    fillers: tuple[str, ...] = ()
    said_at_ms: float = 0.0
    "When the caller's audible speech began, on the call's timeline."
    said_ms: float = 0.0
    "How long the caller's audible speech lasted."
    reply_ms: float = 0.0
    "How much sound of the agent was heard."
    gaps_ms: tuple[float, ...] = ()
    "Silences within the reply in which the loudspeaker had run dry."
    server_turns: tuple[int, ...] = ()
    "The server's numbers of the turns this is made of."
    wav: str = ""


def measure(caller: Caller, utterance: Utterance) -> Turn:
    """What became of `utterance` up to now: ask when the reply is over, or later."""
    begun = sorted(other.start for other in caller.utterances if other.start > utterance.start)
    until = begun[0] if begun else float("inf")
    ours = _turns_between(caller.messages, utterance.start, until)
    news = [arrived.message for arrived in caller.messages if _turn_of(arrived.message) in ours]
    loudspeaker = caller.loudspeaker
    onsets = {turn: at for turn in ours if (at := answer_onset(caller, turn)) is not None}
    answering = _answering(onsets, utterance.speech_end, ours)
    sounds = [at for turn in ours if (at := _first_sound(loudspeaker, turn)) is not None]
    asides = loudspeaker.asides(utterance.start, until)
    sounds += [] if asides.at is None else [asides.at]
    sentences = [message for message in news if isinstance(message, native.Sentence)]
    heard = {turn: _heard(news, turn) for turn in ours}
    routes = [m for m in news if isinstance(m, native.RouteChosen) and m.turn == answering]
    latencies = [m for m in news if isinstance(m, native.Latency) and m.turn == answering]
    return Turn(
        user_text=_user_text(caller.messages, news, utterance, until),
        reply_text=_joined(_heard_answers(heard[turn], sentences, turn) for turn in ours),
        heard_text=_joined(heard.values()),
        remembered_text=_joined(
            m.text for m in news if isinstance(m, native.Remembered) and m.role == "agent"
        ),
        route=_route(routes) if caller.tells_routes else None,
        response_ms=_ms(onsets[answering] - utterance.speech_end) if answering in onsets else None,
        first_sound_ms=_ms(min(sounds) - utterance.speech_end) if sounds else None,
        silent_lead_ms=_silent_lead_ms(loudspeaker, answering),
        server_response_ms=latencies[-1].response_ms if latencies else None,
        parts_ms=dict(latencies[-1].parts_ms) if latencies else {},
        interrupted=any(_was_cut(m, loudspeaker) for m in news),
        verdicts=tuple(
            VerdictSeen(m.side, m.action, m.categories, m.confidence)
            for m in news
            if isinstance(m, native.VerdictGiven)
        ),
        fillers=(*asides.words, *(m.text for m in sentences if m.purpose == "filler")),
        said_at_ms=_ms(utterance.speech_start),
        said_ms=_ms(utterance.speech_end - utterance.speech_start),
        reply_ms=_ms(sum(loudspeaker.played(turn) for turn in ours) / loudspeaker.rate),
        gaps_ms=tuple(_ms(gap.seconds) for gap in loudspeaker.gaps if gap.turn in ours),
        server_turns=tuple(ours),
    )


def _route(chosen: Sequence[native.RouteChosen]) -> RouteTaken:
    return RouteTaken(chosen[-1].specialist, chosen[-1].confidence) if chosen else RouteTaken()


def answer_onset(caller: Caller, turn: int) -> float | None:
    """When the first audible sample of the turn's answer was heard, seconds; None if none was.

    The wire does not say at which sample a sentence begins. Where nothing was said before the answer, it is
    the first audible sample. Otherwise it lies after all the sound that had come or been played when the answer
    was announced, and after what had been played when no word of the answer had been heard; and before what had
    been played when the first word had: the end of the longest pause between the two.
    """
    of_turn = [arrived for arrived in caller.messages if _turn_of(arrived.message) == turn]
    told = [(a, a.message) for a in of_turn if isinstance(a.message, native.Sentence)]
    first = next((i for i, (_, m) in enumerate(told) if m.purpose not in NOT_ANSWERS), None)
    loudspeaker = caller.loudspeaker
    sound = sound_of(loudspeaker, turn)
    if first is None or not len(sound):
        return None
    after = 0
    limit = audibility(window_levels(sound, loudspeaker.rate))
    if first > 0:
        before = len(_joined(m.text for _, m in told[:first]))
        heard = [(a.at, len(a.message.heard)) for a in of_turn if isinstance(a.message, native.HeardText)]
        earlier = [at for at, length in heard if length <= before]
        later = [at for at, length in heard if length > before]
        announced = told[first][0]
        by = announced.at - caller.news_late_s
        arrived = max(
            (stop for at, of, stop in caller.frames[: announced.frames] if of == turn and at <= by), default=0
        )
        after = max(arrived, played_by(loudspeaker, turn, max([by, *earlier[-1:]])))
        stop = played_by(loudspeaker, turn, later[0]) if later else len(sound)
        pause = longest_pause(sound[after:stop], loudspeaker.rate, limit)
        after += pause[1] if pause else 0
    bounds = audible(sound[after:], loudspeaker.rate, limit)
    return None if bounds is None else moment(loudspeaker, turn, after + bounds[0])


def sound_of(loudspeaker: Loudspeaker, turn: int) -> Samples:
    """The samples of the turn that were heard, by their offset."""
    sound = np.zeros(loudspeaker.played(turn), np.int16)
    for stretch in loudspeaker.heard:
        if stretch.turn == turn:
            sound[stretch.offset : stretch.offset + len(stretch.samples)] = stretch.samples
    return sound


def moment(loudspeaker: Loudspeaker, turn: int, offset: int) -> float:
    """When the turn's sample `offset` was heard, seconds."""
    for stretch in loudspeaker.heard:
        if stretch.turn == turn and stretch.offset <= offset < stretch.offset + len(stretch.samples):
            return (stretch.at + offset - stretch.offset) / loudspeaker.rate
    raise ValueError(f"sample {offset} of turn {turn} was not heard")


def played_by(loudspeaker: Loudspeaker, turn: int, at: float) -> int:
    """Samples of the turn that had been played by the time `at`, seconds."""
    played = 0
    for stretch in loudspeaker.heard:
        if stretch.turn == turn and stretch.at / loudspeaker.rate <= at:
            played = stretch.offset + min(len(stretch.samples), round(at * loudspeaker.rate) - stretch.at)
    return played


def _first_sound(loudspeaker: Loudspeaker, turn: int) -> float | None:
    bounds = audible(sound_of(loudspeaker, turn), loudspeaker.rate)
    return None if bounds is None else moment(loudspeaker, turn, bounds[0])


def _silent_lead_ms(loudspeaker: Loudspeaker, turn: int | None) -> float:
    """How much of the turn was played before it could be heard."""
    bounds = None if turn is None else audible(sound_of(loudspeaker, turn), loudspeaker.rate)
    return 0.0 if bounds is None else _ms(bounds[0] / loudspeaker.rate)


def _turn_of(message: native.ServerMessage) -> int | None:
    """The turn the message tells about. A phase belongs to none: it may name the turn before."""
    if isinstance(message, native.PhaseIs):
        return None
    return getattr(message, "turn", None)


def _turns_between(messages: Sequence[Arrived], start: float, stop: float) -> list[int]:
    """The turns first told of in that time, in order."""
    first: dict[int, float] = {}
    for arrived in messages:
        turn = _turn_of(arrived.message)
        if turn is not None:
            first.setdefault(turn, arrived.at)
    return sorted(turn for turn, at in first.items() if start <= at < stop)


def _answering(onsets: dict[int, float], speech_end: float, turns: Sequence[int]) -> int | None:
    """The turn whose answer counts: the first heard after the caller had finished, else the last heard."""
    if onsets:
        after = [turn for turn, at in onsets.items() if at >= speech_end]
        return after[0] if after else list(onsets)[-1]
    return turns[-1] if turns else None


def _heard(news: Sequence[native.ServerMessage], turn: int) -> str:
    """What was heard of the turn, as the server last told."""
    told = [m for m in news if isinstance(m, native.HeardText) and m.turn == turn]
    return told[-1].heard if told else ""


def _heard_answers(heard: str, sentences: Sequence[native.Sentence], turn: int) -> str:
    """The part of `heard`, the turn's sentences joined, that belongs to answers."""
    rest, answers = heard, []
    for sentence in sentences:
        if sentence.turn != turn or not rest:
            continue
        if rest.startswith(sentence.text):
            piece = sentence.text
        else:
            piece = rest[: _common(rest, sentence.text)].rstrip()
        rest = rest[len(piece) :].lstrip()
        if sentence.purpose not in NOT_ANSWERS:
            answers.append(piece)
    return _joined(answers)


def _common(one: str, other: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _user_text(
    messages: Sequence[Arrived], news: Sequence[native.ServerMessage], utterance: Utterance, until: float
) -> str:
    """What the server remembers of the caller's words, or else what it made out, or what was typed."""
    if kept := _joined(m.text for m in news if isinstance(m, native.Remembered) and m.role == "user"):
        return kept
    made_out: dict[int, str] = {}
    for arrived in messages:
        if isinstance(arrived.message, native.Transcript) and utterance.start <= arrived.at < until:
            made_out[arrived.message.utterance] = arrived.message.text
    return _joined(made_out.values()) or utterance.text


def _was_cut(message: native.ServerMessage, loudspeaker: Loudspeaker) -> bool:
    match message:
        case native.Clear(turn):
            return loudspeaker.played(turn) > 0
        case native.Remembered(_, "agent", _, is_cut):
            return is_cut
    return False


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
