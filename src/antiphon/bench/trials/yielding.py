"""How the agent takes speech over its voice.

The agent recites; a caller speaks, coughs or hums over it, with the real voice activity detector, recognizer and
turn detector in between. An interruption is a sentence that wants the floor; "mhm" and its kin, coughs, throats being
cleared and knocks are none. Measured at the caller: from the first audible sample of what the caller
said to the last sample of the agent that the loudspeaker played before it fell silent (stopped), to the arrival of
the order to pause (hold), and to that of the order to drop the rest (clear). An interruption is yielded to when
the rest is dropped; anything else is survived when it is not, up to `SETTLED_S` after the caller fell silent: the
agent went on from the very sample, or never paused.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from antiphon.bench.caller import Caller, call
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, least, p50_p95
from antiphon.bench.headset import Loudspeaker, Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.noises import NOISES
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.trial import Progress, Setup, hush, scripted
from antiphon.core.audio import Pcm
from antiphon.wire import native

TITLE = "Giving way"
SETTLED_S = 2.5
"Seconds after the caller's sound by which it has been judged: the policy's longest wait is half of that."
ROUNDS = 2
GOALS = p50_p95(100, 150)
INTERRUPTIONS = (
    "Wait, I meant the other one.",
    "Stop.",
    "No, that is not what I asked.",
    "Hold on a second.",
    "Actually, can we talk about something else?",
    "Excuse me, I have a question.",
    "Can you say that again?",
    "What about the second one?",
)
BACKCHANNELS = ("Mhm.", "Uh-huh.", "Yeah.", "Okay.", "Right.", "I see.")
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

    kind: str
    "interruption, backchannel or noise"
    what: str
    by: str
    pcm: Pcm
    is_natural: bool = True


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the agent did. Milliseconds from the sound's first audible sample; None: it did not happen."""

    sound: Sound
    stopped_ms: float | None = None
    hold_ms: float | None = None
    clear_ms: float | None = None
    resume_ms: float | None = None
    was_speaking: bool = True
    before: str = ""
    "The latest orders and phases before the sound began."
    understood: str = ""
    "What the recognizer made of it, as far as the agent waited for that."

    @property
    def is_right(self) -> bool:
        return (self.clear_ms is not None) == (self.sound.kind == "interruption")

    def detail(self) -> Detail:
        return {
            "kind": self.sound.kind,
            "what": self.sound.what,
            "by": self.sound.by,
            "understood": self.understood,
            "stopped_ms": self.stopped_ms,
            "hold_ms": self.hold_ms,
            "clear_ms": self.clear_ms,
            "resume_ms": self.resume_ms,
            "is_right": self.is_right,
        }


