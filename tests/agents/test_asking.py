"""Questions as people really put them."""

from __future__ import annotations

import pytest

from antiphon.agents.tutor.asking import worked_out
from antiphon.agents.tutor.mathematics import Solution, solve

BEFORE = solve("What is 25% of 80?")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Wait, stop. What is half of sixty?", "30"),
        ("Stop. What is half of sixty?", "30"),
        ("and 30% of 90?", "27"),
        ("No, I meant 35%.", "28"),
        ("I meant 35%.", "28"),
        ("No, I meant 35% of 80.", "28"),
        ("Make that 50 percent.", "40"),
        ("can you do 12 times 13", "156"),
        ("Could you please tell me what is 12 times 13?", "156"),
        ("okay so um what's 7 times 8", "56"),
        ("Tutor, 7 plus 8", "15"),
        ("I'd like to know 15 percent of 60", "9"),
    ],
)
def test_a_wrapped_question_is_worked_out(text: str, value: str):
    assert isinstance(BEFORE, Solution)
    found = worked_out(text, BEFORE)
    assert isinstance(found, Solution)
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    ["Why did World War One start?", "Wait, who was Henry the Eighth?", "Stop.", "No.", "I have two dogs.",
     "Okay, thank you.", "What happened in 1914?", "Explain a metaphor", "I meant the Romans."],
)  # fmt: skip
def test_what_is_no_sum_is_left_alone(text: str):
    assert not isinstance(worked_out(text, BEFORE if isinstance(BEFORE, Solution) else None), Solution)
