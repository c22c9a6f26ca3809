"""One-step word problems: getting and giving away, sharing, prices, speed.

Every clause of the story must be understood, with every number in it; after one strange clause there is
no answer.
"""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.arithmetic import money, sentence
from antiphon.agents.tutor.mathematics.figures import figure, plain
from antiphon.agents.tutor.mathematics.journeys import journey
from antiphon.agents.tutor.mathematics.listing import N, amount
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.patterns import Pattern

_WHO = r"(?:my |his |her |the |a |an )?[a-z]+"
_THING = r"[a-z]+"
_HAS = (
    r"has|have|had|owns|starts with|started with|start with|begins with|picked|picks|baked|bakes"
    r"|bought|buys|collected|collects|made|makes"
)
_LOSE = (
    r"gives?(?: away)?|gave(?: away)?|eats?|ate|loses?|lost|sells?|sold|uses?|used|spends?|spent"
    r"|drops?|dropped|throws? away|threw away|"
    r"breaks?|broke|donates?|donated|lends?|lent|reads?|takes? away|took away|removes?|removed"
    r"|hands out|handed out|shares?|shared"
)
_GAIN = (
    r"gets?|got|buys?|bought|finds?|found|receives?|received|earns?|earned|picks?|picked|wins?|won"
    r"|collects?|collected|is given|was given|"
    r"adds?|added|makes?|made|bakes?|baked|saves?|saved"
)
_START = Pattern(
    rf"(?:if )?(?P<who>{_WHO}) (?:{_HAS}) (?P<n>{N}) (?P<thing>{_THING})(?: (?:cards|marbles"
    rf"|pencils|books|balls|cookies|apples|candies|stickers|in (?:a|the|his|her|my) \w+))?"
)
_THERE = Pattern(
    rf"(?:if )?there (?:are|were) (?P<n>{N}) (?P<thing>{_THING})(?: (?:in|on|at) (?:a|an|the|my|his"
    rf"|her) \w+)?"
)
_CHANGE = Pattern(
    rf"(?:then |if )?(?:(?P<subject>{_WHO}) )?(?:(?P<lose>{_LOSE})|(?P<gain>{_GAIN})) "
    rf"(?:(?P<object>him|her|me|them|us|another|away) )?(?P<n>{N})(?: (?P<more>more))?(?: of (?:them|these"
    rf"|his|her|the|my)(?: \w+)?)?"
    rf"(?: (?!each|times|every|per|half|twice)(?P<thing>{_THING}))?(?: (?:away|more))?(?: (?:to|with"
    rf"|from|for|at|on|in) (?:(?:his|her|my|the|a|an|their|your) )?"
    r"(?!each|both|every|all)[a-z]+)?"
)
_GONE = Pattern(
    rf"(?P<n>{N})(?: (?:of them|more|{_THING}))? (?:(?P<lose>fly away|flew away|leave|left|go away"
    rf"|went away|run away|ran away|are eaten|were eaten|are sold|were sold|get off|got off"
    rf"|are broken|break|broke|fall off|fell off|are taken|were taken|are lost)|(?P<gain>join"
    rf"|joined|come|came|arrive|arrived|get on|got on|are added|were added|fly in|flew in|more come"
    rf"|more arrive))(?: (?:them|in|the \w+))?"
)
_LEFT = Pattern(
    rf"how (?:many|much)(?: (?P<thing>{_THING}))? (?:(?:are|is|were|will be) (?P<rest>left"
    rf"|remaining|there)(?: now| in total| altogether)?|remain|(?:does|do|did|will|would) (?P<asked>{_WHO}) "
    rf"(?:now )?(?:still )?have(?: left| now| in total| altogether| in all| remaining)?)(?: over)?"
    rf"(?: in the \w+| on the \w+)?"
)
_TOGETHER = Pattern(
    rf"how many(?: (?P<thing>{_THING}))? (?:do|does|did) (?:they|{_WHO}|{_WHO} and {_WHO}) have"
    rf"(?: in total| altogether| together| in all| combined)"
)
_COMPARE = Pattern(
    rf"how many (?P<what>more|fewer|less)(?: (?P<thing>{_THING}))? (?:does|do|did) "
    rf"(?P<a>{_WHO}) have than (?P<b>{_WHO})"
)
_QUESTION = Pattern(
    r"^(?P<story>.+?) (?:[.,] |and )?(?:now |then |so )?(?P<ask>(?:how (?:many|much|far|long|fast)"
    r"|what is|what was)\b.+)$"
)


def story(text: str) -> Solution | None:
    """The answer to the whole word problem, or None."""
    for reader in (_changes, _price, _sharing, _groups, journey):
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
    if not ask or not _same(thing, ask["thing"]) or not _is_owner(ask["asked"], owner):
        return None
    value = Fraction(start["n"])
    said = figure(value)
    for clause in clauses[1:]:
        event = _CHANGE.fullmatch(clause) or _GONE.fullmatch(clause)
        if not event or not _same(thing, event.groupdict().get("thing")):
            return None
        sign = _sign(event, owner)
        if not sign:
            return None
        amount = Fraction(event["n"])
        value += sign * amount
        said += f" {'minus' if sign < 0 else 'plus'} {figure(amount)}"
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


_PRONOUNS = ("he", "she", "they", "i", "we", "you", "it")


def _is_owner(who: str | None, owner: str | None) -> bool:
    """Whether `who` can be the one whose things are counted."""
    return who is None or who == owner or who in _PRONOUNS or (who, owner) == ("do i", "i")


