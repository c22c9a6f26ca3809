"""Language models for tests: one that follows a script, and the suite that every real one has to pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Literal

from antiphon.core.errors import ProviderError
from antiphon.ports import LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.providers.hosted import refused

PATIENCE_S = 1.0
"Seconds of silence after which a model that is checked has to give up."


@dataclass(frozen=True, slots=True)
class Script:
    """One reply: what is said, how fast, and what goes wrong."""

    pieces: tuple[str | ToolCall, ...] = ("Yes.",)
    first_s: float = 0.0
    "Seconds before the first piece."
    piece_s: float = 0.0
    "Seconds before each piece after it."
    status: int = 200
    "From 400 on nothing is said: the request is refused."
    param: str = ""
    "The part of the request that a refusal names."
    after_s: float = 0.0
    "Seconds a refusal asks to be left alone for."
    stops_after: int | None = None
    "After so many pieces something breaks: see `stop`."
    stop: Literal["cut", "error", "garbage", "hang"] = "cut"
    "The connection is cut, or in the middle of the stream comes an error, nonsense, or nothing any more."


Cue = str | Script | ProviderError
"A script, a text that is said word by word, or an error that is raised."
Cues = Sequence[Cue] | Callable[[str], Cue]
"One for each reply, the last one for all that follow; or chosen by what the user said last."


def script(cue: str | Script) -> Script:
    """`cue` as a script; a text becomes one piece for each word, which joined give the text again."""
    if isinstance(cue, Script):
        return cue
    words = cue.split(" ")
    return Script(tuple(word + " " for word in words[:-1]) + ((words[-1],) if words[-1] else ()))


def choose(cues: Cues, number: int, messages: Sequence[Message]) -> Cue:
    """The cue for the reply with this number, which answers `messages`."""
    if callable(cues):
        return cues(next((said.content for said in reversed(messages) if said.role == "user"), ""))
    return cues[min(number, len(cues) - 1)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model was asked."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    temperature: float


class ScriptedModel:
    """A `LanguageModel` that says what it is told to, in the time it is told to. Fit for virtual time.

    `delay_first` and `delay_piece` are seconds and are added to those of the scripts; `fail` is raised in
    place of every reply. `asked` keeps every request, `writing` counts the replies that are being written.
    """

    def __init__(
        self,
        replies: Cues = ("Yes.",),
        *,
        delay_first: float = 0.0,
        delay_piece: float = 0.0,
        fail: ProviderError | None = None,
        name: str = "scripted/model",
        supplies_facts: bool = True,
    ) -> None:
        self.name = name
        self.supplies_facts = supplies_facts
        self.asked: list[Asked] = []
        self.writing = 0
        self.fail = fail
        self._replies = replies
        self._delay_first = delay_first
        self._delay_piece = delay_piece

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """The next reply of the script. Raises what is scripted."""
        cue = self.fail or choose(self._replies, len(self.asked), messages)
        self.asked.append(Asked(tuple(messages), tuple(tools), temperature))
        self.writing += 1
        try:
            if isinstance(cue, ProviderError):
                await _pass(self._delay_first)
                raise cue
            told = script(cue)
            await _pass(self._delay_first + told.first_s)
            if told.status >= 400:
                raise refused(self.name, told.status, "by script", told.after_s)
            for place, piece in enumerate(told.pieces):
                if place == told.stops_after:
                    break
                if place:
                    await _pass(self._delay_piece + told.piece_s)
                yield piece
            if told.stop == "hang":
                await asyncio.sleep(PATIENCE_S)
            if told.stops_after is not None:
                raise ProviderError(f"{self.name} stopped by script", provider=self.name)
        finally:
            self.writing -= 1


async def _pass(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under test whose replies follow the cues it was made with."""

    model: LanguageModel
    writing: Callable[[], int]
    "How many replies are being written at the source: what a caller who hung up still costs."
    counts: bool = False
    "It tells its usage; the source says COUNTED_IN tokens were read and COUNTED_OUT written for each reply."
    tells_wait: bool = True
    "A refusal that names a time to wait arrives with it."
    holds_back: bool = False
    "What was said last may be lost in a failure: it would have been taken up by whom is asked next."


COUNTED_IN, COUNTED_OUT = 12, 5

Make = Callable[[Callable[[str], Script]], AbstractAsyncContextManager[Subject]]
"""Gives a model that answers the user's last line with the script for it, and waits PATIENCE_S between pieces and
for the first one."""

_CALL = ToolCall("call_7", "weather", '{"place": "Röntgenstraße 5", "days": [1, 2]}')
_TOOL = ToolSpec(
    "weather", "Tells the weather.", '{"type": "object", "properties": {"place": {"type": "string"}}}'
)
_SCRIPTS = {
    "count": Script(("One, ", "two, ", "thrée.")),
    "slowly": Script(tuple(f"{n} " for n in range(40)), piece_s=0.05),
    "left": Script(("left ",) * 8, piece_s=0.01),
    "right": Script(("right ",) * 8, piece_s=0.01),
    "weather": Script(("Let me look. ", _CALL)),
    "both": Script((_CALL, ToolCall("call_8", "weather", "{}"))),
    "nothing": Script(()),
    "busy": Script(status=429),
    "broken": Script(status=503),
    "key": Script(status=401),
    "name": Script(status=404),
    "cut": Script(("Half a ", "sentence"), stops_after=1),
    "error": Script(("Half a ", "sentence"), stops_after=1, stop="error"),
    "garbage": Script(("Half a ", "sentence"), stops_after=1, stop="garbage"),
    "hang": Script(("Half a ", "sentence"), stops_after=1, stop="hang"),
    "mute": Script(("Nothing",), stops_after=0, stop="hang"),
    "later": Script(status=429, after_s=7.0),
}


