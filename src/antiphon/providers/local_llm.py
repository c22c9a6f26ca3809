"""A language model on this machine, in a process of its own: it cannot stall the sound, nor take it down."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import IO

from antiphon.core.errors import ProviderError, SetupError
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.chat_wire import ChatWire
from antiphon.providers.hosted import Patience

SERVER = (sys.executable, "-m", "antiphon.providers.local_llm_server")
PATIENCE = Patience(first_s=30.0, between_s=15.0)
"A prompt seen for the first time takes 5 s on two cores alone, several times that beside other sessions."
START_S = 90.0
"Seconds for the weights to load; 2.4 s were measured with the file in the page cache."
STOP_S = 3.0
REPLY_TOKENS = 200
"About 45 s of speech, and 11 s of writing at 18 tokens a second: small models do not know when to stop."
CHARS_PER_TOKEN = 3
"English has a little over four; three leaves room for names and numbers."


class LocalLlm:
    """A `LanguageModel` from a GGUF file. It phrases what it is given; it is not to be asked for facts.

    The process starts with `warm_up` or the first reply, again if it has died, and ends with this one.
    Belongs to the event loop it is first used in.
    """

    supplies_facts = False

    def __init__(
        self,
        gguf: Path,
        *,
        name: str = "",
        threads: int = 2,
        slots: int = 4,
        slot_tokens: int = 2048,
        patience: Patience = PATIENCE,
        server: Sequence[str] = SERVER,
    ) -> None:
        """`slots` replies are written at a time, each with room for `slot_tokens` of prompt and reply.

        `server` is a program that takes the arguments of `local_llm_server`, prints its base URL when ready
        and ends with its standard input. Raises SetupError when there is no such file.
        """
        if not gguf.is_file():
            raise SetupError(f"there is no model at {gguf}: check the path, or assemble the default model")
        self.name = name or f"local/{gguf.stem}"
        self._command = (
            *server,
            str(gguf),
            *("--threads", str(threads), "--slots", str(slots), "--slot-tokens", str(slot_tokens)),
        )
        self._prompt_chars = (slot_tokens - REPLY_TOKENS) * CHARS_PER_TOKEN
        self._patience = patience
        self._starting = asyncio.Lock()
        self._process: Process | None = None
        self._wire: ChatWire | None = None

    @property
    def pid(self) -> int | None:
        """The process while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def warm_up(self, prompts: Sequence[str] = ()) -> None:
        """The model is loaded and has read `prompts`, the instructions conversations will begin with.

        A reply whose instructions were read starts after 0.4 s, one whose were not after 5 s (280 tokens, two
        cores). Raises SetupError when the process does not start, ProviderError when it fails after that.
        """
        wire = await self._running()
        for prompt in prompts:
            # It writes one token even when none is asked for.
            messages = (Message("system", prompt), Message("user", "Hello."))
            async with aclosing(wire.reply(messages, (), 0.0, {"max_tokens": 1})) as reply:
                async for _ in reply:
                    pass

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """Text as it is written, then tool calls. Raises ProviderError. Closing it frees the slot.

        The oldest lines of a conversation that is too long are left out; instructions and the last line stay.
        """
        try:
            wire = await self._running()
        except SetupError as error:
            raise ProviderError(str(error), retryable=False, provider=self.name) from error
        pieces = wire.reply(fit(messages, self._prompt_chars), tools, temperature)
        async with aclosing(pieces), aclosing(unquoted(pieces, tools) if tools else pieces) as said:
            async for piece in said:
                yield piece

    async def close(self) -> None:
        """The process is gone."""
        async with self._starting:
            wire, process, self._wire, self._process = self._wire, self._process, None, None
            if wire is not None:
                await wire.close()
            if process is not None:
                await _end(process)

    async def _running(self) -> ChatWire:
        """The way to the process, started if need be. Raises SetupError."""
        async with self._starting:
            if self._wire is not None and self.pid is not None:
                return self._wire
            if self._wire is not None:
                await self._wire.close()
            with tempfile.TemporaryFile() as log:
                base_url = await self._start(log)
            self._wire = ChatWire(
                "local",
                base_url,
                provider=self.name,
                extra="local-llm",
                patience=self._patience,
                options={"max_tokens": REPLY_TOKENS},
            )
            return self._wire

    async def _start(self, log: IO[bytes]) -> str:
        """Base URL of the new process. Cancelling ends it."""
        # A session of its own: an interrupt from the terminal is for the server, which ends this in order.
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True
        )
        assert process.stdout is not None
        line = b""
        try:
            async with asyncio.timeout(START_S):
                line = await process.stdout.readline()
        except TimeoutError:
            pass
        finally:
            if not line:
                await _end(process)
        if not line:
            log.seek(0)
            said = log.read()[-500:].decode(errors="replace").strip()
            raise SetupError(f"{self.name} did not start: {said or f'not ready after {START_S:g} s'}")
        self._process = process
        return line.decode().strip()


async def _end(process: Process) -> None:
    """The process is gone: asked by the end of its input, and killed if it does not listen."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def fit(messages: Sequence[Message], chars: int) -> list[Message]:
    """`messages` without the oldest lines that would make them longer than `chars`; never without the last.

    Instructions stay whole. A tool's result is not left without the call it answers.
    """
    left = chars - sum(len(message.content) for message in messages if message.role == "system")
    lines = [message for message in messages if message.role != "system"]
    kept = 0
    for message in reversed(lines):
        left -= len(message.content)
        if left < 0 and kept:
            break
        kept += 1
    recent = lines[len(lines) - kept :]
    while len(recent) > 1 and recent[0].role == "tool":
        recent = recent[1:]
    keep = {id(message) for message in recent}
    return [message for message in messages if message.role == "system" or id(message) in keep]


async def unquoted(
    pieces: AsyncGenerator[str | ToolCall | Usage, None], tools: Sequence[ToolSpec]
) -> AsyncGenerator[str | ToolCall | Usage, None]:
    """The same pieces, with calls that were written out as JSON text made into calls.

    Coder models do that in every case seen (16 of 16), often in a fenced block. Only a reply that begins like
    one is held back until it ends.
    """
    text = ""
    is_held = True
    async for piece in pieces:
        if not is_held:
            yield piece
        elif isinstance(piece, str) and (text + piece).lstrip()[:1] in ("", "{", "`", "["):
            text += piece
        else:
            is_held = False
            if text:
                yield text
            yield piece
    if is_held and text:
        calls = calls_in(text, {tool.name for tool in tools})
        for found in calls or (text,):
            yield found


def calls_in(text: str, names: set[str]) -> list[ToolCall]:
    """The calls of known tools in `text`, each written as {"name": …, "arguments": {…}}."""
    calls: list[ToolCall] = []
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except ValueError:
            end = start + 1
        else:
            name, arguments = found.get("name"), found.get("arguments", {})
            if name in names and isinstance(arguments, dict):
                calls.append(ToolCall(f"call_{len(calls)}", name, json.dumps(arguments)))
        start = text.find("{", end)
    return calls
