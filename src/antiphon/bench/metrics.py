"""How an agent takes turns, counted on timelines: pure functions, one for each measure.

The eight measures of τ-voice (Ray et al. 2026, arXiv 2603.13686; `docs/interaction-metrics.md` of its repository),
EVA's score of turn-taking (EVA-Bench 2026, arXiv 2605.13841, tables 16 to 18), and what Full-Duplex-Bench (2025,
arXiv 2503.04721 and 2507.23159) asks about pauses and about stopping. Where ours is stricter than theirs,
`docs/reference/bench.md` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from antiphon.bench.timeline import SELECTED, TICK_S, Act, Heard, Said, Timeline

YIELD_WITHIN_S = 2.0
"τ-voice: an agent that still speaks then has not given way."
STOP_WITHIN_S = 1.0
"τ-voice: an agent that stops within this of a sound has stopped because of it."
RESPOND_WITHIN_S = 2.0
"τ-voice: an agent that speaks up within this of a sound in silence has answered it."

EARLY_MS, SWEET_MS, SWEET_UNTIL_MS, LATE_MS = -500.0, 500.0, 2000.0, 3500.0
"EVA: nothing for an answer as early or as late as the outer ones, everything between the inner ones."
INTERRUPTED_AT_MOST = 0.5
"EVA: what an answer can be worth that broke into the caller's words."
OVERLAP_MS, INCURSIONS, YIELD_MS = 2000.0, 3, 2000.0
"EVA: so much talking over the caller, so many times, or such a late stop is worth nothing."


# ---- τ-voice -----------------------------------------------------------------------------------------------
def responses(timeline: Timeline) -> list[float | None]:
    """L_R and R_R: for each turn that ended in the agent's silence, seconds to its voice; None: the caller spoke again
    without having heard any."""
    found: list[float | None] = []
    for said in timeline.turns():
        if timeline.speaking_at(said.end) is not None:
            continue
        answer = timeline.answer_to(said)
        found.append(None if answer is None else answer.start - said.end)
    return found


def yields(timeline: Timeline) -> list[float | None]:
    """L_Y and R_Y: for each turn that began over the agent's voice, seconds until that was heard for the last time.

    None: it went on after `YIELD_WITHIN_S`.
    """
    found: list[float | None] = []
    for said, voice in _over_the_voice(timeline, Act.TURN):
        stopped = _stopped(timeline, said, voice)
        found.append(stopped if stopped <= YIELD_WITHIN_S else None)
    return found


def incursions(timeline: Timeline) -> list[int]:
    """I_A: how often the agent began to speak between the first and the last sound of each turn, also in a pause."""
    return [len(_incursions(timeline, said)) for said in timeline.turns()]


def kept(timeline: Timeline, act: Act) -> list[bool]:
    """S_BC, S_VT, S_ND: of each sound of that kind, that the agent did not take it for a turn.

    Over its voice: what it was saying was heard on after the sound, and after `STOP_WITHIN_S`. In its silence: it
    did not speak up within `RESPOND_WITHIN_S`.
    """
    found = []
    for said in timeline.said:
        if said.act is not act:
            continue
        voice = spoken_over(timeline, said)
        if voice is None:
            found.append(not timeline.onsets(said.start, said.end + RESPOND_WITHIN_S))
        else:
            found.append(_stopped(timeline, said, voice) > max(STOP_WITHIN_S, said.end - said.start))
    return found


def unpaused(timeline: Timeline, act: Act) -> list[bool]:
    """The same to the letter of τ-voice, for sounds over the agent's voice: that it did not even pause, for one tick or
    longer, within `STOP_WITHIN_S`."""
    return [voice.end - said.start > STOP_WITHIN_S for said, voice in _over_the_voice(timeline, act)]


# ---- EVA ---------------------------------------------------------------------------------------------------
def latency_score(latency_ms: float) -> float:
    """EVA's curve: 1 between half a second and two, falling to 0 at −0.5 s and at 3.5 s."""
    if latency_ms < SWEET_MS:
        return max(0.0, (latency_ms - EARLY_MS) / (SWEET_MS - EARLY_MS))
    if latency_ms <= SWEET_UNTIL_MS:
        return 1.0
    return max(0.0, (LATE_MS - latency_ms) / (LATE_MS - SWEET_UNTIL_MS))


