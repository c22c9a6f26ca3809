"""Questions that lean on the last answer: “half of that”, “what about 30 percent”, “how did you get that”."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import plain
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.solution import Solution, Unclear
from antiphon.agents.tutor.patterns import Pattern

_WHY = Pattern(
    r"(?:but )?(?:why|why is that|why so|how come|how|how so|how (?:did|do|would|can) (?:you|i|we|he"
    r"|she) (?:get|got|do|know|find|work|figure|solve|calculate)(?: that| it| there| this)?(?: out)?|"
    r"(?:can|could) you (?:explain|show)(?: me)?(?: that| it| the steps| how| your work| the working)?"
    r"|explain(?: that| it)?(?: to me)?|"
    r"(?:show|tell)(?: me)? (?:the steps|how|your work|the working|how you (?:got|did) (?:that|it))|"
    r"(?:the )?steps|"
    r"how is that|where does that come from|i (?:do not|don't) (?:understand|get it|get that)"
    r"|explain how(?: you (?:got|did) (?:that|it))?)(?: again)?"
)
_THAT = Pattern(
    r"(?<!\S)(?:that number|that answer|that result|the answer|the result|that|it|this"
    r"|the last answer|the number)(?!\S)"
)
_LEADING = Pattern(r"(?:and |now |then |so |in )*(?P<rest>.+)")
_CONTINUES = Pattern(
    r"(?:plus|minus|times|divided by|multiplied by|add|subtract|take away|over|\+|-|\*|/"
    r"|to the power of|squared|cubed|as an?|rounded to|in)(?: .+)?"
)
_INSTEAD = Pattern(
    r"(?:what|how) (?:about|if it (?:was|is|were)|if) (?:it (?:was|is|were) )?(?P<rest>.+?)"
    r"(?: instead)?|(?P<rest2>(?:of|for|with|by|off) \S+(?: \S+)?)"
)
_PART = Pattern(rf"(?P<lead>[a-z]+ )?(?P<n>{N})(?P<unit>(?: %| dollars?| [a-z]+)?)")


def rephrase(text: str, previous: Solution) -> str | Solution | Unclear | None:
    """The follow-up as a canonical question of its own, or the steps again; None if it leans on nothing."""
    if _WHY.fullmatch(text):
        return _again(previous)
    match = _LEADING.fullmatch(text)
    text = match["rest"] if match else text
    if _THAT.search(text):
        return _insert(text, previous)
    instead = _INSTEAD.fullmatch(text)
    if instead:
        return _replace_number(instead["rest"] or instead["rest2"], previous)
    if _CONTINUES.fullmatch(text) and previous.number is not None:
        return _continue(text, previous)
    return None


def _again(previous: Solution) -> Solution:
    """The steps first, then the answer they lead to."""
    first, *steps = previous.sentences
    if previous.sentences[-1].startswith("So ") or first.startswith("That is a single step"):
        return previous
    if not steps:
        return replace(previous, sentences=(f"That is a single step: {first}",))
    return replace(
        previous, sentences=(*steps, f"So {first[:1].lower() + first[1:] if first[1:2].islower() else first}")
    )


def numeral(previous: Solution) -> str | None:
    """The last answer as a numeral of canonical text; approximations keep ten digits."""
    if previous.number is None:
        return None
    if isinstance(previous.number, Fraction):
        return plain(previous.number)
    return f"{previous.number:.10f}".rstrip("0").rstrip(".")


def _insert(text: str, previous: Solution) -> str | Unclear | None:
    """“divide that by 3” with the number in its place."""
    rest = _THAT.sub("", text)
    if not re.search(
        (
            r"\d|half|double|twice|triple|square|cube|halve|add|plus|times|prime|even|odd|factor"
            r"|decimal|fraction|percent"
        ),
        rest,
    ):
        return None
    number = numeral(previous)
    if number is None:
        return Unclear("The last answer was not a single number. Which number do you mean?")
    text = _THAT.sub(number, text, count=1)
    text = re.sub(r"^(?:double|twice) ", "2 times ", text)
    text = re.sub(r"^(?:triple) ", "3 times ", text)
    return text if not _THAT.search(text) else None


def _continue(text: str, previous: Solution) -> str | None:
    """“plus 5”, “times 3”, “add 2” go on from the last number."""
    number = numeral(previous)
    if number is None:
        return None
    text = re.sub(r"^add ", "plus ", text)
    text = re.sub(r"^(?:subtract|take away) ", "minus ", text)
    return f"{number} {text}"


def _replace_number(text: str, previous: Solution) -> str | Unclear | None:
    """“what about 30 percent”: the last question with that number in the place of its like."""
    part = _PART.fullmatch(text)
    if not part or not previous.question:
        return None
    old, unit, lead = previous.question, part["unit"].strip(), part["lead"]
    if unit == "%":
        places = list(re.finditer(rf"(?<!\S){N}(?= %)", old))
    elif lead and not unit:
        places = list(re.finditer(rf"(?<={re.escape(lead)}){N}(?!\S)(?! %)", old))
    elif unit:
        places = list(re.finditer(rf"(?<!\S){N}(?= {re.escape(unit.rstrip('s'))}s?(?!\S))", old))
    else:
        places = list(re.finditer(rf"(?<!\S){N}(?!\S)(?! %)", old))
        if len(places) != 1 and len(re.findall(rf"(?<!\S){N}(?!\S)", old)) > 1:
            return Unclear(f"Which number should become {part['n']}? Please say the whole question.")
    if len(places) != 1:
        return None
    return old[: places[0].start()] + part["n"] + old[places[0].end() :]