async def check_language_model(make: Make) -> None:
    """The model `make` gives behaves as `ports.LanguageModel` promises. Raises AssertionError."""
    async with make(_SCRIPTS.__getitem__) as subject:
        model = subject.model
        assert model.name, "a model has a name"
        assert isinstance(model.supplies_facts, bool), "a model says whether it may be asked for facts"
        assert await _all(model, "count") == ["One, ", "two, ", "thrée."], "pieces come in order, unchanged"
        assert await _all(model, "nothing") == [], "an empty reply is an empty reply"
        await _check_closing(subject)
        await _check_cancelling(subject)
        left, right = await asyncio.gather(_all(model, "left"), _all(model, "right"))
        assert (left, right) == (["left "] * 8, ["right "] * 8), "replies at the same time do not mix"
        assert await _all(model, "weather") == ["Let me look. ", _CALL], (
            "a tool call comes whole, after the text"
        )
        assert [call for call in await _all(model, "both") if isinstance(call, ToolCall)] == list(
            _SCRIPTS["both"].pieces
        ), "several tool calls come in order"
        assert await _all(model, "count", _after_a_tool()) == ["One, ", "two, ", "thrée."], (
            "results are taken"
        )
        for word, retryable in (("busy", True), ("broken", True), ("key", False), ("name", False)):
            said, error = await _until_error(model, word)
            assert not said, f"nothing is said when the request is refused ({word})"
            assert error.retryable is retryable, f"{word} is {'' if retryable else 'not '}worth repeating"
            assert error.provider == model.name, "an error names its provider"
        _, error = await _until_error(model, "later")
        assert error.retryable, "later is worth repeating"
        assert error.after_s == 7.0 or not subject.tells_wait, "when it may be repeated is passed on"
        said, error = await _until_error(model, "mute")
        assert (said, error.retryable) == ([], True), "who says nothing is given up, and may be asked again"
        for word in ("cut", "error", "garbage", "hang"):
            said, error = await _until_error(model, word)
            assert said == ["Half a "] or (subject.holds_back and not said), (
                f"what was said before the failure was given out ({word})"
            )
            assert error.retryable, "a broken connection is worth repeating"
        await _settled(subject, "nothing is left being written")
        await _check_usage(subject)


async def _check_usage(subject: Subject) -> None:
    """A model that counts does so for every reply, and never before its first piece."""
    if not subject.counts:
        return
    pieces = [piece async for piece in _reply(subject.model, "count")]
    used = [piece for piece in pieces if isinstance(piece, Usage)]
    assert isinstance(pieces[0], str), "usage does not come before the first word"
    assert sum(u.tokens_out for u in used) == COUNTED_OUT, "what was written is counted"
    assert sum(u.tokens_in + u.tokens_cached + u.tokens_stored for u in used) == COUNTED_IN, (
        "what was read is counted once"
    )
    assert {u.model for u in used} == {subject.model.name}, "usage names the model"


async def _check_closing(subject: Subject) -> None:
    reply = _reply(subject.model, "slowly")
    async with aclosing(reply):
        assert await anext(reply) == "0 ", "the first piece comes first"
        assert subject.writing() == 1, "one reply is being written"
    await _settled(subject, "closing the iterator stops the model")


async def _check_cancelling(subject: Subject) -> None:
    try:
        async with asyncio.timeout(0.2):
            await _all(subject.model, "slowly")
    except TimeoutError:
        await _settled(subject, "cancelling the reader stops the model")
    else:
        raise AssertionError("a slow reply takes its time")


async def _settled(subject: Subject, clause: str) -> None:
    """Raises AssertionError unless nothing is being written within a second."""
    for _ in range(100):
        if subject.writing() == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(clause)


def _reply(
    model: LanguageModel, word: str, before: Sequence[Message] = ()
) -> AsyncGenerator[str | ToolCall | Usage, None]:
    messages = [Message("system", "Be brief."), *before, Message("user", word)]
    reply = model.reply(messages, (_TOOL,), 0.5)
    assert isinstance(reply, AsyncGenerator), "a reply can be closed"
    return reply


async def _all(model: LanguageModel, word: str, before: Sequence[Message] = ()) -> list[str | ToolCall]:
    async with aclosing(_reply(model, word, before)) as reply:
        return [piece async for piece in reply if not isinstance(piece, Usage)]


async def _until_error(model: LanguageModel, word: str) -> tuple[list[str | ToolCall], ProviderError]:
    said: list[str | ToolCall] = []
    try:
        async with aclosing(_reply(model, word)) as reply:
            async for piece in reply:
                if not isinstance(piece, Usage):
                    said.append(piece)
    except ProviderError as error:
        return said, error
    raise AssertionError(f"a failure is raised as a ProviderError ({word})")


def _after_a_tool() -> tuple[Message, ...]:
    """A conversation in which tools have been called, with a result for each."""
    return (
        Message("user", "How is the weather, and how was it?"),
        Message("assistant", "", tool_calls=(_CALL, ToolCall("call_8", "weather", "{}"))),
        Message("tool", "Sunny.", tool_call_id="call_7"),
        Message("tool", "It rained.", tool_call_id="call_8"),
        Message("assistant", "Sunny, after rain."),
    )
