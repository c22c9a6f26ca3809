"""Instant providers for livekit-agents, on its own base classes: they know the script, and take no time."""

from __future__ import annotations

from typing import Any

from livekit.agents import llm, stt, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, TimedString

from wire import RATE_OUT, Speaker


class Recognizer(stt.STT):
    """Understands `text`: as an interim when the caller begins to speak, as final once the detector hears the end."""

    def __init__(self, text: str) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self._text = text
        self._streams: list[Recognition] = []

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS, **_: Any
    ) -> Recognition:
        self._streams.append(Recognition(stt=self, conn_options=conn_options))
        return self._streams[-1]

    def understood(self, is_final: bool) -> None:
        kind = stt.SpeechEventType.FINAL_TRANSCRIPT if is_final else stt.SpeechEventType.INTERIM_TRANSCRIPT
        event = stt.SpeechEvent(type=kind, alternatives=[stt.SpeechData(language="en", text=self._text)])
        for stream in self._streams:
            stream.tell(event)

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        raise RuntimeError("this recognizer streams")


class Recognition(stt.RecognizeStream):
    def tell(self, event: stt.SpeechEvent) -> None:
        if not self._event_ch.closed:
            self._event_ch.send_nowait(event)

    async def _run(self) -> None:
        async for _ in self._input_ch:
            pass


class Model(llm.LLM):
    """Answers with the script, a sentence at a time, at once."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__()
        self.sentences = sentences

    def chat(
        self, *, chat_ctx: llm.ChatContext, tools: Any = None, conn_options: Any = None, **_: Any
    ) -> Answer:
        conn = conn_options or DEFAULT_API_CONNECT_OPTIONS
        return Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn)


class Answer(llm.LLMStream):
    async def _run(self) -> None:
        assert isinstance(self._llm, Model)
        for sentence in self._llm.sentences:
            delta = llm.ChoiceDelta(role="assistant", content=sentence + " ")
            self._event_ch.send_nowait(llm.ChatChunk(id="script", delta=delta))


class Voice(tts.TTS):
    """Voices each piece of text at once; tells when each word is heard if `tells_words`."""

    def __init__(self, speaker: Speaker, tells_words: bool) -> None:
        able = tts.TTSCapabilities(streaming=True, aligned_transcript=tells_words)
        super().__init__(capabilities=able, sample_rate=RATE_OUT, num_channels=1)
        self.speaker, self.tells_words = speaker, tells_words

    def synthesize(self, text: str, *, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS) -> tts.ChunkedStream:
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Speech:
        return Speech(tts=self, conn_options=conn_options)


class Speech(tts.SynthesizeStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, Voice)
        output_emitter.initialize(
            request_id="script", sample_rate=RATE_OUT, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id="script")
        at = 0.0
        async for text in self._input_ch:
            if not isinstance(text, str) or not text.strip():
                continue
            self._mark_started()
            sound = voice.speaker.say(text)
            if voice.tells_words:
                output_emitter.push_timed_transcript(
                    [TimedString(word + " ", at + start, at + stop) for word, start, stop in sound.words]
                )
            output_emitter.push(sound.pcm)
            at += len(sound.pcm) / 2 / RATE_OUT
        output_emitter.end_segment()
