"""Percentages: discounts, increases, “20 is what percent of 80”, “10 is 20 percent of what”."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.arithmetic import money, sentence
from antiphon.agents.tutor.mathematics.figures import figure
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution
from antiphon.agents.tutor.patterns import Pattern

N = r"-?\d+(?:\.\d+)?(?:/\d+)?"
_UNIT = r"(?: (?P<unit>dollars?|euros?|pounds?|cents?))?"
_WHOLE = rf"(?P<whole>{N}){_UNIT}"

_OF = Pattern(
    rf"(?:a )?(?P<percent>{N}) % (?:tip (?:on|of|for) )?(?:of|on|out of) (?:a )?{_WHOLE}(?: bill"
    rf"| meal| total)?"
)
_TIP = Pattern(
    rf"(?:a |the )?(?P<percent>{N}) % tip (?:on|of|for) (?:a )?{_WHOLE}(?: bill| meal| total| dinner)?"
)
_OFF = Pattern(
    rf"(?:(?:a )?(?P<percent>{N}) % (?:off|discount (?:on|off|of)|less than)(?: of)? {_WHOLE}"
    rf"|{_WHOLE.replace('whole', 'whole2').replace('unit', 'unit2')} "
    rf"(?:with (?:a )?|at |less |minus |decreased by |reduced by )(?P<percent2>{N}) % ?(?:off|discount)?)"
)
_SALE = Pattern(
    rf"(?:if )?(?:a|an|the|my) [a-z]+ (?:costs?|is|was)(?: originally| normally)? {_WHOLE} (?:, )?"
    rf"(?:and |but )?(?:it )?"
    rf"(?:is|has)(?: on sale| reduced| discounted)?(?: for| by| at| a)? (?P<percent>{N}) %(?: off| discount)?"
    r" (?:[.,] )?(?:what is|how much is|how much does it cost|what does it cost)(?: (?:the|its|it)"
    r"(?: sale| new| final| discounted)?(?: price| cost)?)?(?: now)?"
)
_SAVED = Pattern(
    rf"(?:(?:how much|what) )?(?:(?:would|do|will|can|did) )?(?:i|you|we) save (?:with|at|on|if "
    rf"(?:there is|it is)) (?:a )?(?P<percent>{N}) % (?:off|discount)(?: on| of)?(?: a)? {_WHOLE}"
    rf"(?: [a-z]+)?"
)
_ITEM = Pattern(
    rf"(?:a|an|the) {_WHOLE} [a-z]+ (?:at|with|that is|when it is|for) (?:a )?(?P<percent>{N}) % (?:off"
    rf"|discount)(?: cost)?"
)
_CHANGE = Pattern(
    rf"(?:if (?:i|you|we) )?(?P<verb>increase|raise|decrease|reduce|lower|discount) {_WHOLE} by "
    rf"(?P<percent>{N}) %"
    rf"|{_WHOLE.replace('whole', 'whole2').replace('unit', 'unit2')} "
    rf"(?:is )?(?P<verb2>increased|raised|decreased|reduced|lowered) by (?P<percent2>{N}) %"
)
_TAX = Pattern(
    rf"(?:a )?{_WHOLE} (?:plus|with|and) (?:a )?(?P<percent>{N}) % (?P<verb>tax|tip|vat|sales tax|interest)"
)
_MORE = Pattern(rf"(?P<percent>{N}) % (?P<verb>more|greater|higher|less|lower|fewer) than {_WHOLE}")
_WHAT_PERCENT = Pattern(
    rf"(?:what )?(?:%|percentage) (?:of (?P<whole>{N}) is (?P<part>{N})|is (?P<part2>{N}) (?:out )?of "
    rf"(?P<whole2>{N}))"
    rf"|(?P<part3>{N}) (?:is|as) (?:what|a|which) (?:%|percentage) of (?P<whole3>{N})"
    rf"|(?:if i (?:get|got|have|score|scored) )?(?P<part4>{N}) (?:out of|of) (?P<whole4>{N}) (?:, )?"
    rf"(?:as|in|is|what) (?:a |what )?(?:%|percentage)(?: is (?:that|it))?"
)
_OF_WHAT = Pattern(
    rf"(?P<part>{N}) is (?P<percent>{N}) % of (?:what(?: number)?|which number)"
    rf"|(?P<percent2>{N}) % of (?:what(?: number)?|which number) is (?P<part2>{N})"
    rf"|if (?P<percent3>{N}) % of a number is (?P<part3>{N}) (?:, )?(?:then )?what is (?:the|that) number"
)
_BETWEEN = Pattern(
    rf"(?:the )?(?:%|percentage) (?P<what>change|increase|decrease) (?:from|between|of) "
    rf"(?P<old>{N}) (?:to|and) (?P<new>{N})"
)


def percentage(text: str) -> Solution | None:
    """The percent question that the whole text is, or None."""
    if "%" not in text and "percentage" not in text:
        return None
    for pattern, answer in _ANSWERS:
        found = pattern.fullmatch(text)
        if found:
            named = {re.sub(r"\d$", "", name): value for name, value in found.groupdict().items() if value}
            return answer(named)
    return None


def _amount(value: Fraction, unit: str | None) -> str:
    return money(value, unit if unit.endswith("s") else unit + "s") if unit else figure(value)


def _solution(first: str, steps: list[str], value: Fraction, unit: str | None, *, text: str = "") -> Solution:
    plain = _amount(value, unit).replace(",", "") if unit else figures.plain(value)
    return Solution("percentage", (sentence(first), *steps), text or plain, value)


def _part(given: dict[str, str]) -> Solution:
    percent, whole, unit = Fraction(given["percent"]), Fraction(given["whole"]), given.get("unit")
    value = percent * whole / 100
    first = f"{figure(percent)} percent of {_amount(whole, unit)} is {_amount(value, unit)}."
    return _solution(first, _part_steps(percent, whole, value, unit), value, unit)


def _part_steps(percent: Fraction, whole: Fraction, value: Fraction, unit: str | None) -> list[str]:
    share = percent / 100
    friendly = {
        Fraction(1, 2): "one half",
        Fraction(1, 4): "one quarter",
        Fraction(3, 4): "three quarters",
        Fraction(1, 5): "one fifth",
        Fraction(1, 10): "one tenth",
    }
    if share in friendly:
        name = friendly[share]
        how = f"divide by {share.denominator}" if share.numerator == 1 else "divide by 4 and multiply by 3"
        return [
            f"{figure(percent)} percent means {figure(percent)} out of 100, which is {name}.",
            f"To find {name} of {figure(whole)}, {how}: that gives {figure(value)}.",
        ]
    if percent.denominator == 1 and percent % 5 == 0 and 10 < percent < 100:
        tenth = whole / 10
        return [
            f"Start with 10 percent of {figure(whole)}, which is {figure(tenth)}.",
            (f"{figure(percent)} percent is {figure(percent / 10)} times as much: {figure(value)}."),
        ]
    return [
        f"1 percent of {figure(whole)} is {figure(whole / 100)}.",
        f"Multiply that by {figure(percent)} and you get {figure(value)}.",
    ]


def _changed(percent: Fraction, whole: Fraction, unit: str | None, first: str, sign: int) -> Solution:
    part = percent * whole / 100
    value = whole + sign * part
    word, verb = ("plus", "Add") if sign > 0 else ("minus", "Take")
    join = f"{verb} that to" if sign > 0 else f"{verb} that away from"
    steps = [
        f"{figure(percent)} percent of {figure(whole)} is {figure(part)}.",
        f"{join} {figure(whole)}: {figure(whole)} {word} {figure(part)} is {figure(value)}.",
    ]
    return _solution(first.format(_amount(value, unit)), steps, value, unit)


def _off(given: dict[str, str]) -> Solution:
    percent, whole, unit = Fraction(given["percent"]), Fraction(given["whole"]), given.get("unit")
    return _changed(
        percent, whole, unit, f"{figure(percent)} percent off {_amount(whole, unit)} leaves {{}}.", -1
    )


def _change(given: dict[str, str]) -> Solution:
    percent, whole, unit = Fraction(given["percent"]), Fraction(given["whole"]), given.get("unit")
    sign = 1 if given["verb"].startswith(("increase", "raise")) else -1
    word = "increased" if sign > 0 else "reduced"
    first = f"{_amount(whole, unit)} {word} by {figure(percent)} percent is {{}}."
    return _changed(percent, whole, unit, first, sign)


def _with_tax(given: dict[str, str]) -> Solution:
    percent, whole, unit = Fraction(given["percent"]), Fraction(given["whole"]), given.get("unit")
    first = f"{_amount(whole, unit)} plus {figure(percent)} percent {given['verb']} is {{}}."
    return _changed(percent, whole, unit, first, 1)


def _more(given: dict[str, str]) -> Solution:
    percent, whole, unit = Fraction(given["percent"]), Fraction(given["whole"]), given.get("unit")
    sign = 1 if given["verb"] in ("more", "greater", "higher") else -1
    first = f"{figure(percent)} percent {given['verb']} than {_amount(whole, unit)} is {{}}."
    return _changed(percent, whole, unit, first, sign)


def _what_percent(given: dict[str, str]) -> Solution:
    part, whole = Fraction(given["part"]), Fraction(given["whole"])
    if whole == 0:
        raise Muddled("Nothing is a percentage of zero: we would have to divide by zero.")
    value = part / whole * 100
    said = figure(value) if figures.places(value) is not None else f"about {figures.about(value)}"
    steps = [
        f"Divide the part by the whole: {figure(part)} over {figure(whole)} is {_short(part / whole)}.",
        f"Multiply by 100 to make it a percentage: {said} percent.",
    ]
    first = f"{figure(part)} is {said} percent of {figure(whole)}."
    return _solution(first, steps, value, None, text=f"{figures.plain(value)}%")


def _short(value: Fraction) -> str:
    digits = figures.places(value)
    return figure(value) if digits is not None and digits <= 4 else f"about {figures.about(value)}"


def _of_what(given: dict[str, str]) -> Solution:
    part, percent = Fraction(given["part"]), Fraction(given["percent"])
    if percent == 0:
        raise Muddled("0 percent of every number is zero, so that number cannot be found.")
    value = part * 100 / percent
    first = f"{figure(part)} is {figure(percent)} percent of {figures.answer(value)}."
    steps = [
        f"If {figure(percent)} percent is {figure(part)}, then 1 percent is {_short(part / percent)}.",
        f"Multiply by 100 for the whole: {figures.figure(value)}.",
    ]
    return _solution(first, steps, value, None)


def _between(given: dict[str, str]) -> Solution | None:
    old, new = Fraction(given["old"]), Fraction(given["new"])
    if old <= 0:
        raise Muddled("A percentage change needs a starting value above zero.")
    change = (new - old) / old * 100
    is_rise = change >= 0
    if given["what"] == ("decrease" if is_rise else "increase") and change:
        note = "it is an increase" if is_rise else "it is a decrease"
        first = f"From {figure(old)} to {figure(new)} {note}, of {_short(abs(change))} percent."
    else:
        word = "an increase" if is_rise else "a decrease"
        first = f"From {figure(old)} to {figure(new)} is {word} of {_short(abs(change))} percent."
    steps = [
        f"The change is {figure(abs(new - old))}.",
        f"Divide it by the starting value {figure(old)} and multiply by 100.",
    ]
    return _solution(first, steps, change, None, text=f"{figures.plain(change)}%")


_ANSWERS = (
    (_TIP, _part),
    (_OF, _part),
    (_SAVED, _part),
    (_ITEM, _off),
    (_OFF, _off),
    (_SALE, _off),
    (_CHANGE, _change),
    (_TAX, _with_tax),
    (_MORE, _more),
    (_WHAT_PERCENT, _what_percent),
    (_OF_WHAT, _of_what),
    (_BETWEEN, _between),
)