async def run(setup: Setup) -> Outcome:
    """Every sound was made, `setup.repeats` times by natural voices; once by the robots, to interrupt."""
    begun = time.monotonic()
    sounds = await _sounds(setup)

    def tell(done: int) -> None:
        setup.tell(Progress("yield", done, len(sounds), sounds[min(done, len(sounds) - 1)].kind))

    async with scripted(ears="real", reply=REPLY, char_ms=CHAR_MS) as url:
        reactions, failures = await provoke(url, sounds, tell)
    failures += [
        f"the agent was not speaking when {r.sound.what!r} began; before that came {r.before}"
        for r in reactions
        if not r.was_speaking
    ]
    return Outcome(
        "yield",
        TITLE,
        __doc__ or "",
        tuple(figures([reaction for reaction in reactions if reaction.was_speaking])),
        details=tuple(reaction.detail() for reaction in reactions),
        failures=tuple(failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def provoke(
    url: str, sounds: Sequence[Sound], tell: Callable[[int], None]
) -> tuple[list[Reaction], list[str]]:
    """Each sound was made while the agent was speaking: what it did, and what went wrong."""
    chance = random.Random(1)
    reactions: list[Reaction] = []
    try:
        async with call(url, agent=AGENT) as caller:
            for done, sound in enumerate(sounds):
                tell(done)
                await _speaking(caller)
                reactions.append(await _react(caller, sound, caller.now + chance.uniform(0.3, 1.3)))
    except CallDropped as dropped:
        return reactions, [str(dropped)]
    except TimeoutError:
        return reactions, [f"after {len(reactions)} sounds the agent did not speak again"]
    tell(len(sounds))
    return reactions, []


async def _sounds(setup: Setup) -> list[Sound]:
    sounds: list[Sound] = []
    rounds = setup.repeats or ROUNDS
    for voice in setup.speakers():
        for number in range(rounds if voice.is_natural else 1):
            for text in INTERRUPTIONS:
                said = await voice.say(text)
                sounds.append(Sound("interruption", text, voice.name, said, voice.is_natural))
            if voice.is_natural:
                for text in BACKCHANNELS:
                    sounds.append(Sound("backchannel", text, voice.name, await voice.say(text)))
                for name, make in NOISES.items():
                    for seed in (2 * number, 2 * number + 1):
                        sounds.append(Sound("noise", name, f"seed {seed}", make(seed)))
    random.Random(2).shuffle(sounds)
    return sounds


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


async def _react(caller: Caller, sound: Sound, at: float) -> Reaction:
    """The sound was made at the time `at`, and judged. Raises CallDropped."""
    utterance = caller.start_saying(sound.pcm, at)
    settled = utterance.speech_end + SETTLED_S
    clear = _Awaited(caller, utterance)
    await caller.wait_for(lambda: caller.now >= settled or clear.arrived(native.Clear) is not None)
    await caller.wait_for(lambda: caller.now >= utterance.end)
    start = utterance.speech_start

    def ms(moment: float | None) -> float | None:
        return None if moment is None else round((moment - start) * 1000, 1)

    stopped = stopped_at(caller.loudspeaker, utterance.start)
    held = clear.arrived(native.Hold)
    return Reaction(
        sound,
        ms(stopped) if held is not None or clear.arrived(native.Clear) is not None else None,
        ms(held),
        ms(clear.arrived(native.Clear)),
        ms(clear.arrived(native.Resume)),
        was_speaking=stopped is not None,
        before=_told_before(caller, utterance.start),
        understood=_understood(caller, utterance.start),
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


@dataclass(frozen=True, slots=True)
class _Awaited:
    """Orders to the player that came since the utterance began.

    Its first breath may be heard by the detector before it counts as audible here: from `start` on.
    """

    caller: Caller
    utterance: Utterance

    def arrived(self, kind: type[native.ServerMessage]) -> float | None:
        return next(
            (
                arrived.at
                for arrived in self.caller.messages
                if arrived.at >= self.utterance.start and isinstance(arrived.message, kind)
            ),
            None,
        )


def stopped_at(loudspeaker: Loudspeaker, at: float) -> float | None:
    """When the last sample left of the sound that was playing at `at`, seconds; None if none was.

    Silence between words is sound here: an agent that pauses between two words has not stopped.
    """
    start = round(at * loudspeaker.rate)
    end: int | None = None
    for stretch in loudspeaker.heard:
        if stretch.at <= (start if end is None else end) < stretch.stop or stretch.at == end:
            end = stretch.stop
    return None if end is None else end / loudspeaker.rate


def figures(reactions: Sequence[Reaction]) -> list[Figure]:
    """What the reactions come to."""
    wanted = [r for r in reactions if r.sound.kind == "interruption"]
    natural = [r for r in wanted if r.sound.is_natural]

    def kept(kind: str) -> tuple[float, ...]:
        return tuple(float(r.is_right) for r in reactions if r.sound.kind == kind)

    needless = tuple(
        r.resume_ms - r.hold_ms
        for r in reactions
        if r.sound.kind != "interruption" and r.resume_ms is not None and r.hold_ms is not None
    )
    return [
        Figure(
            "start of speech → agent silent at the caller", "ms", _known(r.stopped_ms for r in natural), GOALS
        ),
        Figure("start of speech → hold arrives", "ms", _known(r.hold_ms for r in natural), GOALS),
        Figure("the same with robot voices", "ms", _known(r.hold_ms for r in wanted if r not in natural)),
        Figure(
            "start of speech → clear arrives (words understood)", "ms", _known(r.clear_ms for r in natural)
        ),
        Figure(
            "interruptions yielded to",
            "%",
            tuple(float(r.is_right) for r in wanted),
            (least(95),),
            Kind.SHARE,
        ),
        Figure("back-channels survived", "%", kept("backchannel"), (least(90),), Kind.SHARE),
        Figure("coughs, throats and knocks survived", "%", kept("noise"), (least(90),), Kind.SHARE),
        Figure("needless pause: hold → resume", "ms", needless),
    ]


def _known(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)
