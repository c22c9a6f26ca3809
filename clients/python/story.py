"""The one conversation that every client here holds, and what must have come of it.

A script tells `Talk` what its library tells it; `Talk` speaks the recordings at the right moments, prints what was
seen as one JSON object, and exits with 1 when something was missing. Needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import traceback
import wave
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

RATE = 24_000
"Hz of the sound both ways: 16-bit, mono."
CHUNK_S = 0.02
PATIENCE_S = 25.0
"Seconds in which each step must have happened: answers take about one."
BEFORE_INTERRUPTING_S = 1.5
"Seconds of an answer that are heard before somebody speaks over it."

WEATHER = "It is sunny in Paris, and twenty degrees."
"What the function gives. Without a language model the agent says it as it stands."
LOOKED_UP_S = 0.7
"Seconds that the function takes: longer than agents like to be silent."
FUNCTION = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city, now.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Its name."}},
        "required": ["city"],
    },
}


async def weather(city: str) -> str:
    """The weather in a city, now."""
    await asyncio.sleep(LOOKED_UP_S)
    return WEATHER


class Microphone:
    """20 ms of sound after the other, in real time: what is being said, else silence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saying: deque[bytes] = deque()

    def say(self, name: str) -> None:
        """The recording `name`.wav is spoken from now on."""
        with wave.open(str(self._folder / f"{name}.wav")) as file:
            sound = file.readframes(file.getnframes())
        size = int(RATE * CHUNK_S) * 2
        self._saying.extend(sound[at : at + size].ljust(size, b"\0") for at in range(0, len(sound), size))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        silence = bytes(int(RATE * CHUNK_S) * 2)
        due = time.monotonic()
        while True:
            yield self._saying.popleft() if self._saying else silence
            due += CHUNK_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))


@dataclass
class Answer:
    """What the agent said in one go."""

    text: str = ""
    seconds: float = 0.0
    began: float = 0.0
    "When its first sound came, on the monotonic clock."
    is_over: bool = False
    was_cut: bool = False

    @property
    def heard_s(self) -> float:
        """Seconds of it that a player which began at once has played."""
        return min(self.seconds, time.monotonic() - self.began) if self.began else 0.0


