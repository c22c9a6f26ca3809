"""A plugin of LiveKit Agents for tests: its classes follow a script, and those of the framework do the rest.

Its name in the settings is `livekit/antiphon.testing.fake_livekit/<model>`; needs the extra `livekit`.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, llm, stt, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, http_context

from antiphon.agent.guardrail import Gate
from antiphon.ports import Message, ToolCall
from antiphon.testing.models import COUNTED_IN, COUNTED_OUT, Cues, Script, choose, script
from antiphon.testing.voices import ScriptedSynthesizer

WORDS = "one two three four five six seven eight nine ten"
SECONDS_PER_WORD = 0.4
Trouble = Exception | float
"An error that is raised, or seconds in which nothing comes."


class STT(stt.STT[str]):
    """Hears a word for every 0.4 s of sound that is not silent. Requests meet `troubles` in order, then none."""

    def __init__(self, model: str = "streaming") -> None:
        streams = model == "streaming"
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=streams, interim_results=streams, offline_recognize=True
            )
        )
        self.troubles: deque[Trouble] = deque()
        self.sessions: set[object] = set()
        "The HTTP sessions it was given."
        self.open = 0
        "Streams under way."
        self.asked = 0

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        self.asked += 1
        self.sessions.add(http_context.http_session())
        self.open += 1
        try:
            await _meet(self.troubles)
        finally:
            self.open -= 1
        frames = buffer if isinstance(buffer, list) else [buffer]
        return event(stt.SpeechEventType.FINAL_TRANSCRIPT, _words(sum(map(_loud_seconds, frames))))

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return _Hearing(self, conn_options)


class _Hearing(stt.RecognizeStream):
    def __init__(self, plugin: STT, options: APIConnectOptions) -> None:
        self._plugin = plugin
        super().__init__(stt=plugin, conn_options=options, sample_rate=8000)

    async def _run(self) -> None:
        self._plugin.asked += 1
        self._plugin.sessions.add(http_context.http_session())
        self._plugin.open += 1
        told, loud = 0, 0.0
        try:
            async for frame in self._input_ch:
                if not isinstance(frame, rtc.AudioFrame):
                    continue
                loud += _loud_seconds(frame)
                words = _words(loud).split()
                # The words up to the last but three stand; those after them may still change.
                if len(words) - told > 3:
                    told = len(words) - 1
                    self._event_ch.send_nowait(
                        event(stt.SpeechEventType.FINAL_TRANSCRIPT, " ".join(words[told - 3 : told]))
                    )
                if len(words) > told:
                    self._event_ch.send_nowait(
                        event(stt.SpeechEventType.INTERIM_TRANSCRIPT, " ".join(words[told:]))
                    )
            await _meet(self._plugin.troubles)
            rest = " ".join(_words(loud).split()[told:])
            self._event_ch.send_nowait(event(stt.SpeechEventType.FINAL_TRANSCRIPT, rest))
        finally:
            self._plugin.open -= 1


def event(kind: stt.SpeechEventType, text: str) -> stt.SpeechEvent:
    """The event that tells `text`; one without a text has no alternatives."""
    data = stt.SpeechData(language="en", text=text, confidence=0.9)  # type: ignore[arg-type]
    return stt.SpeechEvent(kind, alternatives=[data] if text else [])


class TTS(tts.TTS[str]):
    """Says words as tones (`ScriptedSynthesizer`), after silence. Requests meet `troubles`: before the first
    sound, or half-way if `breaks_late`."""

    def __init__(self, model: str = "streaming", voice: str = "plain") -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=model == "streaming"),
            sample_rate=24_000 if model == "streaming" else 16_000,
            num_channels=1 if model == "streaming" else 2,
        )
        self.voice = voice
        self.troubles: deque[Trouble] = deque()
        self.breaks_late = False
        self.sessions: set[object] = set()
        self.said: list[str] = []
        self.open = 0

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Chunks(self, text, conn_options)

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.SynthesizeStream:
        return _Speaking(self, conn_options)

    async def tell(self, text: str, output: tts.AudioEmitter) -> None:
        """`text` has been said."""
        self.said.append(text)
        self.sessions.add(http_context.http_session())
        self.open += 1
        try:
            if not self.breaks_late:
                await _meet(self.troubles)
            output.push(bytes(2 * self.num_channels * self.sample_rate // 5))
            words = 0
            async for piece in ScriptedSynthesizer(rate=self.sample_rate).speak(Gate.vouch(text)):
                samples = array("h", piece.pcm.data)
                if self.num_channels == 2:
                    samples = array("h", [sample for one in samples for sample in (one, 0)])
                output.push(samples.tobytes())
                words += 1
                if self.breaks_late and words == 3:
                    output.flush()
                    await asyncio.sleep(0.05)
                    await _meet(self.troubles)
        finally:
            self.open -= 1


class _Chunks(tts.ChunkedStream):
    def __init__(self, plugin: TTS, text: str, options: APIConnectOptions) -> None:
        self._plugin = plugin
        super().__init__(tts=plugin, input_text=text, conn_options=options)

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id="1",
            sample_rate=self._plugin.sample_rate,
            num_channels=self._plugin.num_channels,
            mime_type="audio/pcm",
        )
        await self._plugin.tell(self.input_text, output_emitter)


class _Speaking(tts.SynthesizeStream):
    def __init__(self, plugin: TTS, options: APIConnectOptions) -> None:
        self._plugin = plugin
        super().__init__(tts=plugin, conn_options=options)

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id="1",
            sample_rate=self._plugin.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
            stream=True,
        )
        output_emitter.start_segment(segment_id="1")
        text = ""
        async for part in self._input_ch:
            text += part if isinstance(part, str) else ""
        self._mark_started()
        await self._plugin.tell(text, output_emitter)
        output_emitter.end_segment()


class LLM(llm.LLM[str]):
    """Replies by `cues`. `writing` counts the replies under way; `asked` keeps the conversations."""

    def __init__(self, model: str = "") -> None:
        super().__init__()
        self.cues: Cues = ("Yes.",)
        self.writing = 0
        self.asked: list[tuple[llm.ChatContext, list[llm.Tool]]] = []
        self.sessions: set[object] = set()

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        self.asked.append((chat_ctx, tools or []))
        return _Writing(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Writing(llm.LLMStream):
    async def _run(self) -> None:
        plugin = self._llm
        assert isinstance(plugin, LLM)
        plugin.sessions.add(http_context.http_session())
        plugin.writing += 1
        try:
            await self._tell(script(_cue(plugin, self.chat_ctx)))
        finally:
            plugin.writing -= 1

    async def _tell(self, told: Script) -> None:
        await asyncio.sleep(told.first_s)
        if told.status >= 400:
            raise APIStatusError("by script", status_code=told.status)
        for number, piece in enumerate(told.pieces):
            if number == told.stops_after:
                break
            await asyncio.sleep(told.piece_s if number else 0)
            self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=_delta(piece)))
        if told.stop == "hang":
            await asyncio.sleep(3600)
        if told.stop == "garbage":
            raise ValueError("this is no JSON")
        if told.stops_after is not None:
            raise APIError("broken off by script")
        usage = llm.CompletionUsage(
            prompt_tokens=COUNTED_IN,
            prompt_cached_tokens=4,
            completion_tokens=COUNTED_OUT,
            total_tokens=COUNTED_IN + COUNTED_OUT,
        )
        self._event_ch.send_nowait(llm.ChatChunk(id="1", usage=usage))


def _cue(plugin: LLM, conversation: llm.ChatContext) -> str | Script:
    said = [
        Message("user", item.text_content or "")
        for item in conversation.items
        if item.type == "message" and item.role == "user"
    ]
    cue = choose(plugin.cues, len(plugin.asked) - 1, said)
    assert isinstance(cue, str | Script)
    return cue


def _delta(piece: str | ToolCall) -> llm.ChoiceDelta:
    if isinstance(piece, str):
        return llm.ChoiceDelta(role="assistant", content=piece)
    call = llm.FunctionToolCall(name=piece.name, arguments=piece.arguments, call_id=piece.id)
    return llm.ChoiceDelta(role="assistant", tool_calls=[call])


async def _meet(troubles: deque[Trouble]) -> None:
    trouble = troubles.popleft() if troubles else 0.0
    if isinstance(trouble, Exception):
        raise trouble
    await asyncio.sleep(trouble)


def _loud_seconds(frame: rtc.AudioFrame) -> float:
    samples = array("h", bytes(frame.data))
    return sum(abs(sample) > 500 for sample in samples) / frame.sample_rate


def _words(loud_s: float) -> str:
    return " ".join(WORDS.split()[: int(loud_s / SECONDS_PER_WORD + 0.05)])
