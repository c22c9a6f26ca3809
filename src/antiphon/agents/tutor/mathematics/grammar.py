"""Canonical text to an expression or an equation: a tokenizer and a recursive-descent parser.

Speech has no parentheses. Where the words allow two readings that differ, the parser raises `Muddled` with a
question back instead of choosing; where a word is no part of an expression it raises `NotMaths`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from antiphon.agents.tutor.mathematics.expression import (
    FUNCTIONS,
    Constant,
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
    says_fractions,
    variables,
    words,
)
from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths
from antiphon.agents.tutor.mathematics.tokens import tokens_of
from antiphon.agents.tutor.patterns import Pattern

MAX_DEPTH = 12

_HOMOPHONES = {"to": 2, "too": 2, "for": 4, "fore": 4, "won": 1, "ate": 8, "tree": 3, "tin": 10}
_EVIDENCE = frozenset(["+", "-", "*", "/", "^", "=", "squared", "cubed", "sqrt", "log", "logbase", "!", "%"])
_NUMERAL = Pattern(r"-?\d+(?:\.\d+)?(?:/\d+)?")
_LETTERS = frozenset("abcdfghjkmnpqrstuvwxyz")
_LISTS = {"sum-of": "+", "product-of": "*", "difference-of": "-", "quotient-of": "/"}


@dataclass(frozen=True, slots=True)
class Equation:
    left: Expression
    right: Expression


def parse(text: str) -> Expression:
    """The expression that the whole of canonical `text` is."""
    parser = _Parser(text)
    tree = parser.sum()
    parser.end()
    return tree


def parse_equation(text: str) -> Equation:
    """The equation that the whole of canonical `text` is; “is” counts as equals where nothing else does."""
    parser = _Parser(
        text if re.search(r"=|\bequals?\b|the same as", text) else re.sub(r"\bis\b", "=", text, count=1)
    )
    left = parser.sum()
    parser.take("=")
    right = parser.sum()
    parser.end()
    return Equation(left, right)


class _Parser:
    """One pass over the tokens; every method leaves `at` behind what it has read."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0
        self.is_evident = any(token in _EVIDENCE or token == "OVER" for token in self.tokens)

    def peek(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else ""

    def take(self, token: str) -> None:
        if self.peek() != token:
            raise NotMaths(f"expected {token!r}, not {self.peek()!r}")
        self.at += 1

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise NotMaths(self.peek())

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotMaths("too deep")
        tree = self.term(None)
        while True:
            sign = self.peek()
            if sign in ("+", "-"):
                self.at += 1
                tree = self.plus_percent(sign, tree) or Operation(sign, tree, self.term(tree))
            elif sign == "all":
                self.at += 1
                tree = self.after_all(tree)
            else:
                break
        self.depth -= 1
        return tree

    def plus_percent(self, sign: str, tree: Expression) -> Expression | None:
        """“50 plus 10 percent” adds ten percent of the fifty."""
        if _NUMERAL.fullmatch(self.peek()) and self.peek(1) == "%" and self.peek(2) in ("", "="):
            percent = _literal(self.peek())
            self.at += 2
            return Operation(sign, tree, Operation("%", percent, tree))
        return None

    def after_all(self, tree: Expression) -> Expression:
        """“x plus 2 all squared”: what follows applies to everything before."""
        sign = self.peek()
        self.at += 1
        match sign:
            case "squared":
                return Operation("^", tree, Literal(Fraction(2)))
            case "cubed":
                return Operation("^", tree, Literal(Fraction(3)))
            case "*":
                return Operation("*", tree, self.joined())
            case "/" | "OVER":
                return Operation("/", tree, self.joined())
            case _:
                raise NotMaths("all")

    def term(self, before: Expression | None) -> Expression:
        """Products and quotients, left to right. `before` is the sum to the left; “over” may mean it too."""
        start = self.at
        tree = self.joined()
        while True:
            sign = self.peek()
            if sign in ("*", "/", "OVER"):
                self.at += 1
                self.doubt_over(sign, before, start)
                self.doubt_times(sign, before)
                right_start = self.at
                right = self.joined()
                if sign != "*":
                    self.doubt_divisor(right, right_start)
                tree = Operation("*" if sign == "*" else "/", tree, right)
            elif sign == "of" and _can_have_parts(tree, self.tokens[start : self.at]):
                self.at += 1
                part = self.joined()
                tree = Operation("*", tree, part)
            elif sign == "%" and self.peek(1) == "of":
                self.at += 2
                tree = Operation("%", tree, self.joined())
            elif sign == "%":
                self.at += 1
                is_factor = self.peek() == "*" or "*" in self.tokens[max(0, start - 1) : self.at]
                if not isinstance(tree, Literal) or not is_factor:
                    raise NotMaths("%")  # added percentages would need something to be a part of
                tree = Literal(tree.value / 100)
            else:
                return tree

    def doubt_over(self, sign: str, before: Expression | None, start: int) -> None:
        """“x plus 3 over 2”: the sum or the 3 alone?"""
        if sign == "OVER" and before is not None and "OVER" not in self.tokens[:start] and variables(before):
            if "(" in self.tokens or says_fractions(before):
                return
            top = " ".join(self.tokens[start : self.at - 1])
            raise Muddled(
                f"Is everything before “over” divided, or only the {_readable(top)}? "
                f"Say “all over” if everything is, or “{_readable(top)} over”, first."
            )

    def doubt_times(self, sign: str, before: Expression | None) -> None:
        """“x plus 2 times x minus 3”: two sums multiplied, or three terms?"""
        if (
            "(" not in self.tokens
            and sign == "*"
            and before is not None
            and variables(before)
            and self.is_variable(self.peek())
        ):
            raise Muddled("Are whole sums multiplied there? Please say it with open and close bracket.")

    def doubt_divisor(self, right: Expression, start: int) -> None:
        """“6 divided by 2 x”: is the x above or below the line?"""
        read = self.tokens[start : self.at]
        if len(read) > 1 and isinstance(right, Operation) and right.sign == "*" and "(" not in read[0]:
            raise Muddled(
                f"Is the whole {_readable(' '.join(read))} the divisor, or only the {read[0]}? "
                "You can say it with brackets."
            )

    def joined(self) -> Expression:
        """Factors written without a sign: 2x, 3(x + 1), xy."""
        start = self.at
        tree = self.signed()
        while True:
            token = self.peek()
            follows = token == "(" or token in CONSTANT_NAMES or token in ("sqrt", "root")
            if not (follows or self.is_variable(token)) or (isinstance(tree, Function) and token != "("):
                return tree
            if token == "e" and self.peek(1) != "^":
                return tree
            if self.tokens[self.at - 1] == "!" or (self.at - start > 12):
                raise NotMaths(token)
            tree = Operation("*", tree, self.power())

    def signed(self) -> Expression:
        if self.peek() != "-":
            return self.power()
        self.at += 1
        start = self.at
        inner = self.power()
        is_number = _NUMERAL.fullmatch(self.tokens[start]) and not variables(inner)
        if is_number and isinstance(inner, Operation) and inner.sign == "^":
            self.doubt_negative_power(inner)
        if isinstance(inner, Literal):
            return Literal(-inner.value, inner.is_fraction)
        return Operation("-", Literal(Fraction(0)), inner)

    def doubt_negative_power(self, power: Operation) -> None:
        if isinstance(power.right, Literal) and power.right.value % 2 == 1:
            return
        base = words(power.left).lstrip("-")
        raise Muddled(
            f"Is it the number negative {base} that is raised to the power, or do we put the minus in "
            f"front afterwards? "
            f"You can say “the square of negative {base}”."
        )

    def power(self) -> Expression:
        token = self.peek()
        tree = self.postfix(self.atom())
        if self.peek() == "^":
            self.at += 1
            exponent = self.exponent()
            if variables(exponent) and self.peek() in ("+", "-") and self.tokens[self.at - 1] != ")":
                raise Muddled("Where does the exponent end? Please say it with open and close bracket.")
            result = Operation("^", tree, exponent)
            if token.startswith("-") and len(token) > 1:
                self.doubt_negative_power(result)
            return self.postfix(result)
        return tree

    def exponent(self) -> Expression:
        if self.peek() == "-":
            self.at += 1
            inner = self.postfix(self.atom())
            if isinstance(inner, Literal):
                return Literal(-inner.value, inner.is_fraction)
            return Operation("-", Literal(Fraction(0)), inner)
        start = self.at
        inner = self.postfix(self.atom())
        if self.is_variable(self.peek()) and self.tokens[start - 2 : start - 1] == ["e"]:
            raise Muddled("Where does the exponent of e end? You can say it with brackets.")
        return inner

    def postfix(self, tree: Expression) -> Expression:
        while self.peek() in ("squared", "cubed", "!"):
            sign = self.peek()
            was_negative = self.tokens[self.at - 1].startswith("-") and len(self.tokens[self.at - 1]) > 1
            self.at += 1
            if sign == "!":
                tree = Function("factorial", tree)
                continue
            tree = Operation("^", tree, Literal(Fraction(2 if sign == "squared" else 3)))
            if was_negative:
                self.doubt_negative_power(tree)
        return tree

    def atom(self) -> Expression:
        token = self.peek()
        self.at += 1
        if _NUMERAL.fullmatch(token):
            return _literal(token)
        if token in CONSTANT_NAMES:
            return Constant(token)
        if token == "(":
            inner = self.sum()
            self.take(")")
            return inner
        if token in ("square-of", "cube-of", "factorial-of"):
            argument = self.signed()
            if token == "factorial-of":
                return Function("factorial", argument)
            return Operation("^", argument, Literal(Fraction(2 if token == "square-of" else 3)))
        if token in _LISTS:
            return self.list_of(token)
        if token in ("sqrt", "root", "log", "logbase") or token in FUNCTIONS:
            return self.function(token)
        if token in _LETTERS:
            return Variable(token)
        if self.is_evident and token in _HOMOPHONES and not _NUMERAL.fullmatch(self.peek()):
            return Literal(Fraction(_HOMOPHONES[token]))
        if self.is_evident and token in ("why", "wye") and self.at > 1:
            return Variable("y")
        raise NotMaths(token)

    def function(self, name: str) -> Expression:
        index = None
        if name in ("root", "logbase"):
            index = self.atom()
            if self.peek() == "of":
                self.at += 1
        if name in ("sin", "cos", "tan"):
            return self.angle(name)
        argument = self.argument()
        is_open = variables(argument) and self.peek() in ("+", "-") and self.tokens[self.at - 1] != ")"
        if is_open and name != "abs":
            raise Muddled("How much of that is under the root or the function? Please say it with brackets.")
        names = {"sqrt": "root", "root": "root", "log": "log", "logbase": "log"}
        return Function(names.get(name, name), argument, index)

    def argument(self) -> Expression:
        """What a root or logarithm is taken of: one factor, or 2x."""
        tree = self.signed()
        while self.is_variable(self.peek()) and isinstance(tree, Literal | Variable | Operation):
            tree = Operation("*", tree, self.power())
        return tree

    def angle(self, name: str) -> Expression:
        """Angles of plain numbers must say that they are degrees; variables are left alone."""
        tree = self.argument()
        if self.peek() == "degrees":
            self.at += 1
            return Function(name, tree)
        if variables(tree):
            return Function(name, tree)
        raise Muddled(
            "Is the angle in degrees or in radians? Please say, for example, “the sine of 30 degrees”."
        )

    def list_of(self, name: str) -> Expression:
        """“the sum of 2, 3 and 4”."""
        sign = _LISTS[name]
        items = [self.signed()]
        while self.peek() in (",", "and"):
            self.at += 1
            if self.peek() == "and":
                self.at += 1
            items.append(self.joined())
        if len(items) < 2 or (sign in "-/" and len(items) != 2):
            raise NotMaths(name)
        if self.peek() in ("*", "/", "OVER", "squared", "cubed", "^", "+", "-", "of"):
            raise Muddled("I am not sure where that list ends. Could you say it in two steps?")
        tree = items[0]
        for item in items[1:]:
            tree = Operation(sign, tree, item)
        return tree

    def is_variable(self, token: str) -> bool:
        return token in _LETTERS and not (token == "a" and self.peek(1) not in _EVIDENCE)


CONSTANT_NAMES = ("pi", "e")


def _literal(token: str) -> Literal:
    return Literal(Fraction(token), "/" in token)


def _can_have_parts(tree: Expression, read: list[str]) -> bool:
    """Only fractions, “twice” and “3 over 4” have an “of”."""
    if isinstance(tree, Literal):
        return tree.is_fraction or tree.value in (2, 3) or tree.value < 1
    if isinstance(tree, Operation) and tree.sign == "/" and len(read) == 3:
        return isinstance(tree.left, Literal) and isinstance(tree.right, Literal)
    return False


def _readable(tokens: str) -> str:
    return tokens.replace("OVER", "over").replace("*", "times")
