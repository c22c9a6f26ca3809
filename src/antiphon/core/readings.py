"""How everyday writing is read: markup, addresses, long numbers, abbreviations, names, symbols.

Rules are applied in order, each to what the ones before it have left.
"""

from __future__ import annotations

import re

from antiphon.core.formulas import Rule, rule
from antiphon.core.quantities import any_of, ordinal

_TITLES = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Prof": "Professor",
    "Gen": "General",
    "Gov": "Governor",
    "Sen": "Senator",
    "Rep": "Representative",
    "Capt": "Captain",
    "Lt": "Lieutenant",
    "Col": "Colonel",
    "Sgt": "Sergeant",
    "Rev": "Reverend",
    "Hon": "Honorable",
    "Pres": "President",
    "St": "Saint",
    "Mt": "Mount",
    "Ft": "Fort",
}
_ABBREVIATIONS = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "approx.": "approximately",
    "est.": "established",
    "dept.": "department",
    "Dept.": "Department",
    "Jr.": "Junior",
    "Sr.": "Senior",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "Co.": "Company",
    "Bros.": "Brothers",
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Rd.": "Road",
    "Apt.": "Apartment",
    "Ph.D.": "P H D",
    "PhD": "P H D",
    "M.D.": "M D",
    "km/h": "kilometers per hour",
    "w/o": "without",
    "w/": "with ",
    "n/a": "not applicable",
    "N/A": "not applicable",
    "FAQ": "F A Q",
    "SaaS": "sass",
    "OAuth": "oh auth",
}
_COUNTED = {
    "No.": "number",
    "no.": "number",
    "Nos.": "numbers",
    "p.": "page",
    "pp.": "pages",
    "ch.": "chapter",
    "Ch.": "Chapter",
    "vol.": "volume",
    "Vol.": "Volume",
    "fig.": "figure",
    "Fig.": "Figure",
    "sec.": "section",
    "Sec.": "Section",
    "art.": "article",
    "Art.": "Article",
    "ext.": "extension",
    "Ext.": "Extension",
    "eq.": "equation",
    "Eq.": "Equation",
}
_REIGNS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_DICTATED = {
    "@": "at",
    ".": "dot",
    "/": "slash",
    "_": "underscore",
    "-": "dash",
    "+": "plus",
    ":": "colon",
    "~": "tilde",
    "=": "equals",
    "%": "percent",
    "&": "and",
}
_SPELLED_DOMAINS = frozenset("uk us io eu ai tv de fr ca au edu".split())
_TOP_LEVEL = r"com|org|net|edu|gov|io|co|uk|de|fr|eu|us|ca|au|ai|app|dev|info|me|tv"
_FILE_KINDS = r"pdf|csv|txt|html?|js|ts|py|md|json|xml|zip|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp[34]|wav"
_ROMAN = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_ROMAN_COUNTED = (
    "World War|Chapter|chapter|Part|part|Act|Scene|Section|section|Volume|Book|Phase|phase|Article|Type|type|"
    "Level|Stage|stage|Class|Super Bowl|Apollo|Episode|Round|Rocky|Title|Mark|Unit"
)
_ROMAN_NAMED = (
    "Pope|King|Queen|Henry|Louis|Edward|George|William|Charles|James|Richard|Elizabeth|Napoleon|Pius|Benedict|"
    "Leo|John Paul|Paul|John|Ramses|Ramesses|Frederick|Philip|Alexander|Nicholas|Peter|Catherine|Ivan|Mary|"
    "Gustav|Ferdinand|Wilhelm|Franz|Otto|Darius|Ptolemy|Thutmose|Amenhotep|Urban|Innocent|Gregory|Clement"
)


def _spelled(match: re.Match[str]) -> str:
    """An address as it is dictated."""
    text = re.sub(r"\A(?:https?|ftp)://|[?#].*\Z|/\Z", "", match.group())
    text = re.sub(r"\Awww\.", "w w w.", text)
    text = re.sub(
        r"(?<=\.)([a-z]{2,3})(?=[./]|\Z)",
        lambda found: " ".join(found[1].upper()) if found[1] in _SPELLED_DOMAINS else found[1],
        text,
    )
    return re.sub(r"[^\w ]|_", lambda found: f" {_DICTATED.get(found[0], '')} ", text)


def _file(match: re.Match[str]) -> str:
    kind = match.group(2)
    return f"{match.group(1)} dot {kind if kind in ('py', 'zip', 'wav', 'gif') else ' '.join(kind.upper())}"


def _version(match: re.Match[str]) -> str:
    numbers = match.group(2).split(".")
    is_address = len(numbers) == 4 and not match.group(1)
    said = (" dot " if is_address else " point ").join(numbers)
    is_named = match.string[: match.start()].lower().endswith("version ")
    return f"version {said}" if match.group(1) and not is_named else said


def _digits(text: str) -> str:
    groups = re.findall(r"\d+", text)
    return ("plus " if text.startswith("+") else "") + ", ".join(" ".join(group) for group in groups)


def _phone(match: re.Match[str]) -> str:
    return _digits(match.group())


def _code(match: re.Match[str]) -> str:
    return match.group(1) + " ".join(match.group(2))


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[char] for char in text]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _reign(match: re.Match[str]) -> str:
    number = _roman(match[2])
    return f"{match[1]} the {_REIGNS[number - 1] if number <= len(_REIGNS) else ordinal(number)}"


def _street(match: re.Match[str]) -> str:
    return _stop(f"{match[1]} {'Street' if match[2] == 'St' else 'Drive'}", match)


