"""How formulas are read: operators, powers, roots, fractions, functions, Greek letters, molecules.

Rules are applied in order, each to what the ones before it have left. Numbers stay digits: voices read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Reading = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Reading]

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
        "phi chi psi omega".split(),
        strict=True,
    )
) | {"Δ": "delta", "Σ": "the sum of", "∑": "the sum of", "Ω": "omega", "Π": "pi", "Φ": "phi", "Θ": "theta"}

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_VULGAR = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
}
_PARTS = {
    2: ("half", "halves"),
    3: ("third", "thirds"),
    4: ("quarter", "quarters"),
    5: ("fifth", "fifths"),
    6: ("sixth", "sixths"),
    7: ("seventh", "sevenths"),
    8: ("eighth", "eighths"),
    9: ("ninth", "ninths"),
    10: ("tenth", "tenths"),
    100: ("hundredth", "hundredths"),
}
_COMMANDS = {
    "times": "×",
    "cdot": "×",
    "div": "÷",
    "pm": "±",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "approx": "≈",
    "infty": "∞",
    "sum": "∑",
    "int": "∫",
    "to": "→",
    "rightarrow": "→",
    "circ": "°",
    "degree": "°",
    "quad": " ",
    "left": "",
    "right": "",
    "displaystyle": "",
}

_LEFT = r"(?:(?<=[\d)²³⁴⁵⁶⁷⁸⁹ⁿπθα-ω%½¼¾∞])|(?<=\b[A-Za-z])|(?<=\d[A-Za-z]))"
_RIGHT = r"(?=[-−+±]?(?:[\d(√∛α-ω∞½¼¾|]|\.\d|[A-Za-z](?![A-Za-z])|(?:sin|cos|tan|log|ln)\b))"
_FUNCTIONS = {"sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log", "ln": "natural log"}

_ELEMENT = r"(?:H|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Fe|Cu|Zn|Ag|Br|Pb)"
_MOLECULES = r"NaCl|HCl|NaOH|KCl|NaHCO|KOH|CaO|MgO|FeO|CuO|ZnO"


def _command(match: re.Match[str]) -> str:
    name = match.group(1)
    return _COMMANDS.get(name, f" {name} ")


def _power(match: re.Match[str]) -> str:
    exponent = match.group(1).translate(_SUPERSCRIPTS).strip("(){} ")
    match exponent:
        case "2":
            return " squared"
        case "3":
            return " cubed"
    return " to the power of " + exponent.replace("-", "minus ").replace("−", "minus ").replace("+", "plus ")


def _fraction(match: re.Match[str]) -> str:
    whole, top, bottom = match.groups()
    said = fraction(int(top), int(bottom))
    return f"{whole} and {said}" if whole else said


def fraction(top: int, bottom: int) -> str:
    """“3 quarters”, “one half”, or “3 over 14” where English has no common name for the part."""
    if bottom in _PARTS and top:
        part, parts = _PARTS[bottom]
        return f"one {part}" if top == 1 else f"{top} {parts}"
    return f"{top} over {bottom}"


def _vulgar(match: re.Match[str]) -> str:
    top, bottom = _VULGAR[match.group(2)].split("/")
    said = fraction(int(top), int(bottom))
    return f"{match.group(1)} and {said}" if match.group(1) else said


def _dash(match: re.Match[str]) -> str:
    """A dash between numbers: “minus” inside a sum, else “to”."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    is_sum = re.match(r"[\d.,]*\s?[=+×÷*^]", after) or re.search(r"[=+×÷*(]\s?[\d.,]*\Z", before)
    return " minus " if is_sum else " to "


def _molecule(match: re.Match[str]) -> str:
    atoms = re.findall(r"[A-Z]|[a-z]|\d+", match.group().translate(_SUBSCRIPTS))
    return " ".join(atom.upper() for atom in atoms)


def rule(pattern: str, reading: Reading) -> Rule:
    """Every match of `pattern` is said as `reading`: a template with groups, or a function of the match."""
    return re.compile(pattern), reading


LATEX: tuple[Rule, ...] = (
    rule(r"\\[()\[\]]|\$\$", " "),
    rule(r"\$(?!\s)([^$\n]*[A-Za-z\\=^][^$\n]*)(?<!\s)\$(?!\d)", r"\1"),
    rule(r"\\(?:text|mathrm|mathbf|operatorname|boxed)\s*\{([^{}]*)\}", r"\1"),
    rule(r"\\sqrt\s*\{([^{}]*)\}", r"√(\1)"),
    rule(r"\\[dt]?frac\s*\{(\d+)\}\s*\{(\d+)\}", r"\1/\2"),
    rule(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1 over \2"),
    rule(r"\\([A-Za-z]+)", _command),
    rule(r"\\[,;:! \\]", " "),
    rule(r"\\([%$#&_{}])", r"\1"),
    rule(r"\^\{([^{}]*)\}", r"^(\1)"),
    rule(r"_\{([^{}]*)\}", r" sub \1"),
    rule(r"[{}]", ""),
)

CHEMISTRY: tuple[Rule, ...] = (
    rule(rf"\b(?=(?:[A-Z][a-z]?)*[\d₂₃₄₅₆₇₈])(?:{_ELEMENT}[\d₀-₉]{{0,2}}){{2,}}(?!\w)", _molecule),
    rule(r"\b[HNOF][₂₃]|\b(?:H|O|N)2\b", _molecule),
    rule(rf"\b(?:{_MOLECULES})[\d₂₃]*(?!\w)", _molecule),
)

FORMULAS: tuple[Rule, ...] = (
    # What binds two operands, while both can still be seen.
    rule(r"(?<!\w)\|(?=\S)([^|\n]{1,20}?)(?<=\S)\|", r"the absolute value of \1"),
    rule(r"\bd([a-z])/d([a-z])\b", r"d \1 d \2"),
    rule(r"\b([a-z])([xyz])\b(?=\s?[-−+=×*÷/^²³)])", r"\1 \2"),
    rule(r"(?<=\d)(?!st|nd|rd|th|am|pm|pi|px|pt)([a-z])([a-z])\b", r" \1 \2"),
    rule(r"\)\s?/\s?(?=[\w(√])", ") over "),
    rule(r"\b(\d+)x(?= (?:faster|slower|more|less|as|bigger|larger|smaller|cheaper)\b)", r"\1 times"),
    rule(r"(?<=\b[A-D])\+(?![+\w])", " plus"),
    rule(_LEFT + r"\s?\*\s?" + _RIGHT, " times "),
    rule(r"(?<=\d) x (?=\d)", " times "),
    rule(r"(?<=\d)x(?=\d)", " by "),
    rule(_LEFT + r"\s?[×·⋅∙]\s?|[×⋅]", " times "),
    rule(r"\s?÷\s?", " divided by "),
    rule(r"(?<=[\d%])[-–—](?=[\d$£€])", _dash),
    rule(_LEFT + r"\s?−\s?|−\s?(?=[\w(√])", " minus "),
    rule(_LEFT + r"(?:\s-\s|(?<=[\d)²³])-)" + _RIGHT, " minus "),
    rule(r"(?<=\b[a-z])-(?=\d|[a-z]\b(?!-))", " minus "),
    rule(r"(?<![\w)])[-−](?=\.?\d|√|[a-z]\b|\()", "minus "),
    rule(_LEFT + r"\s?\+\s?" + _RIGHT, " plus "),
    rule(r"(?<=\d)\+(?=\s|$)", " plus"),
    rule(r"(?<=\s)\+(?=\s)|(?<![\w+])\+(?=\d)", " plus "),
    rule(r"\s?±\s?", " plus or minus "),
    rule(r"\s?(?:≠|!=)\s?", " is not equal to "),
    rule(r"\s?(?:≤|<=)\s?", " is less than or equal to "),
    rule(r"\s?(?:≥|>=)\s?", " is greater than or equal to "),
    rule(r"\s?(?:≈|≅)\s?", " is approximately "),
    rule(r"\s?(?:→|->)\s?", " to "),
    rule(r"\s?(?:⇒|=>)\s?", " so "),
    rule(r"(?<=[\w)²³])\s?<\s?(?=[\w(√.-])", " is less than "),
    rule(r"(?<=[\w)²³])\s?>\s?(?=[\w(√.-])", " is greater than "),
    rule(r"\s?={1,3}\s?", " equals "),
    # Functions and roots.
    rule(r"\b(sin|cos|tan|log|ln)\s?\(([^()]*)\)", lambda found: f"{_FUNCTIONS[found[1]]} of {found[2]}"),
    rule(
        r"\b(sin|cos|tan|ln)(?=[²\s]\s?(?:[A-Za-z]\b|\d|[α-ω])|²)",
        lambda found: _FUNCTIONS[found[1]],
    ),
    rule(r"(?<![A-Za-z])([A-Za-z])[′'](?=\()", r"\1 prime"),
    rule(r"(?<![A-Za-z])([fghuvpPFG])\(([^()]{1,24})\)", r"\1 of \2"),
    rule(r"prime\(([^()]{1,24})\)", r"prime of \1"),
    rule(r"\)\s?\(", ", times "),
    rule(r"(?<=[\d)])√|(?<=\b[a-z])√", " times √"),
    rule(r"√\s?\(([^()]*)\)", r"the square root of \1"),
    rule(r"√\s?", "the square root of "),
    rule(r"∛\s?", "the cube root of "),
    # Powers, indices, fractions.
    rule(r"(?<=\b[a-z])(?=[a-z](?:[²³]|\^))", " "),
    rule(r"([⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+)", _power),
    rule(r"\s?\^\s?(\([^()]*\)|[-−]?\w+)", _power),
    rule(r"(?<=[A-Za-z])_(?=[\dA-Za-z]\b)", " "),
    rule(r"(?<=[A-Za-z])([₀-₉]+)", lambda found: " " + found[1].translate(_SUBSCRIPTS)),
    rule(r"(\d+)?\s?([½⅓⅔¼¾⅕⅛⅜⅝])", _vulgar),
    rule(r"(?<![\w./])(?:(\d+) )?(\d{1,4})/(\d{1,4})(?![\w/]|\.\d)", _fraction),
    rule(r"(?<![\w/])([a-z]|\d+[a-z])/([a-z]|\d+[a-z]?)(?![\w/])", r"\1 over \2"),
    rule(r"(?<=\d)!(?=\s?(?:[)/]|times|plus|minus|equals|divided))", " factorial"),
    rule(r"(?<=\d)(?=[a-z](?![A-Za-z]))(?!s\b)", " "),
    rule(r"(?<=\d)\s?(?=\((?:\d|[a-z]\b))", " times "),
    rule("[" + "".join(_GREEK) + "]", lambda found: f" {_GREEK[found[0]]} "),
    rule(r"\s?∞", " infinity"),
    rule(r"\s?∫", " the integral of "),
)
