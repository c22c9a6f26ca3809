"""Talk to an agent with recorded questions: one WAV file is one turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from antiphon.bench.caller import REPLY_WITHIN_S, Arrived, Caller
from antiphon.bench.headset import Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.turns import Turn, measure
from antiphon.bench.wav import read_wav, write_wav
from antiphon.bench.waveform import speech_bounds
from antiphon.bench.ways import way
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.wire import native

LEAD_IN_S = 0.3
"Seconds of silence before the first words, in which the server gets to know the room."


@dataclass(frozen=True, slots=True)
class Report:
    """A conversation and its measures. `errors` are sentences; with none, all went well."""

    agent: str
    via: str
    url: str
    session: str = ""
    started_at: str = ""
    "UTC, ISO 8601."
    turns: tuple[Turn, ...] = ()
    errors: tuple[str, ...] = ()
    seconds: float = 0.0
    "How long the call lasted."
    recording: str = ""
    "Where the call was saved: left the caller, right the agent."

    @property
    def exit_code(self) -> int:
        return 1 if self.errors else 0

    def json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """News of a conversation that goes on: a message of the server, or a turn that is over.

    `turn` counts the files from 1 of `total`; 0 before the first.
    """

    turn: int
    total: int
    wav: str = ""
    arrived: Arrived | None = None
    finished: Turn | None = None


@dataclass(slots=True)
class _Conversation:
    """What has been said so far, kept apart so that a call that breaks off leaves what there is."""

    questions: Sequence[tuple[str, Pcm]]
    on_progress: Callable[[Progress], None]
    turns: list[Turn] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def tell(self, progress: Progress) -> None:
        self.on_progress(progress)


async def talk(
    wavs: Sequence[Path | str],
    *,
    url: str,
    agent: str = "tutor",
    via: str = "orchestrate",
    save: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    greet: bool = False,
    timeout_s: float = REPLY_WITHIN_S,
    key: str = "",
) -> Report:
    """The files were said one after the other, each after the reply to the one before was over.

    A reply that does not come within `timeout_s`, and a server that goes away, are told in the report.
    With `save` the call lies there as a stereo WAV. Raises CallerError for what cannot be said and SetupError
    when there is no server.
    """
    talked = _Conversation(questions(wavs, via), on_progress or (lambda progress: None))
    report = Report(agent, via, url, started_at=datetime.now(UTC).isoformat(timespec="milliseconds"))
    async with way(via)(url, agent=agent, greet=greet, key=key) as caller:
        await _converse(caller, talked, greet, timeout_s)
        if save is not None:
            write_wav(save, *caller.recording())
        seconds = round(caller.now, 3)
    return replace(
        report,
        session=caller.ready.session,
        turns=tuple(talked.turns),
        errors=tuple(talked.errors),
        seconds=seconds,
        recording=str(save or ""),
    )


def questions(wavs: Sequence[Path | str], via: str = "orchestrate") -> list[tuple[str, Pcm]]:
    """The files by name and as sound. Raises CallerError for what cannot be said, or not that way."""
    way(via)
    if not wavs:
        raise CallerError("nothing to say: name at least one WAV file", field="wav", code="empty")
    return [(str(wav), _spoken(wav)) for wav in wavs]


async def _converse(caller: Caller, talked: _Conversation, greet: bool, timeout_s: float) -> None:
    total, number, name = len(talked.questions), 0, ""
    caller.on_message = lambda arrived: talked.tell(Progress(number, total, name, arrived))
    try:
        if greet:
            await caller.agent_speaks(timeout_s)
            await caller.wait_idle(timeout_s)
        for number, (name, sound) in enumerate(talked.questions, 1):
            utterance = await caller.say(sound, caller.now + (LEAD_IN_S if number == 1 else 0.0))
            await _hear_out(caller, utterance, name, talked, timeout_s)
            talked.tell(Progress(number, total, name, finished=talked.turns[-1]))
    except CallDropped as dropped:
        talked.errors.append(f"{name or 'before the first turn'}: {dropped}")
        if caller.utterances and len(talked.turns) < number:
            talked.turns.append(replace(measure(caller, caller.utterances[-1]), wav=name))
    except TimeoutError:
        talked.errors.append(f"no greeting within {timeout_s:g} s")
    talked.errors += [
        f"the server refused: {arrived.message.message}"
        for arrived in caller.messages
        if isinstance(arrived.message, native.Refused)
    ]
    talked.errors += caller.loudspeaker.faults
    if late := caller.loudspeaker.frames_after_clear:
        talked.errors.append(f"{late} frames of sound came after their turn was cleared")


async def _hear_out(
    caller: Caller, utterance: Utterance, name: str, talked: _Conversation, timeout_s: float
) -> None:
    """The reply is over and measured, or its absence is noted."""
    try:
        await caller.wait_reply(utterance, timeout_s)
    except TimeoutError:
        talked.errors.append(f"{name}: no finished reply within {timeout_s:g} s")
    talked.turns.append(replace(measure(caller, utterance), wav=name))


def _spoken(wav: Path | str) -> Pcm:
    sound = read_wav(wav)
    if speech_bounds(sound) is None:
        raise CallerError(f"{wav} holds no audible sound; record it louder", field="wav", code="silent")
    return sound