def _stop(said: str, match: re.Match[str]) -> str:
    """`said`, with the stop that the abbreviation shared with its sentence."""
    return said + ("." if match.group().endswith(".") and not match.string[match.end() :].strip() else "")


MARKUP: tuple[Rule, ...] = (
    rule(r"!?\[([^\]]*)\]\([^)]*\)", r"\1"),
    rule(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>", " "),
    rule(r"```\w*|`", ""),
    rule(r"(?m)^\s*(?:[-*+•>]|#{1,6})\s+(?=\S)", " "),
    rule(r"(?m)^\s*[-*_=]{3,}\s*$", " "),
    rule(r"\*{2,}|__|~~", ""),
    rule(r"(?<![\w*])\*(?=\S)([^*\n]*)(?<=\S)\*(?!\w)", r"\1"),
    rule(r"(?<!\w)_(?=\S)([^_\n]*)(?<=\S)_(?!\w)", r"\1"),
    rule(
        "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200d\u20e3\U000e0000-\U000e007f]+", " "
    ),
    rule("[\u200b\u200c\u2060\ufeff\u00ad]", ""),
    rule("[\u00a0\u2007\u202f\u2009]", " "),
)

ADDRESSES: tuple[Rule, ...] = (
    rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _spelled),
    rule(
        r"\b(?:https?|ftp)://[^\s<>\"')\]]*[^\s<>\"')\],.;:!?]|\bwww\.[^\s<>\"')\]]*[^\s<>\"')\],.;:!?]",
        _spelled,
    ),
    rule(rf"\b(?:[\w-]+\.)+(?:{_TOP_LEVEL})\b(?:/[^\s<>\"')\]]*[^\s<>\"')\],.;:!?])?(?![\w.]*\w)", _spelled),
    rule(rf"\b([\w-]+)\.({_FILE_KINDS})\b", _file),
    rule(r"\b([vV])(\d+(?:\.\d+)*)\b", _version),
    rule(r"(?<![\w.])()(\d+(?:\.\d+){2,})(?![\w])", _version),
    rule(r"(?<![\w.-])(?:\+?\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])", _phone),
    rule(r"(?<![\w.-])\d{3}-\d{4}(?![\w-])|(?<![\w.-])\d{5}-\d{4}(?![\w-])", _phone),
    rule(r"(?<!\w)\+\d[\d -]{6,}\d", _phone),
    rule(r"(?<![\w.-])\d{4}(?: \d{4}){2,3}(?![\w])", _phone),
    rule(r"(?<![\w.,-])(?:0\d{2,}|\d{7,})(?![\w,-]|\.\d)", lambda found: " ".join(found[0])),
    rule(
        r"(?i)\b((?:code|pin|zip|zip code|account|order|confirmation|reference|ticket|case|id|extension)"
        r"(?: number| code| no\.?)?(?: is|:)? #?)(\d{3,6})(?![\w,]|\.\d)",
        _code,
    ),
)

ABBREVIATED: tuple[Rule, ...] = (
    rule(rf"(?<![\w.])({any_of(_COUNTED)}) ?(?=\d)", lambda found: _COUNTED[found[1]] + " "),
    rule(r"(?<!\w)#(?=\d)", "number "),
    rule(
        r"(?<!\w)(?!(?:In|At|To|From|The|Visit|See|And|Near|Of)\b)([A-Z][a-z]+) (St|Dr)\."
        r"(?=[\s,.;!?]|$)(?! [A-Z])",
        _street,
    ),
    rule(r"\b(Mr|Mrs|Ms)\.", lambda found: _TITLES[found[1]]),
    rule(rf"\b({any_of(_TITLES)})\. ?(?=[A-Z])", lambda found: _TITLES[found[1]] + " "),
    rule(
        rf"(?<![\w./])({any_of(_ABBREVIATIONS)})(?![\w/])",
        lambda found: _stop(_ABBREVIATIONS[found[1]], found),
    ),
    rule(rf"\b({_ROMAN_COUNTED}) ({_ROMAN})\b(?!['’.]\w)", lambda found: f"{found[1]} {_roman(found[2])}"),
    rule(rf"\b({_ROMAN_NAMED}) (?!I\b)({_ROMAN})\b(?![.]\w)", _reign),
)

SYMBOLS: tuple[Rule, ...] = (
    rule(r"\band/or\b", "and or"),
    rule(r"\b(he|she|his|him|her)/(he|she|his|hers?|him|they)\b", r"\1 or \2"),
    rule(r"(?<=[A-Za-z]{2})/(?=[A-Za-z]{2})", " "),
    rule(r"\s?&\s?", " and "),
    rule(r"(?<!\w)#(?=[A-Za-z])", "hashtag "),
    rule(r"(?<!\w)@(?=\w)", "at "),
    rule(r"\s@\s", " at "),
    rule(r"(?<!\w)~\s?(?=\d)", "about "),
    rule(r"§\s?", "section "),
    rule(r"©", "copyright "),
    rule(r"[™®•†‡¶←↑↓]", " "),
    rule(r"(?<=\w)_(?=\w)", " "),
    rule(r"\s*\|\s*", ", "),
    rule(r"[\\*^`~_<>]", " "),
    rule(r"\s+[-–—]+\s+", ", "),
    rule(r"\s*[–—]\s*", ", "),
    rule(r"\s+(?=[,.;:!?])", ""),
    rule(r"([,;:]),", r"\1"),
)
