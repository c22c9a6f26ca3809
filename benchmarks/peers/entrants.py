"""Who is measured, and how each is started: ours as `antiphon bench` starts it, the others by their drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import environments
from definitions import Share, shares

from antiphon.bench.scripted_server import command
from antiphon.bench.serving import serving
from antiphon.bench.trials import framework

DRIVERS = Path(__file__).parent / "drivers"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A framework under a setting. `kind` names its requirements, `driver` its program; empty: it is ours."""

    framework: str
    setting: str
    how: str
    "The setting in a line: the driver holds it as code, `README.md` the reasons."
    kind: str = ""
    driver: str = ""
    package: str = ""
    is_spoken_to: bool = True
    "It hears: what cannot be spoken to is asked in writing, and only its own share is measured."

    def takes(self, kind: str) -> bool:
        """Whether it is measured at that kind of trial. What is remembered is asked of the default setting alone:

        the words are counted from when an agent has fallen silent, however soon that was.
        """
        if kind == "share":
            return True
        return self.is_spoken_to and (kind != "remember" or self.setting == "default")

    @property
    def name(self) -> str:
        return f"{self.framework}, {self.setting}"


LIVEKIT = ("livekit", "livekit_agents.py", "livekit-agents")
OPENAI = ("openai", "openai_voice.py", "openai-agents")
PIPECAT = ("pipecat", "pipecat_ai.py", "pipecat-ai")
ENTRANTS = (
    Entrant("antiphon", "default", "its defaults; Silero, one model for all callers"),
    Entrant(
        "livekit-agents",
        "default",
        "turn detector v1-mini, interruption after 0.5 s of voice activity",
        *LIVEKIT,
    ),
    Entrant("pipecat", "default", "Silero, speech after 0.2 s, Smart Turn v3 ends a turn", *PIPECAT),
    Entrant(
        "livekit-agents",
        "fastest",
        "a turn ends by voice activity, no delay; interruption after 0.05 s; voice prepared; no warm-up",
        *LIVEKIT,
    ),
    Entrant("openai-agents", "default", "its VoicePipeline, asked in writing", *OPENAI, is_spoken_to=False),
    Entrant(
        "pipecat", "fastest", "Silero, speech after 0.032 s; a turn ends by it, no delay; no RTVI", *PIPECAT
    ),
)


@dataclass(frozen=True, slots=True)
class Script:
    """What an agent answers, what it understands, and how long its voice takes for a letter.

    Of the voice of the others: `recording` names a file of sentences said as a person says them, not in tones, and
    `tells_words` says whether it tells when each word is heard. Ours always does: its port asks for it.
    """

    reply: str
    hears: str
    char_ms: float
    tells_words: bool = False
    recording: Path | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """An entrant that runs, with what it notes."""

    url: str
    notes: Path

    def shares(self) -> list[Share]:
        """The own share of each turn so far."""
        if self.notes.is_dir():
            files = sorted((self.notes / "journals").glob("*.jsonl"))
            told = [row for file in files for row in framework.shares(file)]
            return [Share(row.session, "spoken" if row.is_speculated else "typed", row.ms) for row in told]
        return shares(self.notes.read_text(encoding="utf-8").splitlines())


@asynccontextmanager
async def running(entrant: Entrant, script: Script, folder: Path) -> AsyncIterator[Server]:
    """The entrant serves the script until the block is left. Raises SetupError when it does not come up."""
    if not entrant.kind:
        home = folder / "antiphon"
        argv = command(home, ears="silero", reply=script.reply, hears=script.hears, char_ms=script.char_ms)
        notes = home
    else:
        notes = folder / "notes.jsonl"
        notes.touch()
        argv = (
            *(str(environments.python(entrant.kind)), "-u", str(DRIVERS / entrant.driver)),
            *("--setting", entrant.setting, "--word-times", "yes" if script.tells_words else "no"),
            *("--reply", script.reply, "--hears", script.hears, "--char-ms", str(script.char_ms)),
            *("--notes", str(notes), *(("--recording", str(script.recording)) if script.recording else ())),
        )
    async with serving(command=argv) as url:
        yield Server(url, notes)