@dataclass
class Talk:
    """One client's conversation. The methods up to `failed` are for what its library tells."""

    client: str
    package: str
    base_url: str
    "Ends in /v1."
    microphone: Microphone
    heard: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    function: dict[str, str] = field(default_factory=dict)
    truncations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    greeting: Answer = field(default_factory=Answer)
    reply: Answer = field(default_factory=Answer)
    interrupted: Answer = field(default_factory=Answer)
    gave_way_s: float = 0.0
    "Seconds from the first sound spoken over the answer to its end."
    afterwards: Answer = field(default_factory=Answer)
    weather: Answer = field(default_factory=Answer)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # ---- what the library tells ----------------------------------------------------------------------------
    @property
    def answer(self) -> Answer:
        """The one that is being said, or the last."""
        return self.answers[-1]

    def user_said(self, text: str) -> None:
        self.heard.append(text.strip())
        self._changed.set()

    def answer_text(self, text: str) -> None:
        """A piece of the words of the answer."""
        self._open().text += text
        self._changed.set()

    def answer_sound(self, sound: bytes) -> None:
        """A piece of its sound: 16-bit mono at `RATE`."""
        answer = self._open()
        answer.began = answer.began or time.monotonic()
        answer.seconds += len(sound) / 2 / RATE
        self._changed.set()

    def answer_over(self, *, was_cut: bool = False) -> None:
        """The response is done. `was_cut`: because somebody spoke over it."""
        self.answer.is_over, self.answer.was_cut = True, was_cut
        self._changed.set()

    def called(self, name: str, arguments: str) -> None:
        """The function is called with these arguments, JSON."""
        self.function = {"name": name, "arguments": arguments}
        self._changed.set()

    def truncated(self, told: str) -> None:
        """The server has taken note that no more of an answer was heard, and says so."""
        self.truncations.append(told)
        self._changed.set()

    def failed(self, message: object) -> None:
        self.errors.append(str(message))
        self._changed.set()

    def _open(self) -> Answer:
        if self.answer.is_over:
            self.answers.append(Answer())
        return self.answer

    # ---- the conversation ------------------------------------------------------------------------------------
    async def hold(
        self, *, greet: Callable[[], Awaitable[object]], must_call: Callable[[], Awaitable[object]]
    ) -> None:
        """Greeting, question, interruption, function. `greet` asks for a first answer; from `must_call` on the

        agent has to call `get_weather`.
        """
        since = self._next
        await greet()
        self.greeting = await self._answered("the greeting", since)
        since = self._next
        self.microphone.say("question")
        self.reply = await self._answered("the answer to a question", since)
        self.microphone.say("long")
        await self._until(
            lambda: self.answer.heard_s > BEFORE_INTERRUPTING_S and not self.answer.is_over, "a long answer"
        )
        self.interrupted, since = self.answer, self._next + 1
        self.microphone.say("interruption")
        spoke = time.monotonic()
        await self._until(lambda: self.interrupted.is_over, "the end of the answer spoken over")
        self.gave_way_s = time.monotonic() - spoke
        self.afterwards = await self._answered("the answer to the interruption", since)
        since = self._next
        await must_call()
        self.microphone.say("weather")
        await self._until(lambda: bool(self.function), "the function call")
        # Before the call the agent may have said that it takes a moment.
        self.weather = await self._answered("the answer with the weather", since, having="sunny")

    @property
    def _next(self) -> int:
        """The number of the first answer that is not over."""
        return len(self.answers) - (not self.answer.is_over)

    async def _answered(self, what: str, since: int, having: str = "") -> Answer:
        """The first answer from number `since` on with words, and these, when it was said and heard to its end."""

        def found() -> list[Answer]:
            return [a for a in self.answers[since:] if a.is_over and a.text and having in a.text]

        await self._until(lambda: bool(found()), what)
        answer = found()[0]
        await asyncio.sleep(max(0.0, answer.began + answer.seconds - time.monotonic()) + 0.3)
        return answer

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > until:
                raise TimeoutError(f"{what} did not come within {PATIENCE_S:g} s")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 0.1)
            except TimeoutError:
                continue

    # ---- what came of it -----------------------------------------------------------------------------------
    def missing(self) -> list[str]:
        """What should have come and did not."""
        checks = {
            "greeting": bool(self.greeting.text) and self.greeting.seconds > 0.5,
            "turn": any("80" in text or "eighty" in text for text in self.heard)
            and any(said in self.reply.text for said in ("20", "twenty"))
            and self.reply.seconds > 0.5,
            "function": self.function.get("name") == "get_weather"
            and "paris" in self.function["arguments"].lower()
            and "sunny" in self.weather.text,
            "barge-in": self.interrupted.was_cut and bool(self.truncations) and "56" in self.afterwards.text,
            "no errors": not self.errors,
        }
        return [name for name, holds in checks.items() if not holds]

    def report(self) -> dict[str, object]:
        return {
            "client": self.client,
            "version": version(self.package),
            "greeting_text": self.greeting.text.strip(),
            "heard_text": self.heard,
            "reply_text": self.reply.text.strip(),
            "audio_seconds": round(sum(answer.seconds for answer in self.answers), 2),
            "function": {**self.function, "said": self.weather.text.strip()},
            "barge_in": {
                "cancelled": self.interrupted.was_cut,
                "truncated": self.truncations,
                "gave_way_s": round(self.gave_way_s, 2),
                "said": self.afterwards.text.strip(),
            },
            "answers": [answer.text.strip() for answer in self.answers],
            "errors": self.errors,
            "missing": self.missing(),
        }


def run(client: str, package: str, script: Callable[[Talk], Coroutine[None, None, None]]) -> None:
    """Runs the script with the address and the recordings of the command line, prints the report and exits."""
    parser = argparse.ArgumentParser(description=f"Talks to Antiphon with {client}.")
    parser.add_argument("base_url", help="of the server, with /v1 at its end")
    parser.add_argument("sounds", type=Path, help="folder with question.wav, long.wav, …; see clients/run.py")
    given = parser.parse_args()
    talk = Talk(client, package, given.base_url.rstrip("/"), Microphone(given.sounds))
    try:
        asyncio.run(script(talk))
    except Exception as error:  # whatever it is, it goes into the report
        traceback.print_exc()
        talk.failed(f"{type(error).__name__}: {error}")
    print(json.dumps(talk.report(), ensure_ascii=False), flush=True)
    sys.exit(1 if talk.missing() else 0)
