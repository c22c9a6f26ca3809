"""What tests of the page share: files in which somebody speaks, and scripts that drive a browser."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.agent.guardrail import Gate
from antiphon.bench.wav import write_wav
from antiphon.core.audio import silence
from antiphon.providers.local_hibari import Hibari

UI = Path(__file__).parents[2] / "ui"


@dataclass(frozen=True)
class Server:
    """One of our own, and where its data lies."""

    url: str
    home: Path


@dataclass(frozen=True)
class Speech:
    """A question with a long answer, and another to speak over it, whose answer is 20."""

    question: Path
    interruption: Path


async def speak(text: str, path: Path, before_s: float = 0.0, after_s: float = 0.0) -> Path:
    """The text in a voice, with that much silence around it."""
    voice = Hibari()
    sound = silence(before_s, voice.rate)
    async for piece in voice.speak(Gate.vouch(text)):
        sound += piece.pcm
    write_wav(path, sound + silence(after_s, voice.rate))
    voice.close()
    return path


async def run(script: str, *options: str) -> dict[str, Any]:
    """What a script of `ui/e2e` reports."""
    node = await asyncio.create_subprocess_exec(
        *("node", f"e2e/{script}", *options),
        cwd=UI,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await node.communicate()
    assert out, err.decode()
    report: dict[str, Any] = json.loads(out)
    return report


async def talked_over(url: str, speech: Speech) -> dict[str, Any]:
    """What came of asking the question aloud at that address, and of speaking over its answer."""
    said = ("--question", str(speech.question), "--interruption", str(speech.interruption))
    return await run("barge.mjs", "--url", url, *said, "--expect", "20", "--timeout", "60")


def callers(report: dict[str, Any]) -> list[str]:
    """The caller's lines of a transcript."""
    return [line["text"] for line in report["transcript"] if line["who"] == "caller"]
