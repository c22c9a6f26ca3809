"""Hosted ears, voices and guardrails on a call's bill, and answers that were given before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from scene import Allowing, agent

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.agent.tools import tool
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import ModelUsed, ServiceUsed
from antiphon.core.speech import Approved, Speech
from antiphon.core.transcript import Transcript
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.ports import Heard, LanguageModel, Recognizer, Synthesizer, Used, bill
from antiphon.providers.resilience import CommonAnswers
from antiphon.providers.utterances import WholeUtterance
from antiphon.session.journal import Entry, Header, decode_entry, encode_entry
from antiphon.session.prices import price
from antiphon.session.report import Report
from antiphon.session.session import Providers, Session
from antiphon.session.supervision import Supervisor
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.models import ScriptedModel
from antiphon.testing.scripted import ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


class PaidEars:
    """Hears the same words in everything, for money."""

    rate = 16_000

    def open(self) -> WholeUtterance:
        return WholeUtterance("paid", self.rate, self._heard)

    async def _heard(self, sound: Pcm) -> Heard:
        await asyncio.sleep(0.02)
        bill(Used("recognizer", "openai/gpt-4o-mini-transcribe", sound.seconds))
        return Heard("What is it?")


class PaidVoice(ScriptedSynthesizer):
    """Speaks for money, which it asks for at the end, however that comes."""

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        try:
            async for piece in super().speak(sentence, voice):
                await asyncio.sleep(0.1)
                yield piece
        finally:
            bill(Used("voice", "openai/tts-1", characters=len(sentence.text)))


class PaidGuardrail(Allowing):
    async def check_output(self, text: str) -> Verdict:
        bill(Used("moderation", "openai/omni-moderation-latest"))
        return await super().check_output(text)


def hosted(
    ears: Recognizer | None = None, voice: Synthesizer | None = None, model: LanguageModel | None = None
) -> Providers:
    return Providers(
        ScriptedVad(), ears or PaidEars(), ScriptedTurnDetector([0.98]), voice or PaidVoice(), model
    )


def bills(caller: Loopback) -> list[ServiceUsed]:
    return [item for _, item in caller.shown if isinstance(item, ServiceUsed)]


async def call(caller: Loopback, who: Agent, hands: Providers) -> Session:
    session = Session("s", who, hands, caller, greets=False)
    await session.run()
    return session


def test_each_service_is_billed_to_the_turn_it_worked_for() -> None:
    caller = Loopback([Saying(0.5, 1.0), Saying(6.0, 1.0)], hang_up_at=12.0)
    guarded = replace(agent("Twenty."), guardrail=PaidGuardrail())
    run(call(caller, guarded, hosted()))
    answered = [
        item.turn for _, item in caller.shown if isinstance(item, e.Remember) and item.role is e.Role.USER
    ]
    assert len(answered) == 2
    for turn in answered:
        assert {one.kind for one in bills(caller) if one.turn == turn} == {
            "recognizer",
            "voice",
            "moderation",
        }
    report = Report(Header("s", "test", TurnPolicy(), Lines()))
    for t, item in caller.shown:
        report.note(t, item)
    told = report.summary(Transcript())["cost"]
    assert isinstance(told, dict)
    spoken = sum(one.characters for one in bills(caller)) * 15 / 1e6
    heard = sum(one.seconds for one in bills(caller)) / 60 * 0.003
    assert spoken > 0 < heard
    assert report.spent == pytest.approx(spoken + heard, abs=1e-6)
    assert told["usd"] == pytest.approx(report.spent, abs=1e-6)
    assert {one["kind"] for one in told["services"]} == {"recognizer", "moderation", "voice"}
    assert sum(turn["usd"] for turn in told["turns"]) == pytest.approx(report.spent, abs=1e-5)


def test_hanging_up_in_mid_sentence_is_no_way_not_to_pay() -> None:
    caller = Loopback(acts=[(0.5, e.Typed("Count."))], hang_up_at=1.0)
    run(call(caller, agent("One two three four five six seven eight nine ten."), hosted()))
    assert [one.kind for one in bills(caller)] == ["voice"]


def test_what_a_supervisor_says_is_paid_for_as_well() -> None:
    async def story() -> list[ServiceUsed]:
        caller = Loopback(hang_up_at=6.0)
        session = Session("s", agent("Twenty."), hosted(), caller, greets=False)
        teacher = Supervisor("Ms Hill")

        async def stand_in() -> None:
            await asyncio.sleep(1.0)
            session.supervision.take_over(teacher)
            for at in range(150):
                loud = b"\x00\x20\x00\xe0" * 160 if at < 50 else bytes(640)
                session.supervision.voice(teacher, Pcm(loud, 16_000))
                await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.run())
            tasks.create_task(stand_in())
        return bills(caller)

    found = run(story())
    assert {(one.turn, one.kind) for one in found} == {(0, "recognizer")}


def test_a_bill_is_in_the_journal_and_says_what_it_costs() -> None:
    used = ServiceUsed(3, "voice", "openai/gpt-4o-mini-tts", 30.0, 400, is_estimate=True)
    assert decode_entry(encode_entry(Entry(1.0, used))).item == used
    assert price(used) == pytest.approx(0.0075)
    assert price(ServiceUsed(1, "voice", "openai/tts-1-hd", 9.0, 1000)) == pytest.approx(0.03)
    assert price(ServiceUsed(1, "recognizer", "openai/whisper-1", 60.0)) == pytest.approx(0.006)
    assert price(ServiceUsed(1, "recognizer", "openai/gpt-4o-mini-transcribe-2025-03-20", 60.0)) == 0.003
    assert price(ServiceUsed(1, "moderation", "openai/omni-moderation-latest")) == 0.0
    assert price(ServiceUsed(1, "encoder", "openai/text-embedding-3-small", tokens=10**6)) == 0.02
    assert price(ServiceUsed(1, "recognizer", "livekit/deepgram/nova-3", 60.0)) is None


# ---- answers given before --------------------------------------------------------------------------------
async def _nothing(question: Question) -> Grounding:
    return Grounding()


def public(**more: object) -> Agent:
    specialists = (Specialist("only", "", _nothing, is_public=True),)
    return replace(agent(), specialists=specialists, greeting="Good day.", **more)  # type: ignore[arg-type]


def asked_by_two(who: Agent, *lines: str, greets: bool = True) -> tuple[int, list[ModelUsed], list[str]]:
    """How often the model was asked by two callers who say these lines, what it told, and what was heard."""

    async def story() -> tuple[int, list[ModelUsed], list[str]]:
        model = ScriptedModel(["Paris, as ever."])
        hands = hosted(voice=ScriptedSynthesizer(), model=CommonAnswers(model, keep_s=3600))
        told: list[ModelUsed] = []
        heard: list[str] = []
        for _ in range(2):
            caller = Loopback(
                acts=[(3.0 + 5 * at, e.Typed(line)) for at, line in enumerate(lines)],
                hang_up_at=3.0 + 5 * len(lines),
            )
            session = Session("s", who, hands, caller, greets=greets)
            await session.run()
            told += [item for _, item in caller.shown if isinstance(item, ModelUsed)]
            heard += [line.text for line in session.transcript if line.role is e.Role.AGENT]
        return len(model.asked), told, heard

    return run(story())


CAPITAL = "What is the capital of France?"


def test_a_common_answer_is_given_again_checked_again_and_says_where_it_is_from() -> None:
    asked, told, heard = asked_by_two(public(), CAPITAL)
    assert asked == 1
    assert heard == ["Good day.", "Paris, as ever."] * 2
    made, again = told
    assert made.cache_key == again.cache_key != ""
    assert again == ModelUsed(again.turn, made.model, 0, 0, cache_key=made.cache_key, is_from_cache=True)
    assert made.tokens_in > 0 and made.is_estimate, "a model that does not tell is estimated"


def test_a_common_answer_passes_the_guardrail_of_whoever_hears_it() -> None:
    class Strict(Allowing):
        async def check_output(self, text: str) -> Verdict:
            return Block(("violence",), 0.9) if "Paris" in text else Allow()

    asked, told, heard = asked_by_two(public(guardrail=Strict()), CAPITAL)
    assert asked == 1 and told[1].is_from_cache
    assert not any("Paris" in line for line in heard)


@tool
async def weather(city: str) -> str:
    """Tells the weather."""
    return "fine"


@pytest.mark.parametrize(
    ("who", "lines", "times"),
    [
        (replace(public(), specialists=(Specialist("only", "", _nothing),)), (CAPITAL,), 2),
        (public(tools=(weather,)), (CAPITAL,), 2),
        (public(), ("Write to sam@example.com for me.",), 2),
        (public(), ("Hello there.", CAPITAL), 3),
    ],
)
def test_what_may_differ_from_caller_to_caller_is_asked_anew(
    who: Agent, lines: tuple[str, ...], times: int
) -> None:
    assert asked_by_two(who, *lines)[0] == times
