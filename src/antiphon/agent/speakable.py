"""Text as a person would read it aloud: no markup, no symbols of the screen, formulas in words."""

from __future__ import annotations

import re

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi "
    "psi omega"
)
COMMANDS = {
    "times": "times", "cdot": "times", "div": "divided by", "pm": "plus or minus", "leq": "is at most",
    "le": "is at most", "geq": "is at least", "ge": "is at least", "neq": "is not equal to",
    "ne": "is not equal to", "approx": "is about", "infty": "infinity", "circ": "degrees", "to": "to",
    "rightarrow": "gives", "Rightarrow": "so", "therefore": "so", "degree": "degrees", "percent": "percent",
    "ldots": "and so on", "dots": "and so on", "sin": "sine", "cos": "cosine", "tan": "tangent", "log": "log",
    "ln": "natural log", "sum": "the sum of", "int": "the integral of", "angle": "angle",
    **{name: name for name in GREEK.split()},
}  # fmt: skip
"LaTeX commands as words; an unknown command is left out."

POWERS = {"2": "squared", "3": "cubed", "²": "squared", "³": "cubed"}
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()]+[^\s<>().,;:!?'\"]", re.I)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U0001f1e6-\U0001f1ff"
    "\U0000fe00-\U0000fe0f\U0000200d\U000020e3\U000023e9-\U000023fa]+"
)
_BRACED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def speakable(text: str) -> str:
    """`text` with links, markdown, LaTeX, tags and emoji gone or in words, on one line. May be empty.

    Text that has none of these comes back as it is, but for its white space. Idempotent.
    """
    text = re.sub(r"```[\w+-]*\n?|```", " ", text)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)", r"\1", text)
    text = _URL.sub("the link", text)
    text = _formulas(text)
    text = re.sub(r"</?[A-Za-z][^<>]*>", " ", text)
    text = _EMOJI.sub(" ", text)
    text = re.sub(r"(?m)^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+(?=\S))", "", text)
    text = re.sub(r"(?m)^[ \t]*(?:[-*_=][ \t]*){3,}$", " ", text)
    text = re.sub(r"(?m)^[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+.*$", " ", text)
    text = re.sub(r"(?m)^[ \t]*\|(.*)\|[ \t]*$", lambda row: row[1].rstrip().replace("|", ",") + ".", text)
    # Marks around words, not a star between numbers.
    text = re.sub(r"(\*\*\*|\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])([*_])(?=[^\s*_])([^*_\n]*?)(?<=\S)\1(?![\w*])", r"\2", text)
    text = text.replace("`", "")
    text = re.sub(r"(?<=\d)\s*\*\s*(?=\d)", " times ", text)
    text = re.sub(r"\*{2,}", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" +([,.;:!?])(?=\s|$)", r"\1", text)
    return text if any(map(str.isalnum, text)) else ""


def _formulas(text: str) -> str:
    """LaTeX and powers in words."""
    if "\\" in text or "$" in text:
        text = re.sub(r"\$\$(.+?)\$\$", r" \1 ", text, flags=re.S)
        # A pair of dollar signs is a formula only when what is inside looks like one: "$5 and $6" is money.
        text = re.sub(r"\$(?=[^\s$])([^$\n]*?[\\^_=+A-Za-z][^$\n]*?)(?<=\S)\$(?!\d)", r"\1", text)
        text = re.sub(r"\\[\[\]()]", " ", text)
        text = re.sub(r"\\(?:begin|end)\{[^}]*\}", " ", text)
        text = re.sub(r"\\(?:left|right|displaystyle|quad|qquad)(?![A-Za-z])|\\[,;:! ]", " ", text)
        for _ in range(4):  # nested at most so deep
            text = re.sub(r"\\[dt]?frac\s*" + _BRACED + r"\s*" + _BRACED, r" \1 over \2 ", text)
            text = re.sub(r"\\sqrt\s*" + _BRACED, r" the square root of \1 ", text)
            text = re.sub(r"\\(?:text|mathrm|mathbf|textbf|textit|boxed|emph)\s*" + _BRACED, r" \1 ", text)
        text = re.sub(r"\\([A-Za-z]+)", lambda found: f" {COMMANDS.get(found[1], '')} ", text)
        text = re.sub(r"\\([%$#&_{}])", r"\1", text)
        text = text.replace("\\\\", " ").replace("\\", " ")
    text = re.sub(r"\s*\^\s*(?:" + _BRACED + r"|(-?\w+))", lambda m: _power(m[1] or m[2] or ""), text)
    text = re.sub(r"(?<=[A-Za-z])_(?:" + _BRACED + r"|(\d))(?!\w)", lambda m: f" {m[1] or m[2]} ", text)
    return re.sub(r"(?<=[\w)])([²³])", lambda found: " " + POWERS[found[1]], text)


def _power(exponent: str) -> str:
    exponent = exponent.strip()
    return f" {POWERS[exponent]} " if exponent in POWERS else f" to the power of {exponent} "
