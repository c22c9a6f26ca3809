"""One-step word problems: getting and giving away, sharing, prices, speed.

Every clause of the story must be understood, with every number in it; one strange clause and there is no answer.
"""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.arithmetic import money, sentence
from antiphon.agents.tutor.mathematics.figures import answer, figure, plain
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.mathematics.units import UNITS, plural, singular

_WHO = r"(?:my |his |her |the |a |an )?[a-z]+"
_THING = r"[a-z]+"
_HAS = r"has|have|had|owns|starts with|started with|start with|begins with|picked|picks|baked|bakes|bought|buys|collected|collects|made|makes"
_LOSE = (
    r"gives?(?: away)?|gave(?: away)?|eats?|ate|loses?|lost|sells?|sold|uses?|used|spends?|spent|drops?|dropped|throws? away|threw away|"
    r"breaks?|broke|donates?|donated|lends?|lent|reads?|takes? away|took away|removes?|removed|hands out|handed out|shares?|shared"
)
_GAIN = (
    r"gets?|got|buys?|bought|finds?|found|receives?|received|earns?|earned|picks?|picked|wins?|won|collects?|collected|is given|was given|"
    r"adds?|added|makes?|made|bakes?|baked|saves?|saved|takes|took"
)
_START = re.compile(
    rf"(?:if )?(?P<who>{_WHO}) (?:{_HAS}) (?P<n>{N}) (?P<thing>{_THING})(?: (?:cards|marbles|pencils|books|balls|cookies|apples|candies|stickers|in (?:a|the|his|her|my) \w+))?"
)
_THERE = re.compile(
    rf"(?:if )?there (?:are|were) (?P<n>{N}) (?P<thing>{_THING})(?: (?:in|on|at) (?:a|an|the|my|his|her) \w+)?"
)
_CHANGE = re.compile(
    rf"(?:then |if )?(?:(?:he|she|they|i|we|you|it|{_WHO}) )?(?:(?P<lose>{_LOSE})|(?P<gain>{_GAIN})) (?:(?:him|her|me|them|us|another|away) )?(?P<n>{N})(?: (?P<more>more))?(?: of (?:them|these|his|her|the|my)(?: \w+)?)?"
    rf"(?: (?!each|times|every|per|half|twice)(?P<thing>{_THING}))?(?: (?:away|more))?(?: (?:to|with|from|for|at|on|in) (?:(?:his|her|my|the|a|an|their|your) )?(?:friends?|brother|sister|[a-z]+))?"
)
_GONE = re.compile(
    rf"(?P<n>{N})(?: (?:of them|more|{_THING}))? (?:(?P<lose>fly away|flew away|leave|left|go away|went away|run away|ran away|are eaten|were eaten|are sold|were sold|get off|got off|are broken|break|broke|fall off|fell off|are taken|were taken|are lost)|(?P<gain>join|joined|come|came|arrive|arrived|get on|got on|are added|were added|fly in|flew in|more come|more arrive))(?: (?:them|in|the \w+))?"
)
_LEFT = re.compile(
    rf"how (?:many|much)(?: (?P<thing>{_THING}))? (?:(?:are|is|were|will be) (?P<rest>left|remaining|there)(?: now| in total| altogether)?|remain|(?:does|do|did|will|would) {_WHO} (?:now )?(?:still )?have(?: left| now| in total| altogether| in all| remaining)?)(?: over)?(?: in the \w+| on the \w+)?"
)
_TOGETHER = re.compile(
    rf"how many(?: (?P<thing>{_THING}))? (?:do|does|did) (?:they|{_WHO}|{_WHO} and {_WHO}) have(?: in total| altogether| together| in all| combined)"
)
_COMPARE = re.compile(
    rf"how many (?P<what>more|fewer|less)(?: (?P<thing>{_THING}))? (?:does|do|did) (?P<a>{_WHO}) have than (?P<b>{_WHO})"
)
_QUESTION = re.compile(
    r"^(?P<story>.+?) (?:[.,] |and )?(?:now |then |so )?(?P<ask>(?:how (?:many|much|far|long|fast)|what is|what was)\b.+)$"
)