def _sign(event: re.Match[str], owner: str | None) -> int:
    """1 if the owner gains by the event, -1 if something goes, 0 if the story does not tell for sure."""
    groups = event.groupdict()
    subject, is_loss = groups.get("subject"), bool(groups["lose"])
    if groups["lose"] in ("shares", "share", "shared"):
        return 0
    if _is_owner(subject, owner):
        return -1 if is_loss else 1
    if owner is None:
        return -1 if is_loss and not re.match(r"g[ai]ve|lend|lent", groups["lose"]) else 0
    if groups.get("object") in ("him", "her", "me", "them") and re.match(r"g[ai]ve", groups["lose"] or ""):
        return 1
    return 0


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
_PRICE = Pattern(
    rf"(?:if )?(?P<n>{N}|a|an|one) (?P<thing>{_THING}) (?:costs?|cost|sells? for|is|are) "
    rf"(?P<price>{N}) (?P<unit>{_MONEY})(?P<each> each| apiece)?(?: [.,])?(?: then)?(?: and)? "
    rf"(?:how much (?:do|does|would|will|are|is) (?P<m>{N}|a|an|one)(?: (?P<thing2>{_THING}))? cost"
    rf"|what (?:is the cost of|is the price of|do|does|would|will) (?P<m2>{N}|a|an|one)(?: "
    rf"(?P<thing3>{_THING}))?(?: cost)?|how much (?:is|are|for) (?P<m3>{N}|a|an|one)(?: "
    rf"(?P<thing4>{_THING}))?)"
)
_EACH = Pattern(
    rf"(?:if )?(?:(?P<thing>{_THING}) (?:cost|are|sell for) (?P<price>{N}) (?P<unit>{_MONEY}) "
    rf"(?:each|apiece)|(?:each|one|a|an) (?P<thing2>{_THING}) (?:costs|is) (?P<price2>{N}) "
    rf"(?P<unit2>{_MONEY}))(?: [.,])?(?: then)? (?:how much (?:do|does|would|will|are|is) "
    rf"(?P<m>{N}) (?P<ask>{_THING})(?: cost)?|what (?:do|would|will) (?P<m2>{N}) (?P<ask2>{_THING}) cost|"
    rf"what is the (?:cost|price) of (?P<m3>{N}) (?P<ask3>{_THING}))"
)


def _price(text: str) -> Solution | None:
    """“If 4 pens cost 6 dollars, how much do 10 pens cost?”"""
    found = _EACH.fullmatch(text)
    if found:
        price, unit = Fraction(found["price"] or found["price2"]), found["unit"] or found["unit2"]
        thing, first = found["thing"] or found["thing2"], Fraction(1)
        wanted = Fraction(found["m"] or found["m2"] or found["m3"])
        if not _same(thing, found["ask"] or found["ask2"] or found["ask3"]):
            return None
    else:
        found = _PRICE.fullmatch(text)
        if not found:
            return None
        first = amount(found["n"])
        price, unit, thing = Fraction(found["price"]), found["unit"], found["thing"]
        wanted = amount(found["m"] or found["m2"] or found["m3"])
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
    cost = money(total, unit)
    return Solution("story", (f"{name} {verb} {cost}.", *steps), cost.replace(",", ""), total)


_SHARE = Pattern(
    rf"(?:if )?(?:(?:{_WHO}) (?:has|have|had) |there are |we have |you have )?(?P<n>{N}) "
    rf"(?P<thing>{_THING})(?: (?:and )?(?:are|is|were)?)? ?(?:shares? them|divides? them|splits? them"
    rf"|to share|shared|divided|split|shares|to divide)(?: (?:equally|evenly|fairly))?(?: (?:among"
    rf"|between|amongst|into|with|by))? (?P<m>{N}) (?P<who>{_THING})(?: (?:equally|evenly))?(?: [.,])? "
    rf"(?:how many(?: {_THING})? (?:does|do|will|would) (?:each|every)(?: \w+| of them| one)? (?:get"
    rf"|have|receive)|how many(?: {_THING})? (?:are )?(?:in|for|per) each(?: \w+)?|how much (?:does|do"
    rf"|will) each(?: \w+| of them)? (?:get|have))"
)


_SHARERS = Pattern(
    rf"(?:if )?(?P<m>{N}) (?P<who>[a-z]+) (?:equally )?(?:share|split|divide) (?P<n>{N}) "
    rf"(?P<thing>[a-z]+)(?= equally| evenly| [.,]| how)"
)


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
        each = money(total / people, thing)
        return Solution(
            "story",
            (f"Each gets {each}.", f"Divide {figure(total)} by {figure(people)}."),
            each.replace(",", ""),
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
            (
                f"Divide {figure(total)} by {figure(people)}: {figure(people)} times {whole} is "
                f"{whole * int(people)}."
            ),
        ),
        value,
        Fraction(whole),
    )


_GROUPS = Pattern(
    rf"(?:if )?(?:there are|(?:{_WHO}) (?:has|have|had|buys|bought)) (?P<n>{N}) (?P<box>{_THING}) (?:of"
    rf"|with|and each(?: \w+)? (?:has|holds|contains)|and there are|each with|each containing"
    rf"|that each have|containing) (?P<m>{N}) (?P<thing>{_THING})(?: (?:in )?each(?: \w+)?"
    rf"| in every \w+| per \w+)?(?: [.,])? how many (?P<ask>{_THING}) (?:are there|(?:does"
    rf"|do) {_WHO} have|is that)(?: in total| altogether| in all)?"
    rf"|(?:if )?(?:each|every|one|a) (?P<box2>{_THING}) (?:has|holds|contains) (?P<m2>{N}) "
    rf"(?P<thing2>{_THING})(?: [.,])? how many (?P<ask2>{_THING}) (?:are there in|are in|do|in) "
    rf"(?P<n2>{N}) (?P<box3>{_THING})(?: have| hold| contain)?"
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
