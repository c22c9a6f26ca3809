"""A person beside the agent: whispers to it, has it say things, takes its place, and hands back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from antiphon.agent.guardrail import Block, Gate, Guardrail, Verdict
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.core.notes import Attended, Note, Whispered
from antiphon.session.ears import Ears, EarsPolicy

PERSON_PAUSE = 0.7
"Seconds of silence that end a line of a supervisor: nobody waits for it to be answered."

MakeEars = Callable[[EarsPolicy, Callable[[e.UserEvent], None]], Ears]


class Supervision:
    """The people who stand by one session. `by` is who acts, as the caller is told. Owned by its session."""

    def __init__(
        self,
        guardrail: Guardrail,
        tell: Callable[[e.Event | Note], None],
        relay: Callable[[Pcm], None],
        make_ears: MakeEars,
        whispers: list[str] | None = None,
        taken_over_by: str = "",
    ) -> None:
        self.taken_over_by = taken_over_by
        self.whispers = whispers or []
        "What was whispered so far, oldest first."
        self._gate = Gate(guardrail)
        self._tell = tell
        self._relay = relay
        self._make_ears = make_ears
        self._ears: Ears | None = None
        self._hearing: asyncio.Task[None] | None = None
        self.tasks: asyncio.TaskGroup | None = None
        "Of the session, while it runs."

    def join(self, by: str) -> None:
        """The supervisor stands by; the caller is told."""
        self._tell(Attended(by, is_there=True))

    def leave(self, by: str) -> None:
        """The supervisor is gone, and the agent speaks for itself again."""
        if self.taken_over_by == by:
            self.hand_back(by)
        self._tell(Attended(by, is_there=False))

    def whisper(self, by: str, text: str) -> None:
        """The agent minds `text` from its next answer on; the caller learns nothing of it."""
        self.whispers.append(text)
        self._tell(Whispered(by, text))

    async def say(self, by: str, text: str) -> Verdict:
        """The agent says `text` when nobody speaks, unless the verdict on it is a block."""
        self._gate.begin_reply()
        approved, verdict = await self._gate.approve(text)
        if approved is not None and not isinstance(verdict, Block):
            self._tell(e.LineGiven(by, approved))
        return verdict

    def take_over(self, by: str) -> None:
        """The agent is silent, and `by`'s voice goes to the caller. Raises CallerError when another has taken over."""
        if self.taken_over_by and self.taken_over_by != by:
            raise CallerError(f"{self.taken_over_by} has taken over already", code="taken_over")
        if self.taken_over_by:
            return
        self.taken_over_by = by
        self._tell(e.TakenOver(by))

    def hand_back(self, by: str) -> None:
        """The agent speaks for itself again. Raises CallerError for one who has not taken over."""
        if self.taken_over_by != by:
            raise CallerError("only who has taken over can hand back", code="not_taken_over")
        self.taken_over_by = ""
        if self._hearing is not None:
            self._hearing.cancel()
        self._hearing = self._ears = None
        self._tell(e.HandedBack(by))

    def voice(self, by: str, pcm: Pcm) -> None:
        """The caller hears `pcm`, and its words are remembered. Ignored of one who has not taken over."""
        if by != self.taken_over_by or self.tasks is None:
            return
        self._relay(pcm)
        if self._ears is None:
            self._ears = self._make_ears(EarsPolicy(min_silence=PERSON_PAUSE), self._heard)
            self._hearing = self.tasks.create_task(self._ears.run(), name="supervisor's ears")
        self._ears.push(pcm)

    def stop(self) -> None:
        """Nothing is listened to any more."""
        if self._hearing is not None:
            self._hearing.cancel()

    def _heard(self, event: e.UserEvent) -> None:
        """Every pause of the person ends a line."""
        if isinstance(event, e.Transcribed) and event.text and self._ears is not None:
            self._tell(e.PersonSpoke(self.taken_over_by, event.text))
            self._ears.cut(event.utterance)