def story(text: str) -> Solution | None:
    """The answer to the whole word problem, or None."""
    for reader in (_changes, _price, _sharing, _groups, _journey):
        solution = reader(text)
        if solution:
            return solution
    return None


def _changes(text: str) -> Solution | None:
    """“Tom has 12 apples and gives away 5. How many are left?”"""
    found = _QUESTION.match(text)
    if not found:
        return None
    clauses = [
        c
        for c in re.split(r" (?:, and then|and then|, and|, then|and|but|,|\.) ", found["story"].strip(" ,."))
        if c
    ]
    start = _START.fullmatch(clauses[0]) or _THERE.fullmatch(clauses[0])
    if not start or len(clauses) > 5:
        return None
    owner, thing = start.groupdict().get("who"), start["thing"]
    second = _START.fullmatch(clauses[1]) if len(clauses) == 2 else None
    if (
        second
        and owner
        and second["who"] not in ("he", "she", "they", "i", owner)
        and re.search(r" (?:has|have|had) ", clauses[1])
    ):
        return _two_owners(start, second, found["ask"])
    ask = _LEFT.fullmatch(found["ask"])
    if not ask or not _same(thing, ask["thing"]):
        return None
    value = Fraction(start["n"])
    said = figure(value)
    for clause in clauses[1:]:
        event = _CHANGE.fullmatch(clause) or _GONE.fullmatch(clause)
        if not event or not _same(thing, event.groupdict().get("thing")):
            return None
        if event.groupdict().get("lose") in ("shares", "share", "shared"):
            return None
        amount = Fraction(event["n"])
        value = value - amount if event["lose"] else value + amount
        said += f" {'minus' if event['lose'] else 'plus'} {figure(amount)}"
    if (
        len(clauses) < 2
        or value < 0
        or (value.denominator > 1 and thing not in ("dollars", "euros", "pounds"))
    ):
        return None
    verb = "is" if value == 1 else "are"
    word = "left" if " minus " in said else "in all"
    name = _count(value, thing)
    return Solution(
        "story",
        (
            f"There {verb} {name} {word}.",
            f"Start with the first number and follow the story: {said} is {figure(value)}.",
        ),
        f"{plain(value)} {name.split(' ', 1)[1]}",
        value,
    )


def _count(value: Fraction, thing: str) -> str:
    """“7 apples”, “1 apple”."""
    if value == 1:
        many = {
            "candies": "candy",
            "cookies": "cookie",
            "children": "child",
            "people": "person",
            "birds": "bird",
        }
        thing = many.get(thing, thing[:-1] if thing.endswith("s") and not thing.endswith("ss") else thing)
    return f"{figure(value)} {thing}"


def _same(thing: str, other: str | None) -> bool:
    """Whether the second noun, if there is one, can be the first."""
    if other is None or other in ("more", "of", "away", "left"):
        return True
    return thing.rstrip("s") == other.rstrip("s")


def _two_owners(start: re.Match[str], second: re.Match[str], ask: str) -> Solution | None:
    a, b, thing = Fraction(start["n"]), Fraction(second["n"]), start["thing"]
    if not _same(thing, second["thing"]):
        return None
    together = _TOGETHER.fullmatch(ask)
    if together and _same(thing, together["thing"]):
        total = a + b
        return Solution(
            "story",
            (
                f"Together they have {_count(total, thing)}.",
                f"{figure(a)} plus {figure(b)} is {figure(total)}.",
            ),
            f"{plain(total)} {thing}",
            total,
        )
    compare = _COMPARE.fullmatch(ask)
    if not compare or not _same(thing, compare["thing"]):
        return None
    owners = {start["who"]: a, second["who"]: b}
    if {compare["a"], compare["b"]} != set(owners):
        return None
    gap = owners[compare["a"]] - owners[compare["b"]]
    if compare["what"] != "more":
        gap = -gap
    if gap < 0:
        return None
    word = "more" if compare["what"] == "more" else "fewer"
    first = sentence(f"{compare['a']} has {figure(gap)} {word} than {_name(compare['b'])}.")
    return Solution(
        "story",
        (first, f"{figure(max(a, b))} minus {figure(min(a, b))} is {figure(gap)}."),
        f"{plain(gap)} {thing}",
        gap,
    )


