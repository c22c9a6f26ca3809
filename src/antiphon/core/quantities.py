"""How quantities are read: dates, times of day, money, measures.

Rules are applied in order, each to what the ones before it have left. Numbers stay digits: voices read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from antiphon.core.formulas import Rule, rule

_MONTHS = "January February March April May June July August September October November December".split()
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}
_DAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}
_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("dollar", "dollars", "cent", "cents"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
_SCALES = {
    "k": "thousand",
    "K": "thousand",
    "m": "million",
    "M": "million",
    "bn": "billion",
    "B": "billion",
    "b": "billion",
}
_PER = {"mo": "month", "yr": "year", "hr": "hour", "h": "hour", "wk": "week", "s": "second", "min": "minute"}
_UNITS = {
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "nm": ("nanometer", "nanometers"),
    "m": ("meter", "meters"),
    "mi": ("mile", "miles"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "g": ("gram", "grams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "L": ("liter", "liters"),
    "ms": ("millisecond", "milliseconds"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "mph": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "N": ("newton", "newtons"),
    "J": ("joule", "joules"),
}
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"


def ordinal(number: int) -> str:
    """“21st”."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _date(month: int, day: int, year: str = "") -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_MONTHS[month - 1]} {ordinal(day)}" + (f", {year}" if year else "")


def _iso_date(match: re.Match[str]) -> str:
    return _date(int(match[2]), int(match[3]), match[1]) or match.group()


def _slash_date(match: re.Match[str]) -> str:
    first, second, year = int(match[1]), int(match[2]), match[3]
    if len(year) == 2:
        year = "20" + year
    return _date(first, second, year) or _date(second, first, year) or match.group()


def _day(match: re.Match[str]) -> str:
    said = _date(int(match[2]), int(match[3]))
    return f"{match[1]} {said}" if said else match.group()


def _month_day(match: re.Match[str]) -> str:
    month = _SHORT_MONTHS.get(match[1], match[1])
    return f"{month} {ordinal(int(match[2]))}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2]), match[3]
    if hour > 24 or minute > 59:
        return match.group()
    said = str(hour)
    if minute:
        said += f" oh {minute}" if minute < 10 else f" {minute}"
    elif not half:
        said += " o'clock" if 0 < hour <= 12 else " hundred"
    return said + (_half(half, match) if half else "")


def _hour(match: re.Match[str]) -> str:
    return match[1] + _half(match[2], match)


def _half(half: str, match: re.Match[str]) -> str:
    """“ A.M.”, which voices spell."""
    return f" {half[0].upper()}.M" + ("" if match.string.startswith(".", match.end()) else ".")


def _money(match: re.Match[str]) -> str:
    sign, symbol, amount, cents, scale = match.groups()
    one, many, cent, hundredths = _MONEY[symbol]
    minus = "minus " if sign else ""
    if scale:
        amount += f".{cents}" if cents else ""
        return f"{minus}{amount} {_SCALES.get(scale, scale)} {many}"
    said = f"{amount} {one if amount == '1' else many}"
    if cents and int(cents):
        count = int(cents.ljust(2, "0"))
        small = f"{count} {cent if count == 1 else hundredths}"
        said = small if amount == "0" else f"{said} and {small}"
    return minus + said


def _money_after(match: re.Match[str]) -> str:
    one, many, *_ = _MONEY[match[2]]
    return f"{match[1]} {one if match[1] == '1' else many}"


def _per(match: re.Match[str]) -> str:
    return f" per {_PER.get(match[1], match[1])}"


def _plural(amount: str, forms: tuple[str, str]) -> str:
    return forms[0] if amount in ("1", "1.0") else forms[1]


def _unit(match: re.Match[str]) -> str:
    amount, unit, power, per = match[1], match[2], match[3], match[4]
    said = _plural(amount, _UNITS[unit])
    if power:
        said = {"2": "square ", "²": "square ", "3": "cubic ", "³": "cubic "}[power.lstrip("^")] + said
    if per:
        base = re.sub(r"[²2^]+\Z", "", per[1:])
        said += f" per {_PER.get(base, _UNITS.get(base, (base, base))[0])}" + (
            " squared" if base != per[1:] else ""
        )
    return f"{amount} {said}"


def _rate(per: str) -> str:
    return {"/s": " per second", "/h": " per hour", "/L": " per liter"}.get(per, " per second squared")


