"""How the agent takes sound over its voice: whether it gives way to who wants the floor, and to nobody else.

The agent recites; a caller speaks, hums, coughs, talks to somebody else or knocks over it, with the real voice
activity detector, recognizer and turn detector in between. Measured on the waveform that the caller heard, as τ-voice
defines it (arXiv 2603.13686). An interruption is yielded to when what was being said is not heard any more 2 s after
its first audible sample; L_Y is the time until it was heard for the last time. Anything else is survived when it is
heard on after the sound, and longer than 1 s after the sound began: a pause in between is allowed, and told apart
("without a pause": τ-voice to the letter). All voices are equally loud, and the caller has asked for the story aloud;
side talk is in another voice where the machine has one, 12 dB softer. Hold and clear are the arrival of these orders
at the caller, on the ways whose protocol has them. The lines are those of the half on which nothing was tuned.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from antiphon.bench.caller import Caller
from antiphon.bench.figures import Detail, Figure, Goal, Kind, Outcome, Statistic, p50_p95
from antiphon.bench.headset import Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.listening import said, timeline
from antiphon.bench.metrics import kept, spoken_over, turn_scores, unpaused, yields
from antiphon.bench.noises import NOISES
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.timeline import SELECTED, Act, Said, Timeline
from antiphon.bench.trials.interjections import HELD, interjections
from antiphon.bench.trials.panels import SURVIVED, share
from antiphon.bench.trials.trial import Progress, Setup, hush, scripted
from antiphon.bench.voices import SPEECH_DBFS, CallerVoice, levelled
from antiphon.core.audio import Pcm
from antiphon.wire import native

TITLE = "Giving way"
SETTLED_S = 2.5
"Seconds after the caller's sound by which it has been judged: the policy's longest wait is half of that."
ROUNDS = 1
STOP_GOALS = p50_p95(100, 150)
"Milliseconds until silence where the player is ours and obeys: on `orchestrate`."
YIELD_GOAL = Goal(Statistic.P95, 400)
SURVIVED_GOALS = {Act.BACKCHANNEL: 90.0, Act.TIC: 70.0, Act.ASIDE: 70.0, Act.NOISE: 70.0}
ASIDE_DB = -12.0
"By how much side talk is softer than what is said to the agent."
OPENING = "Tell me a story, please."
REPLY = "|".join(
    f"This is sentence number {n} of a long story that goes on and on until somebody says stop."
    for n in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
)
CHAR_MS = 50
FRESH_S = 30.0
"Seconds into its story after which the agent begins anew: it must not come to the end during a trial."


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to make over the agent's voice."""

    act: Act
    what: str
    by: str
    pcm: Pcm
    is_natural: bool = True


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the agent did. Milliseconds from the sound's first audible sample; None: it was not told of any."""

    sound: Sound
    said: Said
    was_speaking: bool = True
    hold_ms: float | None = None
    clear_ms: float | None = None
    resume_ms: float | None = None
    before: str = ""
    "The latest orders and phases before the sound began."
    understood: str = ""
    "What the recognizer made of it, as far as the agent waited for that."


@dataclass(frozen=True, slots=True)
class Provoked:
    """A call in which sounds were made over the agent's voice."""

    timeline: Timeline
    reactions: tuple[Reaction, ...]
    failures: tuple[str, ...] = ()

    def only(self, reactions: Iterable[Reaction]) -> Timeline:
        """The call, as if nothing else had been said."""
        return Timeline(tuple(one.said for one in reactions), self.timeline.heard)

    def is_right(self, one: Reaction) -> bool:
        alone = self.only((one,))
        if one.sound.act is Act.TURN:
            return yields(alone) != [None]
        return all(kept(alone, one.sound.act))

    def detail(self, one: Reaction) -> Detail:
        alone = self.only((one,))
        stopped = yields(alone)[0] if one.sound.act is Act.TURN and one.was_speaking else None
        return {
            "kind": one.sound.act.value,
            "what": one.sound.what,
            "by": one.sound.by,
            "understood": one.understood,
            "silent_ms": None if stopped is None else round(1000 * stopped, 1),
            "hold_ms": one.hold_ms,
            "clear_ms": one.clear_ms,
            "resume_ms": one.resume_ms,
            "is_right": self.is_right(one),
        }