def _name(who: str) -> str:
    return who if " " in who or who in ("i", "you", "he", "she", "they") else who.title()


_MONEY = r"dollars?|euros?|pounds?|cents?"
_PRICE = re.compile(
    rf"(?:if )?(?P<n>{N}|a|an|one) (?P<thing>{_THING}) (?:costs?|cost|sells? for|is|are) (?P<price>{N}) (?P<unit>{_MONEY})(?P<each> each| apiece)?(?: [.,])?(?: then)?(?: and)? "
    rf"(?:how much (?:do|does|would|will|are|is) (?P<m>{N}|a|an|one)(?: (?P<thing2>{_THING}))? cost|what (?:is the cost of|is the price of|do|does|would|will) (?P<m2>{N}|a|an|one)(?: (?P<thing3>{_THING}))?(?: cost)?|how much (?:is|are|for) (?P<m3>{N}|a|an|one)(?: (?P<thing4>{_THING}))?)"
)
_EACH = re.compile(
    rf"(?:if )?(?:(?P<thing>{_THING}) (?:cost|are|sell for) (?P<price>{N}) (?P<unit>{_MONEY}) (?:each|apiece)|(?:each|one|a|an) (?P<thing2>{_THING}) (?:costs|is) (?P<price2>{N}) (?P<unit2>{_MONEY}))(?: [.,])?(?: then)? (?:how much (?:do|does|would|will|are|is) (?P<m>{N}) {_THING}(?: cost)?|what (?:do|would|will) (?P<m2>{N}) {_THING} cost|what is the (?:cost|price) of (?P<m3>{N}) {_THING})"
)


def _price(text: str) -> Solution | None:
    """“If 4 pens cost 6 dollars, how much do 10 pens cost?”"""
    found = _EACH.fullmatch(text)
    if found:
        price, unit = Fraction(found["price"] or found["price2"]), found["unit"] or found["unit2"]
        thing, first = found["thing"] or found["thing2"], Fraction(1)
        wanted = Fraction(found["m"] or found["m2"] or found["m3"])
    else:
        found = _PRICE.fullmatch(text)
        if not found:
            return None
        first = _amount(found["n"])
        price, unit, thing = Fraction(found["price"]), found["unit"], found["thing"]
        wanted = _amount(found["m"] or found["m2"] or found["m3"])
        other = found["thing2"] or found["thing3"] or found["thing4"]
        if not _same(thing, other):
            return None
        if found["each"]:
            first = Fraction(1)
    if first <= 0:
        return None
    one = price / first
    total = one * wanted
    unit = unit if unit.endswith("s") else unit + "s"
    verb = "costs" if wanted == 1 else "cost"
    name = _count(wanted, thing if thing.endswith("s") or wanted == 1 else thing + "s")
    steps = (
        []
        if first == 1
        else [f"One costs {figure(price)} divided by {figure(first)}, which is {money(one, unit)}."]
    )
    if wanted != 1:
        steps.append(f"{figure(wanted)} times {figure(one)} is {figure(total)}.")
    amount = money(total, unit)
    return Solution("story", (f"{name} {verb} {amount}.", *steps), amount.replace(",", ""), total)


def _amount(text: str) -> Fraction:
    return Fraction(1) if text in ("a", "an", "one") else Fraction(text)


_SHARE = re.compile(
    rf"(?:if )?(?:(?:{_WHO}) (?:has|have|had) |there are |we have |you have )?(?P<n>{N}) (?P<thing>{_THING})(?: (?:and )?(?:are|is|were)?)? ?(?:shares? them|divides? them|splits? them|to share|shared|divided|split|shares|to divide)(?: (?:equally|evenly|fairly))?(?: (?:among|between|amongst|into|with|by))? (?P<m>{N}) (?P<who>{_THING})(?: (?:equally|evenly))?(?: [.,])? "
    rf"(?:how many(?: {_THING})? (?:does|do|will|would) (?:each|every)(?: \w+| of them| one)? (?:get|have|receive)|how many(?: {_THING})? (?:are )?(?:in|for|per) each(?: \w+)?|how much (?:does|do|will) each(?: \w+| of them)? (?:get|have))"
)


