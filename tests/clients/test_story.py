"""The conversation with stock clients: what it says, and that it notices what does not come."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "clients"), str(ROOT / "clients" / "python")]

import story  # noqa: E402
from run import CLIENTS, SAID  # noqa: E402


def whole() -> story.Talk:
    """A talk of which nothing is missing."""

    def said(text: str, was_cut: bool = False) -> story.Answer:
        return story.Answer(text, 2.0, 1.0, is_over=True, was_cut=was_cut)

    return story.Talk(
        "a client",
        "openai",
        "http://127.0.0.1:1/v1",
        story.Microphone(Path()),
        heard=["What is 25% of 80?"],
        function={"name": "get_weather", "arguments": '{"city": "Paris"}'},
        truncations=["2100 ms"],
        greeting=said("Hello!"),
        reply=said("25 percent of 80 is 20."),
        interrupted=said("The Roman Empire was", was_cut=True),
        afterwards=said("7 times 8 is 56."),
        weather=said(story.WEATHER),
    )


FAULTS: list[tuple[str, Callable[[story.Talk], object]]] = [
    ("greeting", lambda talk: setattr(talk, "greeting", story.Answer())),
    ("greeting", lambda talk: setattr(talk, "greeting", replace(talk.greeting, seconds=0.0))),
    ("turn", lambda talk: talk.heard.clear()),
    ("turn", lambda talk: setattr(talk, "reply", replace(talk.reply, text="I don't know."))),
    ("function", lambda talk: talk.function.clear()),
    ("function", lambda talk: talk.function.update(arguments="{}")),
    ("function", lambda talk: setattr(talk, "weather", story.Answer("It is there."))),
    ("barge-in", lambda talk: setattr(talk, "interrupted", replace(talk.interrupted, was_cut=False))),
    ("barge-in", lambda talk: talk.truncations.clear()),
    ("barge-in", lambda talk: setattr(talk, "afterwards", story.Answer())),
    ("no errors", lambda talk: talk.failed("Cancellation failed")),
]


def test_a_whole_conversation_misses_nothing() -> None:
    assert whole().missing() == []


@pytest.mark.parametrize(("missed", "harm"), FAULTS)
def test_what_did_not_come_is_named(missed: str, harm: Callable[[story.Talk], object]) -> None:
    talk = whole()
    harm(talk)
    assert talk.missing() == [missed]


def test_a_library_that_tells_all_gets_through_the_conversation(tmp_path: Path) -> None:
    for name in SAID:
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, story.RATE, 0, "NONE", ""))
            file.writeframes(bytes(960))

    def answer(text: str, seconds: float = 0.6) -> None:
        talk.answer_sound(bytes(2 * int(seconds * story.RATE)))
        talk.answer_text(text)
        talk.answer_over()

    async def greet() -> None:
        answer("Hello!")

    async def must_call() -> None:
        talk.called("get_weather", '{"city": "Paris"}')
        answer(story.WEATHER)

    class Microphone(story.Microphone):
        """Whoever speaks into it is answered at once."""

        def say(self, name: str) -> None:
            super().say(name)
            if name == "question":
                talk.user_said("What is 25% of 80?")
                answer("It is 20.")
            elif name == "long":
                talk.answer_sound(bytes(2 * 5 * story.RATE))
                talk.answer_text("The Roman Empire was a state.")
            elif name == "interruption":
                talk.truncated("1500 ms")
                talk.answer_over(was_cut=True)
                answer("7 times 8 is 56.")

    talk = story.Talk("a client", "openai", "", Microphone(tmp_path))
    asyncio.run(talk.hold(greet=greet, must_call=must_call))
    assert talk.missing() == []


def test_every_client_has_its_script_and_its_pins() -> None:
    for client in CLIENTS:
        assert (ROOT / "clients" / client.script).exists()
        pins = ROOT / "clients" / "requirements" / f"{client.kind}.txt"
        assert client.kind == "node" or "==" in pins.read_text()


def test_the_page_names_the_versions_that_are_run() -> None:
    page = (ROOT / "docs/reference/realtime.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| (?:…|.*?`([^`]+)`)[^|]*\| (\d[\d.]+) \|", page, re.MULTILINE)
    pins = dict(json.loads((ROOT / "clients/node/package.json").read_text())["dependencies"])
    node_openai = pins["openai"]
    for file in (ROOT / "clients" / "requirements").glob("*.txt"):
        pins |= dict(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)$", file.read_text(), re.MULTILINE))
    assert len(named) == len(CLIENTS)
    for name, version in named:
        expected = {pins[name or "@openai/agents-realtime"]} | ({node_openai} if name == "openai" else set())
        assert version in expected
