"""The trials: the same callers do the same with every framework, and measure it on what they hear.

The callers, the sounds, giving way and the load are those of `antiphon.bench`; nothing here knows who answers.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from definitions import Word, difference, heard

from antiphon.agent.guardrail import Gate
from antiphon.bench.caller import Caller, call
from antiphon.bench.line import CallDropped
from antiphon.bench.metrics import yields
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.timeline import Act
from antiphon.bench.trials import load, yielding
from antiphon.bench.trials.interjections import HELD, interjections
from antiphon.bench.trials.trial import heard_out, hush, remembered
from antiphon.bench.voices import CallerVoice, levelled
from antiphon.core.audio import Pcm
from antiphon.providers import registry

SAYS = "Can you tell me about the other one?"
"Without a comma: a detector that waits for 0.2 s of silence would take two turns for it."
WARM_UP = "Wait, please."
LANES = 4
RATE = 24_000
CHAR_MS = 60.0
"Milliseconds a letter where words are counted: 2.8 words a second, as people talk."
STORY = yielding.REPLY
WORD = re.compile(r"\S+")
Tell = Callable[[str], None]


@dataclass(slots=True)
class Found:
    """The values of each measure, and what went wrong."""

    values: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, measure: str, *values: float) -> None:
        self.values.setdefault(measure, []).extend(values)


# ---- the framework's own share ---------------------------------------------------------------------------
async def take_turns(url: str, said: Pcm | None, turns: int, found: Found, tell: Tell) -> None:
    """`LANES` callers speak and type by turns, `turns` in all, each once the answer before was heard to its end.

    They only type where nothing is `said`.
    """

    door = asyncio.Lock()

    async def converse(lane: int, count: int) -> None:
        try:
            async with AsyncExitStack() as until_done:
                # One after the other: some load a model for each caller, and answer nobody meanwhile.
                async with door:
                    caller = await until_done.enter_async_context(call(url, agent=AGENT))
                await asyncio.sleep(1.0 + 0.37 * lane)
                for turn in range(count):
                    lines = len(remembered(caller))
                    await (caller.type("Hello.") if turn % 2 or said is None else caller.say(said))
                    try:
                        await heard_out(caller, lines + 1, 10)
                    except TimeoutError:
                        found.failures.append(f"turn {turn + 1}: no answer was kept; {_latest(caller)}")
                    await asyncio.sleep(1.0)
                    tell(f"lane {lane}: turn {turn + 1} of {count}")
        except CallDropped as dropped:
            found.failures.append(f"lane {lane}: {dropped}")

    async with asyncio.TaskGroup() as lanes:
        for lane in range(LANES):
            count = turns // LANES + (lane < turns % LANES)
            lanes.create_task(converse(lane, count), name=f"lane {lane}")


# ---- giving way ------------------------------------------------------------------------------------------
def interruptions() -> list[str]:
    """What callers say who want the floor, as our own suite measures it."""
    return [one.text for one in interjections(HELD) if one.act is Act.TURN]


async def talk_over(url: str, voice: CallerVoice, count: int, found: Found, tell: Tell) -> None:
    """`count` of the interruptions of our own suite, spoken over a story.

    One more goes before them that does not count: in the first seconds of its voice livekit-agents hears nobody.
    """
    texts = random.Random(3).sample(interruptions(), count)
    sounds = [
        yielding.Sound(Act.TURN, text, voice.name, levelled(await voice.say(text)))
        for text in (WARM_UP, *texts)
    ]
    provoked = await yielding.provoke(
        lambda: call(url, agent=AGENT), sounds, lambda done: tell(f"interruption {done} of {len(sounds)}")
    )
    found.failures += provoked.failures
    for reaction in provoked.reactions[1:]:
        if reaction.was_speaking:
            found.add("yield.yielded", 100.0 * provoked.is_right(reaction))
            found.add(
                "yield.silent", *(1000 * s for s in yields(provoked.only((reaction,))) if s is not None)
            )
        else:
            found.failures.append(
                f"the agent was silent when {reaction.sound.what!r} began; {reaction.before}"
            )


# ---- heard and remembered --------------------------------------------------------------------------------
async def recorded(folder: Path) -> tuple[Path, list[Word]]:
    """A file that holds the story in the bundled voice, and the words of the story in its sound."""
    voice, table, story, at = registry.synthesizer("local/hibari"), {}, [], 0
    for number, text in enumerate(STORY.split("|")):
        pieces = [piece async for piece in voice.speak(Gate.vouch(text))]
        sound = b"".join(piece.pcm.data for piece in pieces)
        marks = sorted((mark.chars, mark.at) for piece in pieces for mark in piece.marks)
        words: list[tuple[str, float, float]] = []
        for word in WORD.finditer(text):
            stop = next(at for chars, at in marks if chars >= word.end())
            # The voice tells only the ends: a word begins where the one before it ended.
            words.append((word[0], words[-1][2] if words else 0.0, stop / RATE))
            story.append((word[0], at + round(words[-1][1] * RATE), at + stop))
        name = f"sentence-{number}.pcm"
        (folder / name).write_bytes(sound)
        table[text] = [name, words]
        at += len(sound) // 2
    file = folder / "recording.json"
    file.write_text(json.dumps(table), encoding="utf-8")
    return file, story


async def interrupt(
    url: str, said: Pcm, cuts: int, words: Sequence[Word], suffix: str, found: Found, tell: Tell
) -> None:
    """One caller interrupts the story at random instants; the words played are compared with those remembered."""
    chance = random.Random(4)
    turn = 0
    try:
        async with call(url, agent=AGENT) as caller:
            # The first three seconds of a session are no fair ground: livekit-agents then hears nobody.
            await asyncio.sleep(3.0)
            is_silent = True
            for cut in range(cuts):
                try:
                    if is_silent:
                        await caller.type("Go on.")
                        is_silent = False
                    turn = await _next_voice(caller, turn)
                    await asyncio.sleep(chance.uniform(0.8, 5.0) + (0.0 if cut else 3.0))
                    lines = len(remembered(caller))
                    await caller.say(said)
                    await heard_out(caller, lines + 1, 8)
                except TimeoutError:
                    found.failures.append(f"cut {cut + 1}: nothing came of it; {_latest(caller)}")
                    await hush(caller)
                    is_silent = True
                    continue
                line = remembered(caller)[lines]
                played, kept = caller.loudspeaker.played(line.turn), line.text.split()
                differing = difference(words, played, kept)
                found.add(f"remember.words{suffix}", float(differing))
                found.add(f"remember.exact{suffix}", 100.0 * (differing == 0))
                tell(f"cut {cut + 1} of {cuts}: heard {len(heard(words, played)[0])}, remembered {len(kept)}")
        found.failures += caller.loudspeaker.faults
    except (CallDropped, TimeoutError) as error:
        found.failures.append(str(error) or "nothing came of an interruption")


def _latest(caller: Caller) -> str:
    """What the server said last, for a failure's text."""
    told = [f"{a.message.type} {a.at - caller.now:+.1f} s" for a in caller.messages[-6:]]
    return ", ".join(told)


async def _next_voice(caller: Caller, turn: int) -> int:
    voices = caller.loudspeaker.speaking_since
    await caller.wait_for(lambda: max(voices, default=0) > turn, 15)
    return max(voices)


# ---- load ------------------------------------------------------------------------------------------------
async def crowd(
    url: str, sound: Pcm, sessions: Sequence[int], seconds: float, found: Found, tell: Tell
) -> None:
    """Each step of the load of our own suite: by its very code, so that both are counted alike."""
    steps = [step async for step in load.climb(url, sessions, seconds, sound, tell)]
    for step in steps:
        if step.cpu_per_session_minute is not None:
            found.add(f"load.cpu.{step.callers}", step.cpu_per_session_minute)
        found.add(f"load.response.{step.callers}", *step.responses)
        found.add(f"load.missed.{step.callers}", float(step.missed))
        found.failures += [f"{step.callers} callers: {failure}" for failure in step.failures]
    first, last = steps[0], steps[-1]
    if last.callers > first.callers and last.rss_mb is not None and first.rss_mb is not None:
        found.add("load.memory", (last.rss_mb - first.rss_mb) / (last.callers - first.callers))
