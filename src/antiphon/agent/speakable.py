"""Text as it is shown and said: no markup, no LaTeX. Symbols stay: the voice knows how to say them."""

from __future__ import annotations

import re

_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon theta lambda mu pi rho sigma tau phi omega".split(),
        "αβγδεθλμπρστφω",
        strict=True,
    )
)
SYMBOLS = {
    "times": "×", "cdot": "×", "div": "÷", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "infty": "infinity", "circ": "°", "degree": "°", "to": "→",
    "rightarrow": "→", "Rightarrow": "so", "therefore": "so", "percent": "%", "ldots": "and so on",
    "dots": "and so on", "sin": "sin", "cos": "cos", "tan": "tan", "log": "log", "ln": "ln", "sum": "∑",
    "int": "∫", "angle": "angle", "lt": "<", "gt": ">",
    **_GREEK,
}  # fmt: skip
"LaTeX commands as plain text; an unknown command is left out."

_URL = re.compile(r"(?:https?://|www\.)[^\s<>()]+[^\s<>().,;:!?'\"]", re.I)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U0001f1e6-\U0001f1ff"
    "\U0000fe00-\U0000fe0f\U0000200d\U000020e3\U000023e9-\U000023fa]+"
)
_BRACED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def speakable(text: str) -> str:
    """`text` on one line, with links, markdown, LaTeX, tags and emoji gone or in plain text. May be empty.

    Text that has none of these comes back as it is, but for its white space.
    """
    text = re.sub(r"```[\w+-]*\n?|```", " ", text)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)", r"\1", text)
    text = _URL.sub("the link", text)
    if "\\" in text or "$" in text:
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
    text = re.sub(r"\*{2,}", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" +([,.;:!?])(?=\s|$)", r"\1", text)
    return text if any(map(str.isalnum, text)) else ""


def _formulas(text: str) -> str:
    """`text` with its LaTeX in plain text."""
    text = re.sub(r"\$\$(.+?)\$\$", r" \1 ", text, flags=re.S)
    # A pair of dollar signs is a formula only when what is inside looks like one: "$5 and $6" is money.
    text = re.sub(r"\$(?=[^\s$])([^$\n]*?[\\^_=+A-Za-z][^$\n]*?)(?<=\S)\$(?!\d)", r"\1", text)
    text = re.sub(r"\\[\[\]()]", " ", text)
    text = re.sub(r"\\(?:begin|end)\{[^}]*\}", " ", text)
    text = re.sub(r"\\(?:left|right|displaystyle|quad|qquad)(?![A-Za-z])|\\[,;:! ]", " ", text)
    for _ in range(4):  # nested at most so deep
        text = re.sub(r"\\[dt]?frac\s*" + _BRACED + r"\s*" + _BRACED, _over, text)
        text = re.sub(r"\\sqrt\s*" + _BRACED, lambda found: f"√{_closed(found[1])}", text)
        text = re.sub(r"\\(?:text|mathrm|mathbf|textbf|textit|boxed|emph)\s*" + _BRACED, r" \1 ", text)
        text = re.sub(r"\^\s*" + _BRACED, lambda found: f"^{_closed(found[1])}", text)
        text = re.sub(r"_\s*" + _BRACED, r"_\1", text)
    text = re.sub(r"\s*\^\s*\\circ(?![A-Za-z])", "°", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda found: f" {SYMBOLS.get(found[1], '')} ", text)
    text = re.sub(r"\\([%$#&_{}])", r"\1", text)
    text = re.sub(r"\^([23])(?![\w.])", lambda found: "²³"[int(found[1]) - 2], text)
    return text.replace("\\", " ")


def _over(fraction: re.Match[str]) -> str:
    return f"{_closed(fraction[1])}/{_closed(fraction[2])}"


def _closed(term: str) -> str:
    """`term`, in brackets unless it holds together without."""
    term = term.strip()
    return term if re.fullmatch(r"-?(?:\d+(?:\.\d+)?|\w)|\(.*\)", term) else f"({term})"
