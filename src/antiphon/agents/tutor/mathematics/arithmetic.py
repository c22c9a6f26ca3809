"""Sums without unknowns: “what is 2 plus 3 times 4”, “divide 90 by 4”, “the square root of 50”."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.expression import (
    Constant,
    Expression,
    Function,
    Literal,
    Operation,
    combine,
    evaluate,
    says_fractions,
    variables,
    walk,
    words,
)
from antiphon.agents.tutor.mathematics.grammar import parse
from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths, Number, Solution

MAX_STEPS = 3
_CURRENCY = r"dollars?|euros?|pounds?|cents?|pence"
_ORDERS: tuple[tuple[str, str], ...] = (
    (r"add (.+?) (?:and|to) (.+)", r"( \1 ) + ( \2 )"),
    (r"subtract (.+?) from (.+)", r"( \2 ) - ( \1 )"),
    (r"(.+?) subtracted from (.+)", r"( \2 ) - ( \1 )"),
    (r"take (.+?) (?:away )?from (.+)", r"( \2 ) - ( \1 )"),
    (r"take (?:away )?(.+?) (?:away )?from (.+)", r"( \2 ) - ( \1 )"),
    (r"multiply (.+?) (?:by|with|and|times) (.+)", r"( \1 ) * ( \2 )"),
    (r"divide (.+?) by (.+)", r"( \1 ) / ( \2 )"),
    (r"(?:raise )?(.+?) raised to (.+?)", r"( \1 ) ^ ( \2 )"),
    (r"raise (.+?) to (?:the )?(?:power (?:of )?)?(.+)", r"( \1 ) ^ ( \2 )"),
    (r"square (?!root)(.+)", r"( \1 ) squared"),
    (r"cube (?!root)(.+)", r"( \1 ) cubed"),
    (r"halve (.+)", r"1/2 of ( \1 )"),
    (r"1/2 (-?\d\S*)", r"1/2 of ( \1 )"),
    (r"(\S+) (?:more|greater) than (\S+)", r"\2 + \1"),
    (r"(\S+) (?:less|fewer) than (\S+)", r"\2 - \1"),
    (r"the difference between (\S+) and (\S+)", r"difference"),
)


def arithmetic(text: str) -> Solution | None:
    """Works out an expression in numbers; None if it is none, or only a bare number."""
    money = set(re.findall(rf"\b({_CURRENCY})\b", text))
    if money:
        return _money_sum(text, money)
    difference = re.fullmatch(r"(?:the )?difference (?:between|of) (-?[\d./]+) and (-?[\d./]+)", text)
    if difference:
        low, high = sorted((difference[1], difference[2]), key=Fraction)
        text = f"{high} - {low}"
    if re.search(r"\d+ by \d", text) and not re.search(r"(?:divided?|multipl\w+|times) (?:\S+ )?by", text):
        return _ask_by(text)
    tree = _ordered(text)
    if tree is None:
        tree = parse(text)
    if variables(tree) or isinstance(tree, Literal | Constant):
        raise NotMaths("nothing to work out")
    return worked(tree)


def _ordered(text: str) -> Expression | None:
    """“add 3 to 4”, “subtract 5 from 12”: the orders, which turn their numbers round."""
    for pattern, into in _ORDERS:
        found = re.fullmatch(pattern, text)
        if found:
            try:
                return parse(found.expand(into))
            except NotMaths:
                continue
    return None


def _ask_by(text: str) -> Solution | None:
    found = re.fullmatch(r"(-?[\d./]+) by (-?[\d./]+)", text)
    if not found:
        return None
    raise Muddled(f"Do you mean {found[1]} times {found[2]}, or {found[1]} divided by {found[2]}?")


def _money_sum(text: str, units: set[str]) -> Solution | None:
    """The same with money: plus and minus between amounts, times and divided by a number."""
    if len({unit.rstrip("s") for unit in units}) > 1:
        return None
    amounts = len(re.findall(rf"\d (?:{_CURRENCY})\b", text))
    bare = re.sub(rf"(?<=\d) (?:{_CURRENCY})\b", "", text)
    tree = parse(bare)
    if variables(tree) or isinstance(tree, Literal):
        return None
    signs = {node.sign for node in walk(tree) if isinstance(node, Operation)}
    numbers = sum(isinstance(node, Literal) for node in walk(tree))
    is_scaling = signs <= {"*", "/", "%"} and amounts == 1
    if not (is_scaling or (signs <= {"+", "-"} and amounts == numbers)):
        return None
    unit = max(units, key=len)
    return with_unit(worked(tree), unit if unit.endswith("s") or unit == "pence" else unit + "s")


def with_unit(solved: Solution, unit: str) -> Solution:
    """The same answer in money, to the cent."""
    if not isinstance(solved.number, Fraction):
        return solved
    amount = money(solved.number, unit)
    first, *steps = solved.sentences
    said = first.rpartition(" is ")[0]
    return Solution(solved.kind, (f"{said} is {amount}.", *steps), amount.replace(",", ""), solved.number)


def money(value: Fraction, unit: str) -> str:
    """“51 dollars”, “49.99 dollars”, “about 3.33 dollars”, “1 dollar”."""
    exact = figures.places(value)
    digits = 0 if value.denominator == 1 else 2
    name = unit.rstrip("s") if value == 1 and unit != "pence" else unit
    hedge = "" if exact is not None and exact <= 2 else "about "
    return f"{hedge}{figures.decimal(value, digits)} {name}"


def worked(tree: Expression, kind: str = "arithmetic") -> Solution:
    """The value of `tree` with its steps."""
    value = evaluate(tree)
    as_fraction = says_fractions(tree) and _fits_fractions(tree)
    if isinstance(tree, Function) and tree.name == "root" and isinstance(value, float):
        return _surd(tree, value)
    said = sentence(f"{words(tree)} is {figures.answer(value, as_fraction=as_fraction)}.")
    form = figures.exact(value) if as_fraction else figures.plain(value)
    return Solution(kind, (said, *steps(tree, value, as_fraction)), form, value)


def _fits_fractions(tree: Expression) -> bool:
    """A fraction of a decimal is better answered by a decimal."""
    return not any(
        isinstance(n, Literal) and not n.is_fraction and n.value.denominator > 1 for n in walk(tree)
    )


def _surd(tree: Function, value: float) -> Solution:
    argument = evaluate(tree.argument)
    said = f"{words(tree)} is about {figures.about(value)}."
    notes: list[str] = []
    form = figures.plain(value)
    if tree.index is None and isinstance(argument, Fraction) and argument > 0:
        exact = figures.surd(argument)
        plain_root = f"√{argument}"
        if exact != plain_root and len(exact) < 16:
            outside, inside = figures.square_factor(int(argument)) if argument.denominator == 1 else (1, 0)
            if inside:
                notes.append(
                    f"Exactly it is {exact}, because {argument} is {outside} squared times {inside}."
                )
        if argument.denominator == 1:
            low = int(value)
            notes.append(
                f"It lies between {low} and {low + 1}, as {low} squared is {low * low:,} and "
                f"{low + 1} squared is {(low + 1) ** 2:,}."
            )
    return Solution("root", (sentence(said), *notes), form, value)


def steps(tree: Expression, value: Number, as_fraction: bool) -> list[str]:
    """How it is done: the operations one after the other, or a trick for a single one."""
    done: list[tuple[str, str]] = []
    _collect(tree, done, as_fraction)
    if len(done) == 1:
        hint = _single(tree, value)
        return [hint] if hint else []
    if len(done) > MAX_STEPS:
        return [f"Work from the inside out: {done[0][0]} is {done[0][1]}, then go on from there."]
    opening = ["First", "Then", "Then", "Finally"] if len(done) > 2 else ["First", "Then"]
    return [f"{opening[n]}, {said} is {result}." for n, (said, result) in enumerate(done)]


def _collect(tree: Expression, done: list[tuple[str, str]], as_fraction: bool) -> Number:
    """Every operation in the order in which it is carried out, in words with its result."""
    match tree:
        case Operation(sign, left, right):
            a, b = _collect(left, done, as_fraction), _collect(right, done, as_fraction)
            result = combine(sign, a, b)
            if isinstance(a, Fraction) and isinstance(b, Fraction):
                small = Operation(sign, _as_literal(a, as_fraction), _as_literal(b, as_fraction))
                done.append((words(small), figures.figure(result, as_fraction=as_fraction)))
            return result
        case Function(name, argument, index):
            inner = _collect(argument, done, as_fraction)
            result = evaluate(tree)
            if isinstance(inner, Fraction):
                said = words(Function(name, _as_literal(inner, as_fraction), index))
                done.append((said, figures.figure(result, as_fraction=as_fraction)))
            return result
        case _:
            return evaluate(tree)


def _as_literal(value: Fraction, as_fraction: bool) -> Literal:
    return Literal(value, as_fraction and value.denominator > 1)


def _single(tree: Expression, value: Number) -> str:
    """How a single operation can be done in the head; empty if there is no trick worth a sentence."""
    match tree:
        case Operation("*", Literal(a), Literal(b)) if _is_small(a) and _is_small(b):
            return _split_product(int(a), int(b))
        case Operation(("+" | "-") as sign, Literal(a, True), Literal(b)) | Operation(
            ("+" | "-") as sign, Literal(a), Literal(b, True)
        ):
            return _common_denominator(sign, a, b)
        case Operation("/", Literal(a, True), Literal(b)) if b:
            turned = figures.fraction(1 / b)
            return f"Dividing by {figures.fraction(b)} is the same as multiplying by {turned}."
        case Operation("/", Literal(a), Literal(b)) if (
            a.denominator == b.denominator == 1 and a % b and a > b > 0
        ):
            whole, rest = divmod(int(a), int(b))
            return f"{int(b):,} goes into {int(a):,} {whole:,} times, with {rest:,} left over."
        case Operation("/", Literal(a), Literal(b)) if isinstance(value, Fraction) and b:
            return (
                f"You can check it: {figures.figure(b)} times {figures.figure(value)} is {figures.figure(a)}."
            )
        case Operation("*", Literal(a, True), Literal(b)) if 0 < a < 1 and a.denominator in _PARTS:
            return _part_of(a, b)
        case Operation("%", Literal(a), Literal(b)):
            return _percent_hint(a, b)
        case Operation("^", Literal(a), Literal(b)) if b.denominator == 1 and 2 <= b <= 5:
            return f"That is {' times '.join([figures.figure(a)] * int(b))}."
        case Function("root", Literal(a), None) if isinstance(value, Fraction):
            root = figures.figure(value)
            return f"That is because {root} times {root} is {figures.figure(a)}."
        case Function("factorial", Literal(a)) if 3 <= a <= 6:
            return f"That is {' times '.join(str(n) for n in range(int(a), 0, -1))}."
        case Function("log", Literal(a), index) if isinstance(value, Fraction):
            base = figures.figure(evaluate(index)) if index is not None else "10"
            return f"That is because {base} to the power of {figures.figure(value)} is {figures.figure(a)}."
        case _:
            return ""


def _is_small(value: Fraction) -> bool:
    return value.denominator == 1 and 0 < value < 1000


def _split_product(a: int, b: int) -> str:
    if a < b:
        a, b = b, a
    tens, ones = a - a % 10, a % 10
    if a <= 12 or not ones or not tens or b < 3 or b > 100:
        return ""
    return (
        f"Split it: {tens} times {b} is {tens * b:,}, and {ones} times {b} is {ones * b:,}; together "
        f"{a * b:,}."
    )


def _common_denominator(sign: str, a: Fraction, b: Fraction) -> str:
    bottom = a.denominator * b.denominator // math.gcd(a.denominator, b.denominator)
    left, right = a * bottom, b * bottom
    word = "plus" if sign == "+" else "minus"
    total = left + right if sign == "+" else left - right
    lead = f"Both have {bottom} below the line" if a.denominator == b.denominator else f"Over {bottom}"
    return f"{lead}: {left}/{bottom} {word} {right}/{bottom} is {total}/{bottom}."


_PARTS = {
    2: "half",
    3: "third",
    4: "quarter",
    5: "fifth",
    6: "sixth",
    7: "seventh",
    8: "eighth",
    9: "ninth",
    10: "tenth",
    12: "twelfth",
    100: "hundredth",
}


def _part_of(part: Fraction, whole: Fraction) -> str:
    one = whole / part.denominator
    if part.numerator == 1:
        return f"Divide {figures.figure(whole)} by {part.denominator}."
    return (
        f"One {_PARTS[part.denominator]} of {figures.figure(whole)} is {figures.figure(one)}, "
        f"and {part.numerator} times that is {figures.figure(part * whole)}."
    )


_FRIENDLY = {
    Fraction(50): "one half",
    Fraction(25): "one quarter",
    Fraction(75): "three quarters",
    Fraction(20): "one fifth",
    Fraction(10): "one tenth",
    Fraction(100): "the whole",
}


def _percent_hint(percent: Fraction, whole: Fraction) -> str:
    if percent in _FRIENDLY:
        return (
            f"{figures.figure(percent)} percent is {_FRIENDLY[percent]}, "
            f"so we take {_FRIENDLY[percent]} of {figures.figure(whole)}."
        )
    if percent.denominator == 1 and percent % 5 == 0 and 10 < percent < 100:
        tenth, times = whole / 10, percent / 10
        return (
            f"10 percent of {figures.figure(whole)} is {figures.figure(tenth)}, "
            f"and {figures.figure(times)} times that is {figures.figure(percent * whole / 100)}."
        )
    one = whole / 100
    return (
        f"1 percent of {figures.figure(whole)} is {figures.figure(one)}; multiply that by "
        f"{figures.figure(percent)}."
    )


def sentence(text: str) -> str:
    """`text` with a capital, unless it starts with a sign or the name of a variable."""
    first, _, _ = text.partition(" ")
    return text[:1].upper() + text[1:] if len(first) > 1 and first.isalpha() else text
