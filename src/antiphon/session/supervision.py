"""People beside the agent: they whisper to it, have it say things, take its place, and hand back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from antiphon.agent.guardrail import Block, Gate, Guardrail, Verdict
from antiphon.core import events as e
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import CallerError
from antiphon.core.notes import Attended, Note, Whispered
from antiphon.session.bills import billed
from antiphon.session.ears import Ears, EarsPolicy, Paced
from antiphon.session.pace import Pace

PERSON_PAUSE = 0.7
"Seconds of silence that end a line of a supervisor: nobody waits for it to be answered."

MakeEars = Callable[[EarsPolicy, Callable[[e.UserEvent | Paced], None]], Ears]


@dataclass(frozen=True, eq=False, slots=True)
class Supervisor:
    """One who stands by a call. The same person with two pages is two."""

    name: str
    "As the caller is told."


@dataclass(frozen=True, slots=True)
class _Hearing:
    """The words of one supervisor being made out."""

    of: Supervisor
    ears: Ears
    task: asyncio.Task[None]


class Supervision:
    """Those who stand by one session. Owned by it; `by` is who acts."""

    def __init__(
        self,
        guardrail: Guardrail,
        tell: Callable[[e.Event | Note], None],
        relay: Callable[[Pcm], None],
        make_ears: MakeEars,
        whispers: list[str] | None = None,
    ) -> None:
        self.holder: Supervisor | None = None
        "Who has taken over."
        self.whispers = whispers or []
        "What was whispered so far, oldest first."
        self._guardrail = guardrail
        self._tell = tell
        self._relay = relay
        self._make_ears = make_ears
        self._hearing: _Hearing | None = None
        self._pace = Pace(asyncio.get_running_loop().time)
        self.tasks: asyncio.TaskGroup | None = None
        "Of the session, while it runs."

    @property
    def taken_over_by(self) -> str:
        """The name of who has taken over; empty: the agent speaks for itself."""
        return self.holder.name if self.holder is not None else ""

    def join(self, by: Supervisor) -> None:
        """The supervisor stands by; the caller is told."""
        self._tell(Attended(by.name, is_there=True))

    def leave(self, by: Supervisor) -> None:
        """The supervisor is gone. If they had taken over, the agent speaks for itself again."""
        if self.holder is by:
            self.hand_back(by)
        self._tell(Attended(by.name, is_there=False))

    def whisper(self, by: Supervisor, text: str) -> None:
        """The agent minds `text` from its next answer on; the caller learns nothing of it."""
        self.whispers.append(text)
        self._tell(Whispered(by.name, text))

    async def say(self, by: Supervisor, text: str) -> Verdict:
        """The agent says `text` when nobody speaks, unless the verdict on it is a block."""
        approved, verdict = await Gate(self._guardrail).approve(text)
        if approved is not None and not isinstance(verdict, Block):
            self._tell(e.LineGiven(by.name, approved))
        return verdict

    def announce(self, text: str, ends: str = "") -> None:
        """The agent says `text`, which its author wrote, when nobody speaks. `ends`: why it is the last thing said."""
        self._tell(e.LineGiven("", Gate.vouch(text), ends))

    def take_over(self, by: Supervisor) -> None:
        """The agent is silent, and `by`'s voice goes to the caller. Raises CallerError when another has."""
        if self.holder is by:
            return
        if self.holder is not None:
            raise CallerError(f"{self.holder.name} has taken over already", code="taken_over")
        self.holder = by
        self._tell(e.TakenOver(by.name))

    def hand_back(self, by: Supervisor) -> None:
        """The agent speaks for itself again. Raises CallerError for one who has not taken over."""
        if self.holder is not by:
            raise CallerError("only who has taken over can hand back", code="not_taken_over")
        self.holder = None
        if self._hearing is not None:
            # Silence ends their last line, which is still made out.
            self._hearing.ears.push(silence(2 * PERSON_PAUSE, 16_000))
        self._tell(e.HandedBack(by.name))

    def voice(self, by: Supervisor, pcm: Pcm) -> None:
        """The caller hears `pcm`, and its words are remembered. Ignored of one who has not taken over.

        Sound that comes faster than it sounds is lost beyond `pace.MOST_AHEAD`: nothing of it is queued anywhere.
        """
        if by is not self.holder or self.tasks is None or not self._pace.admits(pcm):
            return
        self._relay(pcm)
        if self._hearing is None or self._hearing.of is not by:
            self._stop_hearing()
            self._hearing = self._listen(by, self.tasks)
        self._hearing.ears.push(pcm)

    def stop(self) -> None:
        """Nobody is listened to any more."""
        self._stop_hearing()
        self.tasks = None

    def _listen(self, by: Supervisor, tasks: asyncio.TaskGroup) -> _Hearing:
        def heard(event: e.UserEvent | Paced) -> None:
            """Every pause of the person ends a line."""
            if isinstance(event, e.Transcribed) and event.text:
                self._tell(e.PersonSpoke(by.name, event.text))
                ears.cut(event.utterance)

        async def listen() -> None:
            with billed(lambda: 0, self._tell):
                await ears.run()

        ears = self._make_ears(EarsPolicy(min_silence=PERSON_PAUSE), heard)
        return _Hearing(by, ears, tasks.create_task(listen(), name="supervisor's ears"))

    def _stop_hearing(self) -> None:
        if self._hearing is not None:
            self._hearing.task.cancel()
            self._hearing = None
