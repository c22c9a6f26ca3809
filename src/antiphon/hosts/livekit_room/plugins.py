"""Our recognizers, voices and detectors as plugins for any `AgentSession` of LiveKit's, offline and without a key."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, llm, stt, tts, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, shortuuid

from antiphon.agent.guardrail import Guardrail
from antiphon.core.audio import BYTES_PER_SAMPLE
from antiphon.core.errors import ProviderError
from antiphon.core.tails import completeness
from antiphon.core.turns import TurnPolicy
from antiphon.hosts.livekit_room.checked import Checked
from antiphon.hosts.livekit_room.hearing import LANGUAGE, mono
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.ports import Recognizer, Synthesizer, VoiceActivityDetector
from antiphon.session.ears import EarsPolicy
from antiphon.session.frames import Frames
from antiphon.session.resampling import Resampler

PROVIDER = "antiphon"
LIKELY = 0.5
"P(the speaker has finished) from which a turn counts as over."


class RoomVad(vad.VAD):
    """A `VoiceActivityDetector` of ours. All sessions of a process share its model."""

    def __init__(self, detector: VoiceActivityDetector, policy: EarsPolicy | None = None) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=detector.frame / detector.rate))
        self.detector = detector
        self.policy = policy or EarsPolicy()

    @property
    def provider(self) -> str:
        return PROVIDER

    def stream(self) -> vad.VADStream:
        return _VadStream(self)


class _VadStream(vad.VADStream):
    """Speech and silence of one caller, frame by frame."""

    def __init__(self, plugin: RoomVad) -> None:
        self._detector, self._policy = plugin.detector, plugin.policy
        self._window = self._detector.frame / self._detector.rate
        self._is_speaking = False
        self._speech = self._silence = 0.0
        "Seconds, as published: of the burst, or of the silence."
        self._quiet = 0.0
        self._samples = 0
        self._recent = bytearray()
        "The burst, with the sound before it."
        super().__init__(plugin)

    async def _main_task(self) -> None:
        clock = asyncio.get_running_loop().time
        frames = Frames(self._detector, self._judged, clock, self._policy.max_behind)

        async def push() -> None:
            async for item in self._input_ch:
                if isinstance(item, rtc.AudioFrame):
                    frames.push(mono(item))

        async with asyncio.TaskGroup() as tasks:
            judging = tasks.create_task(frames.run(), name="vad: judge")
            await push()
            judging.cancel()

    def _judged(self, frame: bytes, p: float, arrived: float) -> None:
        policy, window = self._policy, self._window
        self._samples += len(frame) // BYTES_PER_SAMPLE
        self._recent += frame
        is_loud = p >= (policy.stop_below if self._is_speaking else policy.start_at)
        self._quiet = 0.0 if is_loud else self._quiet + window
        has_begun = is_loud and not self._is_speaking
        has_ended = self._is_speaking and self._quiet >= policy.min_silence
        if has_begun:
            self._is_speaking, self._speech, self._silence = True, 0.0, 0.0
        if self._is_speaking:
            self._speech += window
        else:
            self._silence += window
            most = round(policy.pre_roll * self._detector.rate) * BYTES_PER_SAMPLE
            del self._recent[:-most]
        if has_begun:
            self._tell(vad.VADEventType.START_OF_SPEECH, p, bytes(self._recent))
        self._tell(vad.VADEventType.INFERENCE_DONE, p, frame)
        if has_ended:
            self._is_speaking, self._silence = False, self._quiet
            self._speech = max(0.0, self._speech - self._quiet)
            self._tell(vad.VADEventType.END_OF_SPEECH, p, bytes(self._recent))
            self._speech = 0.0

    def _tell(self, kind: vad.VADEventType, p: float, sound: bytes) -> None:
        rate = self._detector.rate
        self._event_ch.send_nowait(
            vad.VADEvent(
                kind,
                samples_index=self._samples,
                timestamp=time.time(),
                speech_duration=self._speech,
                silence_duration=self._silence,
                frames=[rtc.AudioFrame(sound, rate, 1, len(sound) // BYTES_PER_SAMPLE)],
                probability=p,
                speaking=self._is_speaking,
                raw_accumulated_silence=self._quiet,
                raw_accumulated_speech=self._speech,
            )
        )


class RoomStt(stt.STT[str]):
    """A `Recognizer` of ours, an utterance at a time. LiveKit cuts the utterances with its VAD."""

    def __init__(self, recognizer: Recognizer) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._recognizer = recognizer

    @property
    def provider(self) -> str:
        return PROVIDER

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        sound = mono(rtc.combine_audio_frames(buffer))
        if sound.rate != self._recognizer.rate:
            sound = Resampler(sound.rate, self._recognizer.rate).resample(sound)
        recognition = self._recognizer.open()
        try:
            recognition.push(sound)
            heard = await recognition.settle()
        except ProviderError as error:
            raise APIError(str(error), retryable=error.retryable) from error
        finally:
            await recognition.close()
        found = stt.SpeechData(language=LANGUAGE, text=heard.text.strip(), confidence=heard.confidence)  # type: ignore[arg-type]
        return stt.SpeechEvent(
            stt.SpeechEventType.FINAL_TRANSCRIPT,
            request_id=shortuuid("stt_"),
            alternatives=[found] if found.text else [],
        )


class RoomTts(tts.TTS[str]):
    """A `Synthesizer` of ours behind a guardrail: it says only what that allows."""

    def __init__(self, synthesizer: Synthesizer, guardrail: Guardrail, voice: str = "") -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=synthesizer.rate, num_channels=1
        )
        self.synthesizer = synthesizer
        self.checked = Checked(guardrail)
        self.voice = voice

    @property
    def provider(self) -> str:
        return PROVIDER

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _TtsStream(self, text, conn_options)


class _TtsStream(tts.ChunkedStream):
    """One text on its way to sound."""

    def __init__(self, plugin: RoomTts, text: str, options: APIConnectOptions) -> None:
        super().__init__(tts=plugin, input_text=text, conn_options=options)
        self._plugin = plugin

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        plugin = self._plugin
        output_emitter.initialize(
            request_id=shortuuid("tts_"),
            sample_rate=plugin.synthesizer.rate,
            num_channels=1,
            mime_type="audio/pcm",
        )
        approved = await plugin.checked.approve(self.input_text)
        if approved is None:
            raise APIError("the guardrail does not let this be said", retryable=False)
        try:
            async for piece in plugin.synthesizer.speak(approved, plugin.voice):
                output_emitter.push(piece.pcm.data)
        except ProviderError as error:
            raise APIError(str(error), retryable=error.retryable) from error
        output_emitter.flush()


class TextTurns:
    """A turn detector that goes by the words alone. For an `AgentSession` that has no session of ours."""

    model = "tails"
    provider = PROVIDER

    async def supports_language(self, language: object) -> bool:
        return True

    async def unlikely_threshold(self, language: object) -> float | None:
        return LIKELY

    async def predict_end_of_turn(self, chat_ctx: llm.ChatContext, *, timeout: float | None = None) -> float:
        """P(the user has finished), by the last thing they said."""
        said = next((item for item in reversed(chat_ctx.messages()) if item.role == "user"), None)
        return completeness(None, said.text_content or "") if said is not None else LIKELY


class GradedTurns(TextTurns):
    """Ends a turn when our policy would: the surer that it is over, the sooner. It answers no earlier than that.

    With this the framework's own waits are zero: there is no step between a short wait and a long one.
    """

    model = "graded"

    def __init__(self, line: RoomLine, policy: TurnPolicy | None = None) -> None:
        self._line = line
        self._policy = policy or TurnPolicy()
        self._clock = asyncio.get_running_loop().time

    async def predict_end_of_turn(self, chat_ctx: llm.ChatContext, *, timeout: float | None = None) -> float:
        """1 once the user has been silent for long enough. LiveKit cancels this when they speak again."""
        news = self._line.news
        while (left := self._left()) > 0:
            news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await news.wait()  # what makes it surer may come at any time
        return 1.0

    def _left(self) -> float:
        """Seconds of silence that are still waited for."""
        conversation = self._line.conversation
        if conversation is None or not conversation.words.text:
            return 0.0
        words = conversation.words
        wait = self._policy.wait(words.completeness, conversation.expect, conversation.reply.is_understood)
        return words.silent_since - self._line.lag + wait - self._clock()


class Mind(llm.LLM[str]):
    """Stands for the model of agents whose answers come from a session of ours. Nobody asks it."""

    @property
    def model(self) -> str:
        return "session"

    @property
    def provider(self) -> str:
        return PROVIDER

    def chat(self, *, chat_ctx: llm.ChatContext, **options: Any) -> llm.LLMStream:
        raise TypeError("the answers of this agent come from its llm_node")