async def run(setup: Setup) -> Outcome:
    """Every sound was made, `setup.repeats` times by natural voices; once by the robots, to interrupt."""
    begun = time.monotonic()
    sounds = await _sounds(setup)

    def tell(done: int) -> None:
        setup.tell(Progress("yield", done, len(sounds), sounds[min(done, len(sounds) - 1)].act))

    async with scripted(ears="real", reply=REPLY, char_ms=CHAR_MS) as url:
        opening = levelled(await setup.speakers()[0].say(OPENING))
        provoked = await provoke(lambda: setup.call(url, AGENT), sounds, tell, opening)
    unheard = [
        f"the agent was not speaking when {one.sound.what!r} began; before that came {one.before}"
        for one in provoked.reactions
        if not one.was_speaking
    ]
    return Outcome(
        "yield",
        TITLE,
        __doc__ or "",
        tuple(figures(provoked, has_orders=setup.via == "orchestrate")),
        details=tuple(provoked.detail(one) for one in provoked.reactions),
        failures=(*provoked.failures, *unheard),
        seconds=round(time.monotonic() - begun, 1),
    )


async def provoke(
    dial: Callable[[], AbstractAsyncContextManager[Caller]],
    sounds: Sequence[Sound],
    tell: Callable[[int], None] = lambda done: None,
    opening: Pcm | None = None,
) -> Provoked:
    """Each sound was made while the agent was speaking: what it did, and what went wrong. `opening` is said first."""
    chance = random.Random(1)
    made: list[tuple[Sound, Utterance]] = []
    failures: tuple[str, ...] = ()
    async with dial() as caller:
        try:
            if opening is not None:
                await caller.say(opening, caller.now + 0.5)
                await caller.wait_for(lambda: caller.phase == "speaking", 15)
            for done, sound in enumerate(sounds):
                tell(done)
                await _speaking(caller)
                made.append((sound, await _make(caller, sound, caller.now + chance.uniform(0.3, 1.3))))
        except CallDropped as dropped:
            failures = (str(dropped),)
        except TimeoutError:
            failures = (f"after {len(made)} sounds the agent did not speak again",)
        tell(len(sounds))
        drawn = timeline(caller, (said(utterance, sound.act, sound.what) for sound, utterance in made))
        reactions = tuple(_reaction(caller, sound, utterance, drawn) for sound, utterance in made)
    return Provoked(drawn, reactions, failures)


async def _sounds(setup: Setup, half: str = HELD) -> list[Sound]:
    """What is made, in an order that chance decided once."""
    voices = setup.speakers()
    natural = [voice for voice in voices if voice.is_natural] or list(voices[:1])
    other = next((voice for voice in voices if voice not in natural), natural[0])
    sounds: list[Sound] = []
    for one in interjections(half):
        if one.noise:
            sounds.append(Sound(one.act, one.text, f"seed {one.seed}", NOISES[one.noise](one.seed)))
        elif one.act is Act.ASIDE:
            sounds.append(await _spoken(one.act, one.text, other, ASIDE_DB))
        else:
            sounds += [await _spoken(one.act, one.text, voice) for voice in natural]
            if one.act is Act.TURN:
                sounds += [await _spoken(one.act, one.text, v) for v in voices if v not in natural]
    sounds *= setup.repeats or ROUNDS
    random.Random(2).shuffle(sounds)
    return sounds


async def _spoken(act: Act, text: str, voice: CallerVoice, decibels: float = 0.0) -> Sound:
    pcm = levelled(await voice.say(text), SPEECH_DBFS + decibels)
    return Sound(act, text, voice.name, pcm, voice.is_natural or act is Act.ASIDE)


async def _speaking(caller: Caller) -> None:
    """The agent is in the middle of its story, with enough of it left. Raises TimeoutError, CallDropped."""
    await caller.wait_for(lambda: caller.phase in ("idle", "speaking"), 15)
    rate = caller.loudspeaker.rate
    turn = max(caller.loudspeaker.speaking_since, default=0)
    if caller.phase != "speaking" or caller.loudspeaker.played(turn) > FRESH_S * rate:
        await hush(caller)
        await caller.type("Go on.")
    await caller.wait_for(lambda: caller.phase == "speaking" and not caller.loudspeaker.is_drained, 15)
    # In the middle of a word, whatever the turn: its first frames are a sound like all others.
    await caller.wait_for(lambda: caller.loudspeaker.sounded_until > caller.now - 0.1, 5)