_SHARERS = re.compile(rf"(?:if )?(?P<m>{N}) (?P<who>[a-z]+) (?:equally )?(?:share|split|divide) (?P<n>{N}) (?P<thing>[a-z]+)(?= equally| evenly| [.,]| how)")


def _sharing(text: str) -> Solution | None:
    """“24 sweets are shared equally among 6 children. How many does each get?”"""
    text = _SHARERS.sub(r"\g<n> \g<thing> shared among \g<m> \g<who>", text)
    found = _SHARE.fullmatch(re.sub(r" and (?=shares|divides|splits)", " ", text))
    if not found:
        return None
    total, people, thing = Fraction(found["n"]), Fraction(found["m"]), found["thing"]
    if people <= 0 or people.denominator > 1 or total.denominator > 1:
        return None
    whole, rest = divmod(int(total), int(people))
    if rest and thing in ("dollars", "euros", "pounds"):
        amount = money(total / people, thing)
        return Solution(
            "story",
            (f"Each gets {amount}.", f"Divide {figure(total)} by {figure(people)}."),
            amount,
            total / people,
        )
    name = _count(Fraction(whole), thing)
    first = (
        f"Each gets {name}."
        if not rest
        else f"Each gets {name}, and {rest} {'is' if rest == 1 else 'are'} left over."
    )
    value = f"{whole} {thing}" + (f" remainder {rest}" if rest else "")
    return Solution(
        "story",
        (
            first,
            f"Divide {figure(total)} by {figure(people)}: {figure(people)} times {whole} is {whole * int(people)}.",
        ),
        value,
        Fraction(whole),
    )


_GROUPS = re.compile(
    rf"(?:if )?(?:there are|(?:{_WHO}) (?:has|have|had|buys|bought)) (?P<n>{N}) (?P<box>{_THING}) (?:of|with|and each(?: \w+)? (?:has|holds|contains)|and there are|each with|each containing|that each have|containing) (?P<m>{N}) (?P<thing>{_THING})(?: (?:in )?each(?: \w+)?| in every \w+| per \w+)?(?: [.,])? how many (?P<ask>{_THING}) (?:are there|(?:does|do) {_WHO} have|is that)(?: in total| altogether| in all)?"
    rf"|(?:if )?(?:each|every|one|a) (?P<box2>{_THING}) (?:has|holds|contains) (?P<m2>{N}) (?P<thing2>{_THING})(?: [.,])? how many (?P<ask2>{_THING}) (?:are there in|are in|do|in) (?P<n2>{N}) (?P<box3>{_THING})(?: have| hold| contain)?"
)


def _groups(text: str) -> Solution | None:
    """“There are 5 boxes with 6 eggs in each. How many eggs are there?”"""
    found = _GROUPS.fullmatch(text)
    if not found:
        return None
    n, m = Fraction(found["n"] or found["n2"]), Fraction(found["m"] or found["m2"])
    thing, ask = found["thing"] or found["thing2"], found["ask"] or found["ask2"]
    if not _same(thing, ask) or (found["box2"] and not _same_box(found["box2"], found["box3"])):
        return None
    total = n * m
    return Solution(
        "story",
        (f"There are {_count(total, thing)}.", f"{figure(n)} times {figure(m)} is {figure(total)}."),
        f"{plain(total)} {thing}",
        total,
    )


def _same_box(one: str, many: str) -> bool:
    return many in (one, f"{one}s", f"{one}es")


