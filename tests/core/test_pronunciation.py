"""What is written is said as a reader would say it, and every spoken word knows its place in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.pronunciation import spoken

READINGS = [
    ("3x − 5", "3 x minus 5"),
    ("3x - 5", "3 x minus 5"),
    ("x - 5 = 10", "x minus 5 equals 10"),
    ("x-5", "x minus 5"),
    ("The well-known e-mail re-enters.", "The well-known e-mail re-enters."),
    ("1914-1918", "1914 to 1918"),
    ("1914–1918", "1914 to 1918"),
    ("from 1914–18", "from 1914 to 18"),
    ("2-3 days", "2 to 3 days"),
    ("10-3=7", "10 minus 3 equals 7"),
    ("10 - 3 = 7", "10 minus 3 equals 7"),
    ("5 - 3", "5 minus 3"),
    ("-5", "minus 5"),
    ("It is -5 degrees.", "It is minus 5 degrees."),
    ("√16", "the square root of 16"),
    ("√(x+1) = 2", "the square root of x plus 1 equals 2"),
    ("2√3", "2 times the square root of 3"),
    ("x²", "x squared"),
    ("x^2", "x squared"),
    ("10^3", "10 cubed"),
    ("x^4 + y^n", "x to the power of 4 plus y to the power of n"),
    ("e^(2x)", "e to the power of 2 x"),
    ("x^-1", "x to the power of minus 1"),
    ("E = mc²", "E equals m c squared"),
    ("5 × 6 = 30", "5 times 6 equals 30"),
    ("10 ÷ 2", "10 divided by 2"),
    ("5 * 6", "5 times 6"),
    ("x ≠ 0", "x is not equal to 0"),
    ("x ≤ 5", "x is less than or equal to 5"),
    ("x >= 3", "x is greater than or equal to 3"),
    ("a < b", "a is less than b"),
    ("±3", "plus or minus 3"),
    ("π ≈ 3.14", "pi is approximately 3.14"),
    ("2πr", "2 pi r"),
    ("½ cup", "one half cup"),
    ("2½ cups", "2 and one half cups"),
    ("1 1/2 cups", "1 and one half cups"),
    ("x = 1/2", "x equals one half"),
    ("3/4 of it", "3 quarters of it"),
    ("5/2", "5 halves"),
    ("3/14", "3 over 14"),
    ("on 3/14", "on March 14th"),
    ("and/or", "and or"),
    ("he/she", "he or she"),
    ("2x^2 + 5x - 3 = 0", "2 x squared plus 5 x minus 3 equals 0"),
    ("2x² + 5x − 3 = 0", "2 x squared plus 5 x minus 3 equals 0"),
    ("f(x) = 3x + 2", "f of x equals 3 x plus 2"),
    ("f'(x) = 2x", "f prime of x equals 2 x"),
    ("sin(x)", "sine of x"),
    ("sin θ + cos θ = 1", "sine theta plus cosine theta equals 1"),
    ("log(100)", "log of 100"),
    ("(x + 2)(x - 3) = 0", "(x plus 2, times x minus 3) equals 0"),
    ("3(x + 2)", "3 times (x plus 2)"),
    ("5! = 120", "5 factorial equals 120"),
    ("50%", "50 percent"),
    ("5-10%", "5 to 10 percent"),
    ("12.5 %", "12.5 percent"),
    ("sam.jones@example.com", "sam dot jones at example dot com"),
    (
        "Mail sam_j-x+y@mail.example.co.uk, please.",
        "Mail sam underscore j dash x plus y at mail dot example dot co dot U K, please.",
    ),
    ("https://www.example.com/docs/page?x=1", "w w w dot example dot com slash docs slash page"),
    ("See example.com.", "See example dot com."),
    ("v1.2.3", "version 1 point 2 point 3"),
    ("Use version v1.2.3.", "Use version 1 point 2 point 3."),
    ("version 2.0.1", "version 2 point 0 point 1"),
    ("192.168.0.1", "192 dot 168 dot 0 dot 1"),
    ("Python 3.11", "Python 3.11"),
    ("report.pdf", "report dot P D F"),
    ("main.py", "main dot py"),
    ("$49.99", "49 dollars and 99 cents"),
    ("$1", "1 dollar"),
    ("$0.99", "99 cents"),
    ("$1.01", "1 dollar and 1 cent"),
    ("£3", "3 pounds"),
    ("£3.50", "3 pounds and 50 pence"),
    ("€20", "20 euros"),
    ("$1.2 million", "1.2 million dollars"),
    ("$5k", "5 thousand dollars"),
    ("-$5", "minus 5 dollars"),
    ("20 USD", "20 dollars"),
    ("$20/month", "20 dollars per month"),
    ("2026-11-21", "November 21st, 2026"),
    ("12/25/2026", "December 25th, 2026"),
    ("3/5/26", "March 5th, 2026"),
    ("Nov. 21", "November 21st"),
    ("Nov 21, 2026", "November 21st, 2026"),
    ("November 3", "November 3rd"),
    ("10:30 a.m.", "10 30 A.M."),
    ("at 10:05 pm.", "at 10 oh 5 P.M."),
    ("10:00", "10 o'clock"),
    ("14:30", "14 30"),
    ("11am", "11 A.M."),
    ("9am-5pm", "9 A.M. to 5 P.M."),
    ("Mon-Fri", "Monday to Friday"),
    ("Monday-Friday", "Monday to Friday"),
    ("Mon–Fri", "Monday to Friday"),
    ("5:1", "5 to 1"),
    ("We close at 5 p.m.", "We close at 5 P.M."),
    ("25°C", "25 degrees Celsius"),
    ("-5°C", "minus 5 degrees Celsius"),
    ("72 °F", "72 degrees Fahrenheit"),
    ("90°", "90 degrees"),
    ("5 km/h", "5 kilometers per hour"),
    ("30 mph", "30 miles per hour"),
    ("10 cm²", "10 square centimeters"),
    ("5 m", "5 meters"),
    ("5 m/s", "5 meters per second"),
    ("9.8 m/s²", "9.8 meters per second squared"),
    ("3 kg", "3 kilograms"),
    ("1 kg", "1 kilogram"),
    ("5m - 3 = 12", "5 m minus 3 equals 12"),
    ("16 GB", "16 gigabytes"),
    ("100 Mbps", "100 megabits per second"),
    ("555-123-4567", "5 5 5, 1 2 3, 4 5 6 7"),
    ("(555) 123-4567", "5 5 5, 1 2 3, 4 5 6 7"),
    ("555-0100", "5 5 5, 0 1 0 0"),
    ("+1 415 555 0100", "plus 1, 4 1 5, 5 5 5, 0 1 0 0"),
    ("1-800-555-0199", "1, 8 0 0, 5 5 5, 0 1 9 9"),
    ("4242 4242 4242 4242", "4 2 4 2, 4 2 4 2, 4 2 4 2, 4 2 4 2"),
    ("Your code is 472915.", "Your code is 4 7 2 9 1 5."),
    ("order #1234", "order number 1 2 3 4"),
    ("account number 00123", "account number 0 0 1 2 3"),
    ("Henry VIII's wives", "Henry the eighth's wives"),
    ("World War II", "World War 2"),
    ("World War I began", "World War 1 began"),
    ("Louis XIV", "Louis the fourteenth"),
    ("Chapter IV", "Chapter 4"),
    ("Charles I was king. Then I left.", "Charles I was king. Then I left."),
    ("AT&T and R&D", "AT and T and R and D"),
    ("#5", "number 5"),
    ("#winning", "hashtag winning"),
    ("@sam", "at sam"),
    ("~5", "about 5"),
    ("NASA", "NASA"),
    ("H2O and CO2", "H 2 O and C O 2"),
    ("H₂O", "H 2 O"),
    ("CO₂", "C O 2"),
    ("C6H12O6", "C 6 H 12 O 6"),
    ("NaCl", "N A C L"),
    ("H2SO4", "H 2 S O 4"),
    ("O2", "O 2"),
    ("Hello 👋 there 🎉", "Hello there"),
    ("✅ Done", "Done"),
    ("**Bold** and *italic* and `code`", "Bold and italic and code"),
    ("# Heading", "Heading"),
    ("- item one", "item one"),
    ("[link](https://example.com)", "link"),
    ("\\( x^2 \\)", "x squared"),
    ("$x^2 + 1$", "x squared plus 1"),
    ("$\\frac{1}{2}$", "one half"),
    ("\\frac{a}{b}", "a over b"),
    ("\\sqrt{16}", "the square root of 16"),
    ("x_1 + x_2", "x 1 plus x 2"),
    ("x₁", "x 1"),
    ("Dr. Smith", "Doctor Smith"),
    ("St. Paul", "Saint Paul"),
    ("Main St. is closed", "Main Street is closed"),
    ("12 Oak Dr.", "12 Oak Drive."),
    ("Mr. and Mrs. Hall", "Mister and Missus Hall"),
    ("e.g. apples, i.e. fruit, etc.", "for example apples, that is fruit, et cetera."),
    ("No. 5", "number 5"),
    ("p. 12", "page 12"),
    ("Smith vs. Jones", "Smith versus Jones"),
    ("1st, 2nd, 21st", "1st, 2nd, 21st"),
    ("1990s", "1990s"),
    ("24/7", "24 7"),
    ("Yes - of course", "Yes, of course"),
    ("Yes — of course", "Yes, of course"),
    ("a well—known fact", "a well, known fact"),
    ("x → y", "x to y"),
    ("A | B", "A, B"),
    ("5 x 4", "5 times 4"),
    ("1920x1080", "1920 by 1080"),
    ("10x faster", "10 times faster"),
    ("C++", "C++"),
    ("A+", "A plus"),
    ("50+ people", "50 plus people"),
    ("5'10\"", "5 foot 10"),
    ("snake_case_name", "snake case name"),
    ("Wi-Fi 6", "Wi-Fi 6"),
    ("GPT-4", "GPT-4"),
    ("COVID-19", "COVID-19"),
    ("t-shirt", "t-shirt"),
    ('"Quote" (aside)', '"Quote" (aside)'),
    (
        "x = -b ± √(b² - 4ac) / 2a",
        "x equals minus b plus or minus the square root of b squared minus 4 a c over 2 a",
    ),
    ("a² + b² = c²", "a squared plus b squared equals c squared"),
    ("y = mx + b", "y equals m x plus b"),
    ("2(3) = 6", "2 times (3) equals 6"),
    ("|x| = 5", "the absolute value of x equals 5"),
    ("dy/dx", "d y d x"),
    ("km/h", "kilometers per hour"),
    ("3.5 + 2.5", "3.5 plus 2.5"),
    ("100,000", "100,000"),
    ("1,250 people", "1,250 people"),
    ("What is 7 times 8?", "What is 7 times 8?"),
    ("50 cents", "50 cents"),
    ("I/O", "I/O"),
    ("Q&A", "Q and A"),
    ("FAQ", "F A Q"),
    ("PhD", "P H D"),
    ("page 5-6", "page 5 to 6"),
    ("Room 12B", "Room 12B"),
    ("3D", "3D"),
    ("9/11", "9 11"),
    ("$5-$10", "5 dollars to 10 dollars"),
    ("$3-5 each", "3 to 5 dollars each"),
    ("A+ and C++", "A plus and C++"),
    ("Charles II", "Charles the second"),
    ("go on 2/3 of the way", "go on 2 thirds of the way"),
    ("Mail a@b.co.uk", "Mail a at b dot co dot U K"),
    ("Hi.", "Hi."),
    ("Done!  👍", "Done!"),
    ('He said: "wait - really?"', 'He said: "wait, really?"'),
    ("if a = 5 and b = -3, then a - b = 8.", "if a equals 5 and b equals minus 3, then a minus b equals 8."),
    ("The area is πr².", "The area is pi r squared."),
    ("Solve 2x + 3 = 7.", "Solve 2 x plus 3 equals 7."),
    ("Divide both sides by 2: x = 2.", "Divide both sides by 2: x equals 2."),
    ("The answer is $x = 5$.", "The answer is x equals 5."),
    ("It costs $5 or $6.", "It costs 5 dollars or 6 dollars."),
    ("Use 3·4", "Use 3 times 4"),
]


def said(text: str) -> str:
    return " ".join(word.text for word in spoken(text))


@pytest.mark.parametrize(("written", "reading"), READINGS)
def test_reading(written: str, reading: str) -> None:
    assert said(written) == reading


@pytest.mark.parametrize("text", ["", "   ", "👍🏽", "🎉 ✅", "...", "—", "***", "\n\n", "|", "$"])
def test_what_has_no_words_is_not_said(text: str) -> None:
    assert spoken(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox, as you know, jumps over the lazy dog.",
        'A well-known e-mail; it\'s "quoted" (and bracketed): fine!',
        "I said so in 1914, and 1,250 people heard it.",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert said(text) == text


def test_every_spoken_word_knows_which_text_it_completes() -> None:
    text = "Pay $49.99 to Dr. Smith at 10:30 a.m., please."
    reached = {word.text: text[: word.end] for word in spoken(text)}
    assert reached["Pay"] == "Pay"
    assert reached["49"] == reached["cents"] == "Pay $49.99"
    assert reached["Doctor"] == "Pay $49.99 to Dr."
    assert reached["A.M.,"] == "Pay $49.99 to Dr. Smith at 10:30 a.m.,"
    assert reached["please."] == text


def test_an_operator_belongs_to_its_sign() -> None:
    text = "3x - 5 = 10"
    assert [(word.text, text[: word.end]) for word in spoken(text)] == [
        ("3", "3x"),
        ("x", "3x"),
        ("minus", "3x -"),
        ("5", "3x - 5"),
        ("equals", "3x - 5 ="),
        ("10", text),
    ]


WRITTEN = st.lists(
    st.sampled_from(
        [
            *"ab xX19.,-−=^²√*/|$%#@&_(){}\\'\"\n…—👍",
            "3x ",
            " + ",
            "$5.10 ",
            "a@b.com ",
            "10:30 a.m. ",
            "2026-11-21",
        ]
    ),
    max_size=40,
).map("".join) | st.text(max_size=60)


@given(WRITTEN)
def test_the_ends_rise_and_are_ends_of_words(text: str) -> None:
    at = 0
    for word in spoken(text):
        assert at <= word.end <= len(text)
        assert not text[word.end - 1].isspace()
        assert word.end == len(text) or text[word.end].isspace()
        assert word.text == "".join(word.text.split())
        assert any(char.isalnum() for char in word.text)
        at = word.end