async def _make(caller: Caller, sound: Sound, at: float) -> Utterance:
    """The sound was made at the time `at`, and judged. Raises CallDropped."""
    utterance = caller.start_saying(sound.pcm, at)
    settled = utterance.speech_end + SETTLED_S
    await caller.wait_for(
        lambda: caller.now >= settled or _arrived(caller, utterance, native.Clear) is not None
    )
    await caller.wait_for(lambda: caller.now >= utterance.end)
    return utterance


def _reaction(caller: Caller, sound: Sound, utterance: Utterance, drawn: Timeline) -> Reaction:
    start, did = utterance.speech_start, said(utterance, sound.act, sound.what)

    def ms(kind: type[native.ServerMessage]) -> float | None:
        at = _arrived(caller, utterance, kind)
        return None if at is None else round((at - start) * 1000, 1)

    return Reaction(
        sound,
        did,
        spoken_over(drawn, did) is not None,
        ms(native.Hold),
        ms(native.Clear),
        ms(native.Resume),
        _told_before(caller, utterance.start),
        _understood(caller, utterance.start),
    )


def _arrived(caller: Caller, utterance: Utterance, kind: type[native.ServerMessage]) -> float | None:
    """When that order came, from the utterance's beginning to the next one's.

    Its first breath may be heard by the detector before it counts as audible here: from `start` on.
    """
    until = min((u.start for u in caller.utterances if u.start > utterance.start), default=float("inf"))
    return next(
        (a.at for a in caller.messages if utterance.start <= a.at < until and isinstance(a.message, kind)),
        None,
    )


def _understood(caller: Caller, since: float) -> str:
    told = (arrived.message for arrived in caller.messages if arrived.at >= since)
    return next(
        (message.text for message in told if isinstance(message, native.Transcript) and message.text), ""
    )


def _told_before(caller: Caller, at: float) -> str:
    told = [
        f"{arrived.message.type} {getattr(arrived.message, 'phase', '')}".strip()
        + f" {arrived.at - at:+.2f} s"
        for arrived in caller.messages
        if arrived.at < at and arrived.message.type in ("hold", "resume", "clear", "phase", "transcript")
    ]
    return ", ".join(told[-8:])


def figures(provoked: Provoked, has_orders: bool = True) -> list[Figure]:
    """What the reactions come to. `has_orders`: the player obeys the server's."""
    reactions = [one for one in provoked.reactions if one.was_speaking]
    wanted = [one for one in reactions if one.sound.act is Act.TURN]
    natural = [one for one in wanted if one.sound.is_natural]
    stops = yields(provoked.only(natural))
    goals = (*STOP_GOALS, YIELD_GOAL) if has_orders else (YIELD_GOAL,)
    rows = [
        Figure("L_Y: start of speech → agent silent at the caller", "ms", _ms(stops), goals),
        share("R_Y: interruptions yielded to", [s is not None for s in yields(provoked.only(wanted))], 95.0),
        *(share(SURVIVED[act], kept(provoked.only(reactions), act), SURVIVED_GOALS[act]) for act in SELECTED),
        *(
            share(f"{SURVIVED[act]} without a pause", unpaused(provoked.only(reactions), act))
            for act in SELECTED
        ),
        Figure("needless pause", "ms", tuple(_pauses(provoked, reactions))),
        Figure("EVA's score of the interruptions", "", _scores(provoked, natural), kind=Kind.LEVEL),
    ]
    if has_orders:
        rows += [
            Figure("start of speech → hold arrives", "ms", _known(r.hold_ms for r in natural)),
            Figure("start of speech → clear arrives (understood)", "ms", _known(r.clear_ms for r in natural)),
        ]
    return rows


def _scores(provoked: Provoked, reactions: Iterable[Reaction]) -> tuple[float, ...]:
    return tuple(score for one in reactions for score in turn_scores(provoked.only((one,))))


def _pauses(provoked: Provoked, reactions: Iterable[Reaction]) -> Iterable[float]:
    """Milliseconds for which a voice fell silent that went on."""
    for one in reactions:
        voice = spoken_over(provoked.timeline, one.said)
        if one.sound.act is not Act.TURN and voice is not None:
            rest = [h for h in provoked.timeline.heard if h.turn == voice.turn and h.start >= voice.end]
            if rest and voice.end < one.said.end + SETTLED_S:
                yield 1000 * (rest[0].start - voice.end)


def _ms(seconds: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(1000 * value for value in seconds if value is not None)


def _known(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)
