"""What the ears make of what is said, hummed and coughed over the agent's voice, and what the policy makes of that.

    python benchmarks/interjections.py [--half tuned]

Each sound by itself, once it is over, by every voice of the machine: the recognizer's words and how sure it is of them,
seconds that the detector takes for voice, and the verdict. `TurnPolicy.aside`, `doubtful` and `doubt` were set by the
half `tuned`; whoever looks at the other has to write new lines before they measure again.
"""

from __future__ import annotations

import argparse
import asyncio

from antiphon.bench.noises import NOISES
from antiphon.bench.timeline import Act
from antiphon.bench.trials.interjections import HELD, TUNED, Interjection, interjections
from antiphon.bench.voices import CallerVoice, found_voices
from antiphon.core.audio import Pcm
from antiphon.core.turns import TurnPolicy
from antiphon.providers.local_silero import SileroVad
from antiphon.providers.registry import recognizer
from antiphon.session.ears import EarsPolicy

SPOKEN = (Act.TURN, Act.BACKCHANNEL, Act.TIC)


async def voiced(vad: SileroVad, pcm: Pcm) -> float:
    """Seconds of the sound that are taken for voice."""
    activity, size, found = vad.open(), 2 * vad.frame, 0.0
    for at in range(0, len(pcm.data) - size + 1, size):
        p = await activity.probability(Pcm(pcm.data[at : at + size], vad.rate))
        found += (p >= EarsPolicy.stop_below) * vad.frame / vad.rate
    return found


async def said(one: Interjection, voices: list[CallerVoice]) -> list[tuple[str, Pcm]]:
    """The sound, by whom."""
    if one.noise:
        return [(f"seed {one.seed}", NOISES[one.noise](one.seed))]
    return [(voice.name, await voice.say(one.text)) for voice in voices]


async def main(half: str) -> None:
    hearing, vad, policy, voices = recognizer(), SileroVad(), TurnPolicy(), found_voices()
    print("| what | by | words | sure | voice | verdict |\n| --- | --- | --- | --- | --- | --- |")
    for one in interjections(half):
        if one.act not in SPOKEN:
            continue
        for by, pcm in await said(one, voices):
            utterance = hearing.open()
            utterance.push(pcm)
            heard, seconds = await utterance.settle(), await voiced(vad, pcm)
            verdict = policy.judge(heard.text, seconds, is_over=True, confidence=heard.confidence)
            sure, what = f"{heard.confidence:.2f}", f"{one.act}: {one.text}"
            print(f"| {what} | {by} | {heard.text} | {sure} | {seconds:.2f} s | {verdict} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--half", choices=[TUNED, HELD], default=TUNED, help="which lines")
    asyncio.run(main(parser.parse_args().half))
