"""Probability of simple events: dice, coins, cards and marbles, counted one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import about, figure, fraction, places
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.patterns import Pattern

_ASK = (
    r"(?:find )?(?:the )?(?:probability|chances?|odds|likelihood) (?:of|that (?:i|you|we)|to) "
    r"(?:getting |rolling |throwing |tossing |flipping |drawing |picking |get |roll |throw |draw "
    r"|pick |flip |toss |choosing |pulling )?(?:out )?"
)
_ON_DIE = (
    r"(?: (?:on|with|from|when (?:you |i )?(?:roll|rolling|throw|throwing)|by rolling|if (?:i"
    r"|you) roll) (?:a|an|one|1|the)(?: single| fair| standard| normal| regular)*(?: (?:6|six) sided)?"
    r"(?: (?:6|six) sided)? (?:die|dice|roll))?"
)
_TWO_DICE = (
    r"(?: (?:on|with|from|when (?:you |i )?(?:roll|rolling|throw|throwing)|by rolling|if (?:i"
    r"|you) roll) (?:2|two|a pair of)(?: fair| standard| 6 sided)* (?:dice|die))"
)
_DIE = Pattern(
    rf"{_ASK}(?:an? |the number )?(?P<what>\d|even number|odd number|prime number|number (?:greater"
    rf"|bigger|higher|larger|more) than (?P<above>\d)|number (?:less|smaller|lower) than "
    rf"(?P<below>\d)|(?P<one>\d) or (?:an? )?(?P<other>\d)){_ON_DIE}"
)
_DICE = Pattern(
    rf"{_ASK}(?:an? )?(?P<what>(?:sum|total) of (?P<sum>\d+)|(?P<plain>\d+)|doubles?|two "
    rf"(?P<twin>\d)(?:s|es)|2 (?P<twin2>\d)(?:s|es)|2 sixes|double 6|snake eyes){_TWO_DICE}"
)
_COIN = Pattern(
    rf"{_ASK}(?:an? )?(?:(?P<heads>\d+) )?(?P<side>heads?|tails?)(?: in a row| "
    rf"(?P<times>\d+) times in a row| (?P<times2>\d+) times| twice(?: in a row)?)?"
    r"(?: (?:on|with|from|when|in|if)(?: you| i)?(?: flip| flipping| toss| tossing)?(?: (?:a|one|1|the"
    r"|(?P<coins>\d+)))?(?: fair)? ?(?:coins?|coin flips?|coin tosses|coin toss|flips?|toss(?:es)?))?"
)
_CARDS = {
    "ace": 4,
    "king": 4,
    "queen": 4,
    "jack": 4,
    "heart": 13,
    "spade": 13,
    "diamond": 13,
    "club": 13,
    "red card": 26,
    "black card": 26,
    "face card": 12,
    "queen of hearts": 1,
    "ace of spades": 1,
    "king of hearts": 1,
}
_CARD = Pattern(
    rf"{_ASK}(?:an? |the )?(?P<card>{'|'.join(sorted(_CARDS, key=len, reverse=True))}) from (?:a"
    rf"|the|one)(?: standard| full| normal| shuffled)?(?: 52 card)? (?:deck|pack)(?: of)?(?: 52)?"
    rf"(?: playing)?(?: cards)?"
)
_COLOURS = r"red|blue|green|yellow|white|black|orange|purple|pink|brown"
_BAG = Pattern(
    rf"(?:if )?(?:there are|a (?:bag|box|jar|urn|drawer) (?:has|contains|holds|with)) "
    rf"(?P<contents>\d+ (?:{_COLOURS})(?: \w+)?(?:(?: ,)?(?: and)? \d+ (?:{_COLOURS})(?: \w+)?)+)"
    rf"(?: in (?:a|the) \w+)?(?: [.,])?(?: what is)? {_ASK}(?:an? )?(?P<colour>{_COLOURS})(?: \w+"
    rf"| one)?"
)


def chance(text: str) -> Solution | None:
    """The question about a chance that the whole text is, or None."""
    for pattern, answer in ((_DICE, _dice), (_DIE, _die), (_COIN, _coin), (_CARD, _card), (_BAG, _bag)):
        found = pattern.fullmatch(text)
        if found:
            return answer(found)
    return None


def _chance(event: str, good: int, all_of_them: int, how: str) -> Solution:
    value = Fraction(good, all_of_them)
    percent = value * 100
    hedge = "" if (places(percent) or 9) <= 2 or percent.denominator == 1 else "about "
    number = figure(percent) if not hedge else about(percent)
    first = f"The probability of {event} is {fraction(value)}, {hedge}{number} percent."
    return Solution("probability", (first, how), fraction(value), value)


def _die(found: re.Match[str]) -> Solution | None:
    what = found["what"]
    faces = set(range(1, 7))
    tests: dict[str, Callable[[int], bool]] = {
        "even number": lambda n: n % 2 == 0,
        "odd number": lambda n: n % 2 == 1,
        "prime number": lambda n: n in (2, 3, 5),
    }
    if found["above"]:
        good = {n for n in faces if n > int(found["above"])}
    elif found["below"]:
        good = {n for n in faces if n < int(found["below"])}
    elif found["one"]:
        good = faces & {int(found["one"]), int(found["other"])}
    elif what in tests:
        good = {n for n in faces if tests[what](n)}
    else:
        good = faces & {int(what)}
    article = "" if found["one"] else "an " if what[0] in "aeiou8" else "a "
    count = len(good)
    how = (
        f"{count} of the 6 equally likely faces {'does' if count == 1 else 'do'} it."
        if count
        else "No face of an ordinary die shows that."
    )
    return _chance(f"rolling {article}{what}", count, 6, how)


def _dice(found: re.Match[str]) -> Solution | None:
    pairs = [(a, b) for a in range(1, 7) for b in range(1, 7)]
    wanted = found["sum"]
    twin = found["twin"] or found["twin2"]
    if wanted:
        good = [pair for pair in pairs if sum(pair) == int(wanted)]
        event = f"a sum of {wanted} with two dice"
    elif found["plain"]:
        if int(found["plain"]) < 7:
            return None  # “a 6 with two dice”: a sum, or at least one six?
        good = [pair for pair in pairs if sum(pair) == int(found["plain"])]
        event = f"a sum of {found['plain']} with two dice"
    elif found["what"] in ("double", "doubles"):
        good = [pair for pair in pairs if pair[0] == pair[1]]
        event = "a double with two dice"
    else:
        number = int(twin) if twin else 1 if found["what"] == "snake eyes" else 6
        good = [pair for pair in pairs if pair == (number, number)]
        event = f"two {number}s with two dice"
    return _chance(event, len(good), 36, f"{len(good)} of the 36 equally likely pairs do it.")


def _coin(found: re.Match[str]) -> Solution | None:
    text = found.group(0)
    side = found["side"].rstrip("s") + "s"
    heads = int(found["heads"]) if found["heads"] else None
    times = found["times"] or found["times2"]
    repeated = int(times) if times else 2 if "twice" in text else None
    coins = int(found["coins"]) if found["coins"] else None
    if coins is None and heads is None:
        tosses = wanted = repeated or 1
    elif coins is None:
        tosses = wanted = heads or 1
        if heads and heads > 1 and "in a row" not in text:
            return None
    else:
        tosses, wanted = coins, heads if heads is not None else 1
        if heads is None and coins > 1:
            return None  # one head, or at least one?
    if not 1 <= tosses <= 20 or wanted > tosses:
        return None
    ways = math.comb(tosses, wanted)
    if tosses == 1:
        return _chance(side, 1, 2, "A fair coin has two equally likely sides.")
    event = f"{wanted} {side} in {tosses} tosses" if ways > 1 else f"{side} {tosses} times in a row"
    how = (
        f"There are {2**tosses:,} equally likely outcomes, and {ways} of them "
        f"{'does' if ways == 1 else 'do'} it."
    )
    return _chance(event, ways, 2**tosses, how)


def _card(found: re.Match[str]) -> Solution:
    good = _CARDS[found["card"]]
    unique = good == 1
    article = "the " if unique else "an " if found["card"] == "ace" else "a "
    return _chance(
        f"drawing {article}{found['card']}",
        good,
        52,
        f"{good} of the 52 cards {'does' if unique else 'do'} it.",
    )


def _bag(found: re.Match[str]) -> Solution | None:
    contents: dict[str, int] = {}
    for count, colour in re.findall(rf"(\d+) ({_COLOURS})", found["contents"]):
        if colour in contents:
            return None
        contents[colour] = int(count)
    total, good = sum(contents.values()), contents.get(found["colour"], 0)
    if total == 0:
        return None
    return _chance(
        f"drawing {found['colour']}",
        good,
        total,
        f"There are {total} in all, and {good} of them are {found['colour']}.",
    )
