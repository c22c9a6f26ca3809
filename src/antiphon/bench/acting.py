"""A persona in a real call: says its lines, and does over the answers what it has a habit of doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from antiphon.bench.caller import Caller
from antiphon.bench.headset import Utterance
from antiphon.bench.listening import said, timeline
from antiphon.bench.network import Network
from antiphon.bench.noises import NOISES, murmur
from antiphon.bench.personas import Over, Persona, Step
from antiphon.bench.timeline import Act, Said, Span, Timeline
from antiphon.bench.voices import SPEECH_DBFS, CallerVoice, levelled
from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError

ASIDE_DB = -12.0
LINE_AFTER_S = 0.4
"Seconds after the answer, in which a caller takes breath."
NOISE_S = 20.0
"Seconds after which the noise around a caller repeats itself."


@dataclass(slots=True)
class Actor:
    """Somebody at the telephone. `perform` may be called for one step after the other, on one connection or several."""

    persona: Persona
    voice: CallerVoice
    other: CallerVoice
    "Whoever is talked to besides speaks like this as well."
    did: list[Said] = field(default_factory=list)
    _ready: dict[tuple[str, float], tuple[Pcm, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, persona: Persona, voices: Sequence[CallerVoice]) -> Actor:
        """The persona with the voice that it has among these. Raises SetupError when there is none."""
        if not voices:
            raise SetupError("nobody can speak: the machine has no voice")
        voice = next((one for one in voices if one.name == persona.voice), voices[0])
        return cls(persona, voice, next((one for one in voices if one is not voice), voice))

    def enter(self, caller: Caller, seed: int = 0) -> None:
        """The call sounds as it does where the persona is, and its frames go the persona's way."""
        caller.network = Network(self.persona.loss, self.persona.jitter_s, seed)
        if self.persona.noise_dbfs is not None:
            caller.microphone.surround(murmur(seed, NOISE_S, self.persona.noise_dbfs))

    async def prepare(self, step: Step) -> None:
        """All the step's sounds are made, so that nothing is waited for in the call. Raises SetupError."""
        await self._line(step)
        for over in step.over:
            await self._sound(over)

    async def perform(self, caller: Caller, step: Step) -> Utterance:
        """The line was said, its answer heard to its end, and all done over it. Raises TimeoutError, CallDropped."""
        sound, pause_at = await self._line(step)
        utterance = await caller.say(sound, caller.now + LINE_AFTER_S)
        pauses = (Span(pause_at, pause_at + step.pause_s),) if step.pause_s else ()
        self.did.append(said(utterance, text=step.text, pauses=pauses))
        last = utterance
        for over in step.over:
            spoke = await caller.agent_speaks()
            if caller.is_idle:
                break
            # What comes in silence would be another thing than what was planned.
            made = caller.start_saying(await self._sound(over), max(spoke + over.after_s, caller.now + 0.1))
            await caller.wait_for(lambda made=made: made.is_sent)  # type: ignore[misc]
            self.did.append(said(made, over.act, over.text))
            last = made if over.act is Act.TURN else last
        await caller.wait_reply(last)
        return utterance

    def timeline(self, caller: Caller) -> Timeline:
        """The call so far."""
        return timeline(caller, self.did)

    async def _line(self, step: Step) -> tuple[Pcm, float]:
        key = (step.text, step.pause_s)
        if key not in self._ready:
            if step.pause_s:
                sound, pause_at = await self.voice.say_broken(step.text, step.pause_s)
            else:
                sound, pause_at = await self.voice.say(step.text), 0.0
            self._ready[key] = levelled(sound), pause_at
        return self._ready[key]

    async def _sound(self, over: Over) -> Pcm:
        if over.noise:
            return NOISES[over.noise](over.seed)
        voice, level = (self.other, ASIDE_DB) if over.act is Act.ASIDE else (self.voice, 0.0)
        return levelled(await voice.say(over.text), SPEECH_DBFS + level)
