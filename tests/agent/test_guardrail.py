"""Only approved words are spoken: the gate, and guardrails behind one another."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from pathlib import Path

import antiphon
from antiphon.agent.guardrail import (
    SAFE_LINES,
    Allow,
    Block,
    Gate,
    Rewrite,
    Verdict,
    chain,
    wants_person,
)
from antiphon.core.speech import Approved

MAKERS = {"agent/guardrail.py", "session/journal.py"}
"Where `Approved` may be made: by the gate, and when a journal of what was approved is read."


class Rules:
    """A guardrail that applies a function to what it is asked about, and remembers the questions."""

    def __init__(self, judge: Callable[[str], Verdict]) -> None:
        self.judge = judge
        self.asked: list[str] = []

    async def check_input(self, text: str) -> Verdict:
        return await self.check_output(text)

    async def check_output(self, text: str) -> Verdict:
        self.asked.append(text)
        return self.judge(text)


def blocks(*words: str, category: str = "violence") -> Rules:
    return Rules(lambda text: Block((category,), 0.9) if all(w in text for w in words) else Allow())


def replaces(old: str, new: str, category: str = "profanity") -> Rules:
    return Rules(lambda t: Rewrite(t.replace(old, new), (category,)) if old in t else Allow())


def approve(gate: Gate, *sentences: str) -> list[str | None]:
    async def story() -> list[str | None]:
        return [said.text if said else None for said, _ in [await gate.approve(s) for s in sentences]]

    return asyncio.run(story())


def test_only_the_gate_makes_approved_text() -> None:
    root = Path(antiphon.__file__).parent
    makers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called == "Approved":
                    makers.add(path.relative_to(root).as_posix())
    assert makers <= MAKERS
    assert "agent/guardrail.py" in makers


def test_no_module_gives_approved_another_name() -> None:
    root = Path(antiphon.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not any(name.name == "Approved" and name.asname for name in node.names), path


def test_what_is_allowed_is_spoken_as_it_is() -> None:
    said, verdict = asyncio.run(Gate(blocks("bomb")).approve("Paris is the capital of France."))
    assert said == Approved("Paris is the capital of France.")
    assert verdict == Allow()


def test_what_is_rewritten_is_spoken_rewritten_and_says_so() -> None:
    said, _ = asyncio.run(Gate(replaces("damn", "darn")).approve("That is a damn good try."))
    assert said == Approved("That is a darn good try.", is_rewritten=True)


def test_a_blocked_sentence_is_replaced_by_the_safe_line_of_its_category() -> None:
    said, verdict = asyncio.run(Gate(blocks("idiot", category="insult")).approve("You idiot."))
    assert said == Approved(SAFE_LINES["insult"], is_rewritten=True)
    assert isinstance(verdict, Block)


def test_an_unknown_category_has_a_safe_line_too() -> None:
    gate = Gate(blocks("spell", category="witchcraft"), safe_lines={"": "Something else, please."})
    assert approve(gate, "A spell.") == ["Something else, please."]


def test_the_safe_line_is_said_once_in_a_reply_and_again_in_the_next() -> None:
    gate = Gate(blocks("bomb"))
    assert approve(gate, "A bomb is this.", "Light the bomb.") == [SAFE_LINES["violence"], None]
    gate.begin_reply()
    assert approve(gate, "A bomb again.") == [SAFE_LINES["violence"]]


def test_a_silent_gate_drops_what_is_blocked() -> None:
    assert approve(Gate(blocks("bomb"), is_silent=True), "A bomb.", "A cake.") == [None, None]


def test_self_harm_is_never_met_with_silence() -> None:
    gate = Gate(blocks("end it", category="self_harm"), is_silent=True)
    assert approve(gate, "You could end it.") == [SAFE_LINES["self_harm"]]


def test_a_check_that_raises_lets_nothing_through() -> None:
    def broken(text: str) -> Verdict:
        raise ConnectionError("the moderation server is down")

    said, verdict = asyncio.run(Gate(Rules(broken)).approve("Anything."))
    assert said is None
    assert isinstance(verdict, Block)
    assert "ConnectionError" in verdict.reason


def test_a_check_that_raises_costs_its_own_sentence_only() -> None:
    def flaky(text: str) -> Verdict:
        if text == "Second.":
            raise TimeoutError
        return Allow()

    assert approve(Gate(Rules(flaky)), "First.", "Second.", "Third.") == ["First.", None, "Third."]


def test_a_cancelled_check_is_not_taken_for_a_failure() -> None:
    def cancelled(text: str) -> Verdict:
        raise asyncio.CancelledError

    async def story() -> bool:
        try:
            await Gate(Rules(cancelled)).approve("Anything.")
        except asyncio.CancelledError:
            return True
        return False

    assert asyncio.run(story())


def test_a_harmful_sentence_does_not_slip_through_in_two_halves() -> None:
    gate = Gate(blocks("bleach", "vinegar", "breathe"))
    spoken = approve(gate, "Pour bleach and vinegar into a bowl.", "Then breathe in.")
    assert spoken == ["Pour bleach and vinegar into a bowl.", SAFE_LINES["violence"]]


def test_nor_in_three_short_pieces() -> None:
    gate = Gate(blocks("take", "all", "pills", category="self_harm"))
    assert approve(gate, "Just take.", "Yes, all.", "The pills.") == [
        "Just take.",
        "Yes, all.",
        SAFE_LINES["self_harm"],
    ]


def test_the_pieces_of_another_reply_are_no_context() -> None:
    gate = Gate(blocks("bleach", "breathe"))
    approve(gate, "Bleach removes stains, bleach does.")
    gate.begin_reply()
    assert approve(gate, "Now breathe in.") == ["Now breathe in."]


def test_a_short_follow_up_to_a_withheld_sentence_is_withheld() -> None:
    rules = Rules(lambda text: Block(("violence",)) if "bomb" in text else Allow())
    assert approve(Gate(rules), "The bomb goes like this.", "Then light it.")[1] is None


def test_a_long_sentence_is_judged_by_itself() -> None:
    rules = blocks("never asked about")
    long = "This sentence has far more than a dozen words in it and so it speaks for itself alone."
    approve(Gate(rules), "First.", long)
    assert rules.asked == ["First.", long]


def test_a_detail_cut_in_two_by_a_full_stop_stays_unsaid() -> None:
    rules = Rules(lambda t: Rewrite("My [number] now.", ("pii",)) if "0207 946. 0958" in t else Allow())
    gate = Gate(rules)
    said, verdict = asyncio.run(_second(gate, "It is 0207 946.", "0958 is the rest."))
    assert said == Approved(SAFE_LINES["pii"], is_rewritten=True)
    assert isinstance(verdict, Block)


async def _second(gate: Gate, first: str, second: str) -> tuple[Approved | None, Verdict]:
    await gate.approve(first)
    return await gate.approve(second)


def test_details_may_be_read_back_to_the_caller_who_gave_them() -> None:
    gate = Gate(replaces("555 0100", "[a phone number]", "pii"))
    said, verdict = asyncio.run(gate.approve("Your number is 555 0100, right?", is_read_back=True))
    assert said == Approved("Your number is 555 0100, right?")
    assert isinstance(verdict, Allow)
    assert approve(gate, "Shall I go on?") == ["Shall I go on?"]
    said, _ = asyncio.run(gate.approve("Your number is 555 0100, right?"))
    assert said == Approved("Your number is [a phone number], right?", is_rewritten=True)


def test_markup_is_taken_away_before_the_check() -> None:
    rules = blocks("bomb")
    assert approve(Gate(rules), "**Paris** is the `capital`.", "A b**om**b.", "🎉") == [
        "Paris is the capital.",
        SAFE_LINES["violence"],
        None,
    ]
    assert rules.asked[0] == "Paris is the capital."


def test_an_author_s_line_is_vouched_for() -> None:
    assert Gate(blocks("")).vouch("Hello, I'm your tutor.") == Approved("Hello, I'm your tutor.")


def test_the_strictest_of_a_chain_wins() -> None:
    verdict = asyncio.run(chain(replaces("damn", "darn"), blocks("bomb")).check_output("damn bomb"))
    assert isinstance(verdict, Block)
    assert verdict.categories == ("profanity", "violence")


def test_rewrites_of_a_chain_compose() -> None:
    both = chain(replaces("damn", "darn"), replaces("Sam", "[a name]", "pii"), blocks("nothing"))
    verdict = asyncio.run(both.check_output("damn, Sam"))
    assert verdict == Rewrite("darn, [a name]", ("profanity", "pii"))


def test_an_empty_chain_allows() -> None:
    assert asyncio.run(chain().check_input("hello")) == Allow()


def test_a_blocked_text_is_not_shown_to_the_guardrails_behind() -> None:
    behind = blocks("x")
    asyncio.run(chain(blocks("bomb"), behind).check_input("bomb"))
    assert behind.asked == []


def test_self_harm_asks_for_a_person() -> None:
    assert wants_person(Block(("self_harm",)))
    assert not wants_person(Block(("insult",)))
    assert not wants_person(Allow(("self_harm",)))
