"""A server on this machine that hears, speaks, judges and measures texts as OpenAI's does, but by simple rules."""

from __future__ import annotations

import email
import email.policy
import json
import math
import re
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from antiphon.agent.guardrail import Gate
from antiphon.core.audio import Pcm, silence
from antiphon.testing.fake_http import Answering, FakeServer, Request
from antiphon.testing.voices import ScriptedSynthesizer

SECONDS_PER_WORD = 0.4
CHUNK = 3001
"Bytes of sound in a chunk: odd, so that samples are torn apart."
FLAGGED = 0.5
CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with one request."""

    status: int = 200
    "From 400 on it is refused."
    param: str = ""
    "The part of the request that a refusal names."
    after_s: float = 0.0
    "Seconds a refusal asks to be left alone for."
    first_s: float = 0.0
    "Seconds before the answer begins."
    stop: Literal["", "cut", "garbage", "hang"] = ""
    "Half-way through the answer: the connection is cut, or nothing more comes; or all of it is nonsense."


class FakeOpenAISpeech(FakeServer):
    """Transcriptions, speech, moderations, embeddings. Requests meet `troubles` in order, then none.

    It hears a word of `words` for every 0.4 s of sound that is not silent; it says words as tones
    (`ScriptedSynthesizer`), and knows the voices of `voices`; `judge` gives a text's scores by category; texts
    that share letters are alike. `asked` keeps what requests said, with their paths.
    """

    prefix = "/v1"

    def __init__(
        self,
        words: str = "one two three four five six seven eight nine ten",
        judge: Callable[[str], Mapping[str, float]] = lambda text: {},
        troubles: tuple[Trouble, ...] = (),
    ) -> None:
        super().__init__()
        self.words = words
        self.judge = judge
        self.troubles = deque(troubles)
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.voices = {"alloy", "coral", "marin"}
        self.tells_sureness = True
        "A request for the probabilities of tokens is not refused."
        self._voice = ScriptedSynthesizer()

    async def answer(self, request: Request, answering: Answering) -> None:
        """The request was answered as its path asks, unless there is trouble."""
        kind = request.headers.get("content-type", "")
        said = _form(kind, request.body) if kind.startswith("multipart/") else request.json
        self.asked.append((request.path, said))
        trouble = self.troubles.popleft() if self.troubles else self._objection(request.path, said)
        await answering.wait(trouble.first_s)
        if trouble.status >= 400:
            headers = {"retry-after": f"{trouble.after_s:g}"} if trouble.after_s else {}
            error = {"message": "by script", "type": "error", "param": trouble.param or None, "code": None}
            answering.whole(trouble.status, json.dumps({"error": error}).encode(), headers=headers)
        elif trouble.stop == "garbage":
            answering.whole(200, b'{"this is": no JSON')
        elif request.path == "/audio/speech":
            await self._speak(str(said["input"]), trouble, answering)
        else:
            body = json.dumps(self._told(request.path, said)).encode()
            if trouble.stop:
                answering.begin("application/json")
                await answering.chunks([body[: len(body) // 2]])
                await self._stop(trouble, answering)
            answering.whole(200, body)

    def _objection(self, path: str, said: Mapping[str, object]) -> Trouble:
        if path == "/audio/speech" and said["voice"] not in self.voices:
            return Trouble(status=400, param="voice")
        if path == "/audio/transcriptions" and "include[]" in said and not self.tells_sureness:
            return Trouble(status=400, param="include")
        return Trouble()

    async def _speak(self, text: str, trouble: Trouble, answering: Answering) -> None:
        sound = silence(0.2, self._voice.rate).data
        async for piece in self._voice.speak(Gate.vouch(text)):
            sound += piece.pcm.data
        sound += silence(0.3, self._voice.rate).data
        chunks = [sound[at : at + CHUNK] for at in range(0, len(sound), CHUNK)]
        answering.begin("audio/pcm")
        await answering.chunks(chunks[: len(chunks) // 2] if trouble.stop else chunks)
        if trouble.stop:
            await self._stop(trouble, answering)
        await answering.end()

    async def _stop(self, trouble: Trouble, answering: Answering) -> None:
        if trouble.stop == "hang":
            await answering.wait(3600)
        answering.break_off()

    def _told(self, path: str, said: Mapping[str, object]) -> object:
        match path:
            case "/audio/transcriptions":
                return self._heard(said)
            case "/moderations":
                return self._judged(said)
            case "/embeddings":
                texts = said["input"]
                assert isinstance(texts, list)
                size = said.get("dimensions", 64)
                assert isinstance(size, int)
                data = [
                    {"object": "embedding", "index": at, "embedding": _place(text, size)}
                    for at, text in enumerate(texts)
                ]
                usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
                return {"object": "list", "model": said["model"], "data": data[::-1], "usage": usage}
        raise AssertionError(f"there is no {path}")

    def _heard(self, said: Mapping[str, object]) -> object:
        data = said["file"]
        assert isinstance(data, bytes)
        sound = _read_wav(data)
        frames = range(0, len(sound.data), 640)
        loud = sum(any(sound.data[at : at + 640]) for at in frames) * 320 / sound.rate
        text = " ".join(self.words.split()[: int(loud / SECONDS_PER_WORD)])
        told: dict[str, object] = {"text": text}
        if "include[]" in said:
            told["logprobs"] = [
                {"token": word, "logprob": math.log(0.9), "bytes": []} for word in text.split()
            ]
        return told

    def _judged(self, said: Mapping[str, object]) -> object:
        scores = dict.fromkeys(CATEGORIES, 0.001) | dict(self.judge(str(said["input"])))
        flags = {category: score >= FLAGGED for category, score in scores.items()}
        result = {
            "flagged": any(flags.values()),
            "categories": flags,
            "category_scores": scores,
            "category_applied_input_types": {category: ["text"] for category in scores},
        }
        return {"id": "modr-1", "model": said["model"], "results": [result]}


def _form(kind: str, body: bytes) -> dict[str, object]:
    """The fields of a multipart form; files as bytes."""
    whole = email.message_from_bytes(
        f"content-type: {kind}\r\n\r\n".encode() + body, policy=email.policy.HTTP
    )
    fields: dict[str, object] = {}
    for part in whole.iter_parts():
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        fields[name] = data if part.get_filename() else data.decode()
    return fields


def _read_wav(data: bytes) -> Pcm:
    """The sound in a WAV file of ours; AssertionError unless it is one, to the last byte."""
    assert data[:4] == b"RIFF"
    assert data[8:16] == b"WAVEfmt "
    size, form, channels, rate, speed, block, bits = struct.unpack("<IHHIIHH", data[16:36])
    assert (size, form, channels, speed, block, bits) == (16, 1, 1, 2 * rate, 2, 16)
    assert struct.unpack("<I", data[4:8]) == (len(data) - 8,)
    assert data[36:40] == b"data"
    assert struct.unpack("<I", data[40:44]) == (len(data) - 44,)
    return Pcm(data[44:], rate)


def _place(text: str, size: int) -> list[float]:
    """A vector, not of unit length, that is near those of texts with the same letters in a row."""
    place = [0.0] * size
    for word in re.findall(r"\w+", text.lower()):
        for at in range(max(1, len(word) - 2)):
            place[crc32(word[at : at + 3].encode()) % size] += 1.0
    return place