def _degrees(match: re.Match[str]) -> str:
    sign, amount, scale = match.groups()
    unit = {"C": " Celsius", "F": " Fahrenheit", None: ""}[scale]
    return f"{'minus ' if sign else ''}{amount} degree{'' if amount == '1' else 's'}{unit}"


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches any of `words`, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


CALENDAR: tuple[Rule, ...] = (
    rule(r"\b(\d{4})-(\d{2})-(\d{2})\b", _iso_date),
    rule(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\w/])", _slash_date),
    rule(r"\b((?i:on|by|until|till|before|since|due|from))\s(\d{1,2})/(\d{1,2})(?![\w/]| of)", _day),
    rule(r"\b24/7\b", "24 7"),
    rule(r"\b9/11\b", "9 11"),
    rule(
        rf"\b({'|'.join([*_MONTHS, *_SHORT_MONTHS])})\.? (\d{{1,2}})(?!\d|[\d:%]|st|nd|rd|th)\b", _month_day
    ),
    rule(
        rf"\b({'|'.join(m for m in _SHORT_MONTHS if m != 'May')})\.(?=\s|$)",
        lambda found: _SHORT_MONTHS[found[1]],
    ),
    rule(
        rf"\b({any_of(_DAYS)})\.(?=[\s,])|\b(Mon|Tue|Tues|Wed|Thu|Thurs|Fri)\b",
        lambda found: _DAYS[found[1] or found[2]],
    ),
    rule(r"(?<=[a-z])[–](?=[A-Z][a-z])|(?<=day)-(?=[A-Z][a-z]+day)", " to "),
    rule(r"(?<=[\d apm.])(?<=[ap]m|m\.)[-–](?=\d)", " to "),
    rule(r"\b(\d{1,2}):(\d{2})(?:\s?([AaPp]\.?[Mm]\b\.?))?(?![\d:])", _time),
    rule(r"\b(\d{1,2})\s?([AaPp](?:\.[Mm]\.?|[Mm]\b))", _hour),
    rule(r"\b(\d+):(\d+)(?![\d:])", r"\1 to \2"),
)

AMOUNTS: tuple[Rule, ...] = (
    rule(r"(?<=\d)[-–](?=[$£€])", " to "),
    rule(r"([$£€])(\d+)[-–](\d+)(?![\d.,])", lambda found: f"{found[2]} to {found[3]} {_MONEY[found[1]][1]}"),
    rule(
        r"(?:(?<!\w)([-−]))?(US\$|[$£€¥₹]|(?:USD|EUR|GBP)(?=\s?\d))\s?(\d+(?:,\d{3})*)(?:\.(\d{1,2}))?"
        r"(?:\s?(hundred|thousand|million|billion|trillion|k|K|m|M|bn|B|b)\b)?",
        _money,
    ),
    rule(rf"\b({_NUMBER})\s?(USD|EUR|GBP|[€£])(?!\w)", _money_after),
    rule(r"(?<=[a-z\d])\s?/\s?(month|mo|year|yr|day|hour|hr|week|wk|user|person|seat|night|item)\b", _per),
    rule(rf"(?<=\d)[-–](?={_NUMBER}\s?%)", " to "),
    rule(r"(?<=\d)\s?%", " percent"),
    rule(rf"([-−])?({_NUMBER})\s?°\s?([CF])?(?!\w)", _degrees),
    rule(r"\b(\d)'(\d{1,2})(?:\"|''|″)?(?!\w)", r"\1 foot \2"),
    rule(
        rf"(?<![\w.])({_NUMBER})\s?({any_of(unit for unit in _UNITS if len(unit) > 1)})"
        r"([²³]|\^[23])?(/(?:s²|s\^2|s|h|hr|min|kg|L|ml|month))?(?![\w/²³^])",
        _unit,
    ),
    rule(
        rf"(?<![\w.])({_NUMBER}) ?(m|g|L|s|N|J)(?:([²³]|\^[23])(/s)?|([/](?:s²|s\^2|s|h|L))|(?<= [A-Za-z]))"
        r"(?![\w/²³^']|\s?[-−+=×*÷<>])",
        lambda found: (
            _unit(found)
            if found[3] or not found[5]
            else f"{found[1]} {_plural(found[1], _UNITS[found[2]])}" + _rate(found[5])
        ),
    ),
)
