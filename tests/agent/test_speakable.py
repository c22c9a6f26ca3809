"""Text as it is read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.agent.speakable import speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Bold** and *soft* and _under_.", "Bold and soft and under."),
        ("# Causes\n- The alliances\n- The arms race", "Causes The alliances The arms race"),
        ("See [the page](https://example.com/a_(b)) now.", "See the page now."),
        ("Look at https://example.com/x?y=1.", "Look at the link."),
        ("Well done! 🎉👏", "Well done!"),
        ("Use `print()` here.", "Use print() here."),
        ("The answer is \\(x = 3\\).", "The answer is x = 3."),
        ("$\\frac{1}{2} + \\frac{1}{3}$", "1/2 + 1/3"),
        ("$$x^2 + y^{3} \\leq z^n$$", "x² + y³ ≤ z^n"),
        ("It costs $5 and then $6 more.", "It costs $5 and then $6 more."),
        ("\\sqrt{\\frac{4}{9}}", "√(4/9)"),
        ("3 * 4 is 12", "3 * 4 is 12"),
        ("a snake_case_name stays", "a snake_case_name stays"),
        ("x² is x^2, and 2^n grows", "x² is x^2, and 2^n grows"),
        ("\\[\\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\\]", "(-b ± √(b² - 4ac))/(2a)"),
        ("$30^\\circ$ is \\(\\pi/6\\)", "30° is π /6"),
        ("<b>Yes</b>, that's it.<br/>", "Yes, that's it."),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("---", ""),
        ("🎉", ""),
        ("  ", ""),
        ("| king | year |\n|---|---|\n| Harold | 1066 |", "king, year. Harold, 1066."),
        ("It's Elizabeth's — isn't it?", "It's Elizabeth's — isn't it?"),
        ("- 5 plus 3 is - 2", "5 plus 3 is - 2"),
    ],
)
def test_screen_marks_are_gone(written: str, spoken: str) -> None:
    assert speakable(written) == spoken


@given(st.text(st.sampled_from("ab 1.*_`#$\\{}^|[]()<>-~\n"), max_size=40))
def test_any_text_comes_out_on_one_line(text: str) -> None:
    spoken = speakable(text)
    assert "\n" not in spoken
    assert spoken == spoken.strip()
    assert "**" not in spoken


@given(st.text(st.characters(categories=("L", "Nd"), include_characters=" .,;'!?"), max_size=80))
def test_plain_words_are_left_alone(text: str) -> None:
    assert speakable(text).replace(" ", "") in ("".join(text.split()), "")