_FAR = r"(?:miles?|kilomet(?:er|re)s?|km|met(?:er|re)s?|feet|m)"
_LONG = r"(?:hours?|minutes?|seconds?|days?|h)"
_GOES = r"(?:goes|travels|travelled|traveled|drives|drove|runs|ran|covers|covered|moves|moved|rides|rode|walks|walked|flies|flew|cycles|cycled|went|travel|drive|run|walk|ride|go)"
_SPEED_WORD = rf"(?P<speed>{N}) (?P<far>{_FAR}) (?:per|an|a|each|every) (?P<long>{_LONG})"
_SPEED = re.compile(
    rf"(?:if )?(?:{_WHO}) {_GOES} (?P<d>{N}) (?P<far>{_FAR}) in (?P<t>{N}|an?|one) (?P<long>{_LONG})(?: [.,])?(?: then)? "
    rf"(?:what is (?:its|the|his|her|their|my)(?: (?:car|train|bus|plane|bike|boat)'s)?(?: average)? speed(?: of (?:the|its) \w+)?|how fast (?:is|was|does|did|do|am|are) (?:it|he|she|they|i|the \w+) (?:going|go|moving|traveling|travelling|driving|running|run|travel|drive))(?: in \w+ per \w+)?"
)
_DISTANCE = re.compile(
    rf"(?:if )?(?:{_WHO}) {_GOES}(?: at)?(?: a)?(?: speed of| constant speed of)? {_SPEED_WORD}(?: for (?P<t0>{N}|an?) (?P<long0>{_LONG}))?(?: [.,])?(?: then)? how far (?:does|will|did|can|would|do) (?:it|he|she|they|i|the \w+) (?:go|travel|get|drive|run|walk|ride|cover)(?: in (?P<t>{N}|an?|one) (?P<long2>{_LONG}))?"
)
_TIME = re.compile(
    rf"(?:if )?(?:{_WHO}) {_GOES}(?: at)?(?: a)?(?: speed of| constant speed of)? {_SPEED_WORD}(?: [.,])?(?: then)? how long (?:does|will|did|would) it take(?: \w+)?(?: to (?:go|travel|drive|cover|run|walk|do))?(?: for)? (?P<d>{N}) (?P<far2>{_FAR})"
    rf"|how long (?:does|will|would) it take to (?:go|travel|drive|cover|run|walk) (?P<d2>{N}) (?P<far3>{_FAR}) at {_SPEED_WORD.replace('<speed>', '<speed2>').replace('<far>', '<far4>').replace('<long>', '<long3>')}"
)


def _journey(text: str) -> Solution | None:
    """Speed, distance and time with the third asked for."""
    found = _SPEED.fullmatch(text)
    if found:
        distance, time = Fraction(found["d"]), _amount(found["t"])
        far, long = (
            singular(found["far"]),
            singular(found["long"].replace("h", "hour") if found["long"] == "h" else found["long"]),
        )
        asked = re.search(r" in (\w+) per (\w+)$", text)
        if time <= 0 or (asked and (singular(asked[1]), singular(asked[2])) != (far, long)):
            return None
        speed = distance / time
        unit = f"{plural(far, speed)} per {long}"
        first = f"The speed is {answer(speed)} {unit}."
        return Solution(
            "story",
            (first, f"Speed is distance divided by time: {figure(distance)} divided by {figure(time)}."),
            f"{plain(speed)} {unit}",
            speed,
        )
    found = _DISTANCE.fullmatch(text)
    if found:
        time_text, long_text = found["t"] or found["t0"], found["long2"] or found["long0"]
        if not time_text or (found["t"] and found["t0"]):
            return None
        time = (
            _amount(time_text) * UNITS["time"][singular(long_text)] / UNITS["time"][singular(found["long"])]
        )
        speed = Fraction(found["speed"])
        distance = speed * time
        unit = plural(singular(found["far"]), distance)
        step = f"Distance is speed times time: {figure(speed)} times {figure(time)} is {figure(distance)}."
        return Solution(
            "story",
            (f"The distance is {answer(distance)} {unit}.", step),
            f"{plain(distance)} {unit}",
            distance,
        )
    found = _TIME.fullmatch(text)
    if not found:
        return None
    distance, speed = Fraction(found["d"] or found["d2"]), Fraction(found["speed"] or found["speed2"])
    units = singular(found["far"] or found["far4"]), singular(found["far2"] or found["far3"])
    if units[0] != units[1] or speed <= 0:
        return None
    time = distance / speed
    unit = plural(singular(found["long"] or found["long3"]), time)
    step = f"Time is distance divided by speed: {figure(distance)} divided by {figure(speed)}."
    return Solution("story", (f"It takes {answer(time)} {unit}.", step), f"{plain(time)} {unit}", time)