def turn_scores(timeline: Timeline) -> list[float]:
    """EVA's score of turn-taking for each turn.

    Of an ordinary one by its latency; of one that the agent broke into by how long, how often and how it recovered,
    the worst counting; of one that began over the agent's voice by how soon that fell silent. A turn without an
    answer is worth nothing.
    """
    found = []
    for said in timeline.turns():
        parts: list[float] = []
        answer = timeline.answer_to(said)
        latency = None if answer is None else latency_score(1000 * (answer.start - said.end))
        if broken := _incursions(timeline, said):
            overlap_ms = 1000 * sum(min(one.end, said.end) - one.start for one in broken)
            parts.append(INTERRUPTED_AT_MOST * max(0.0, 1 - overlap_ms / OVERLAP_MS))
            parts.append(INTERRUPTED_AT_MOST * max(0.0, 1 - (len(broken) - 1) / (INCURSIONS - 1)))
            if latency is not None and timeline.speaking_at(said.end) is None:
                parts.append(latency)
        if (voice := spoken_over(timeline, said)) is not None:
            parts.append(max(0.0, 1 - 1000 * _stopped(timeline, said, voice) / YIELD_MS))
        if not parts:
            parts.append(latency or 0.0)
        found.append(min(parts))
    return found


# ---- Full-Duplex-Bench -------------------------------------------------------------------------------------
def takeovers(timeline: Timeline) -> list[bool]:
    """For each pause within a turn: that the agent spoke up between its beginning and the end of the turn."""
    return [
        bool(timeline.onsets(pause.start, said.end)) for said in timeline.turns() for pause in said.pauses
    ]


# ---- all of it ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Panel:
    """All measures of several calls, each value by itself: whoever sums them up knows how many there are."""

    responses: tuple[float | None, ...] = ()
    yields: tuple[float | None, ...] = ()
    incursions: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    takeovers: tuple[bool, ...] = ()
    kept: dict[Act, tuple[bool, ...]] = field(default_factory=dict)
    unpaused: dict[Act, tuple[bool, ...]] = field(default_factory=dict)


def panel(timelines: Sequence[Timeline]) -> Panel:
    """The measures of all the calls together."""
    return Panel(
        tuple(value for one in timelines for value in responses(one)),
        tuple(value for one in timelines for value in yields(one)),
        tuple(value for one in timelines for value in incursions(one)),
        tuple(value for one in timelines for value in turn_scores(one)),
        tuple(value for one in timelines for value in takeovers(one)),
        {act: tuple(value for one in timelines for value in kept(one, act)) for act in SELECTED},
        {act: tuple(value for one in timelines for value in unpaused(one, act)) for act in SELECTED},
    )


def _over_the_voice(timeline: Timeline, act: Act) -> Iterable[tuple[Said, Heard]]:
    """What was said of that kind while the agent spoke, and the stretch of voice that it began in."""
    for said in timeline.said:
        if said.act is act and (voice := spoken_over(timeline, said)) is not None:
            yield said, voice


def spoken_over(timeline: Timeline, said: Said) -> Heard | None:
    """The stretch of the agent's voice that it began in, a silence no longer than a tick forgiven; or None."""
    return timeline.speaking_at(said.start, TICK_S)


def _stopped(timeline: Timeline, said: Said, voice: Heard) -> float:
    """Seconds from what was said until the answer that was being spoken was heard for the last time."""
    return max(0.0, timeline.last_of(voice.turn) - said.start)


def _incursions(timeline: Timeline, said: Said) -> list[Heard]:
    """The stretches of voice that begin after the first sound of what was said and before its last."""
    return [heard for heard in timeline.heard if said.start < heard.start < said.end]
