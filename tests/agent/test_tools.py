"""Tools made from functions: what a model is told of them, and what reaches the function."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.agent.signatures import WrongArgument, kind_of
from antiphon.agent.tools import ANYBODY, Person, Tool, plain, tool


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Mood(enum.Enum):
    GOOD = (1, 0)
    BAD = (0, 1)


@dataclass(frozen=True)
class Item:
    name: str
    count: int = 1
    size: Size = Size.SMALL

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("at least one must be ordered")


@dataclass(frozen=True)
class Node:
    below: list[Node]


def use(made: Tool, caller: Person = ANYBODY, **arguments: object) -> object:
    return asyncio.run(made.run(caller, arguments))  # type: ignore[arg-type]


def properties(made: Tool) -> Mapping[str, Mapping[str, object]]:
    return made.parameters["properties"]  # type: ignore[return-value]


def test_a_plain_function_becomes_a_tool() -> None:
    @tool
    async def forecast(city: str, days: int = 1) -> str:
        """Tells the weather.

        For anywhere on Earth.
        """
        return f"{city} {days}"

    assert (forecast.name, forecast.description) == ("forecast", "Tells the weather. For anywhere on Earth.")
    assert not forecast.writes
    assert forecast.parameters == {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
        "required": ["city"],
        "additionalProperties": False,
    }
    assert use(forecast, city="Bern") == "Bern 1"


def test_options_are_given_in_brackets() -> None:
    @tool(name="book-it", description="Books.", writes=True, timeout_s=2)
    async def book() -> None:
        """Something else."""

    assert (book.name, book.description, book.writes, book.timeout_s) == ("book-it", "Books.", True, 2)


def test_the_caller_is_given_and_is_no_part_of_the_schema() -> None:
    @tool
    async def orders(limit: int, who: Person) -> str:
        return f"{who.name}: {limit}"

    assert set(properties(orders)) == {"limit"}
    assert use(orders, Person("7", name="Ada"), limit=3) == "Ada: 3"
    with pytest.raises(WrongArgument, match="there is no argument who"):
        use(orders, limit=3, who="somebody else")


@pytest.mark.parametrize(
    "docstring",
    [
        """Books.

        Args:
            day: the day of the visit,
                counted from today
            note (str, optional): what the doctor
            should know
        Returns:
            its number: an integer
        """,
        """Books.

        :param day: the day of the visit,
            counted from today
        :param str note: what the doctor should know
        :returns: its number
        """,
    ],
)
def test_a_docstring_says_what_parameters_are_for(docstring: str) -> None:
    async def book(day: int, note: str = "") -> int:
        return day

    book.__doc__ = docstring
    made = tool(book)
    assert made.description == "Books."
    assert properties(made)["day"]["description"] == "the day of the visit, counted from today"
    assert str(properties(made)["note"]["description"]).startswith("what the doctor")


def test_an_annotation_says_it_too_and_counts_more() -> None:
    @tool
    async def book(day: Annotated[int, "days from today"]) -> int:
        """Books.

        Args:
            day: something else
        """
        return day

    assert properties(book)["day"] == {"type": "integer", "description": "days from today"}


@pytest.mark.parametrize(
    ("hint", "value", "parsed"),
    [
        (str, "x", "x"),
        (str, 42, "42"),
        (int, 3, 3),
        (int, 3.0, 3),
        (int, " 3 ", 3),
        (float, 3, 3.0),
        (float, "3.5", 3.5),
        (bool, True, True),
        (bool, "False", False),
        (Literal["a", "b", 3], "b", "b"),
        (Literal["a", "b", 3], "3", 3),
        (Size, "Large", Size.LARGE),
        (Mood, "BAD", Mood.BAD),
        (int | None, None, None),
        (int | None, "7", 7),
        (int | str, "7", "7"),
        (str | int, 7, 7),
        (list[int], ["1", 2], [1, 2]),
        (list, [1, "a"], [1, "a"]),
        (tuple[float, ...], [1], (1.0,)),
        (Sequence[str], ["a"], ["a"]),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (dict, {"a": [1]}, {"a": [1]}),
        (Item, {"name": "tea", "size": "large"}, Item("tea", 1, Size.LARGE)),
        (list[Item], [{"name": "tea", "count": 2}], [Item("tea", 2)]),
        (date, "2027-03-31", date(2027, 3, 31)),
        (time, "14:30", time(14, 30)),
        (datetime, "2027-03-31T14:30", datetime(2027, 3, 31, 14, 30)),
        (object, {"a": None}, {"a": None}),
        (Any, 1, 1),
    ],
)
def test_what_a_model_writes_is_taken_for_what_it_plainly_is(
    hint: Any, value: object, parsed: object
) -> None:
    found = kind_of(hint, "x").parse(value, "x")
    assert found == parsed and type(found) is type(parsed)


@pytest.mark.parametrize(
    ("hint", "value", "told"),
    [
        (str, None, "the argument x must be text, not None"),
        (str, ["a"], "the argument x must be text, not ['a']"),
        (int, "three", "the argument x must be a whole number, not 'three'"),
        (int, 2.5, "the argument x must be a whole number, not 2.5"),
        (int, True, "the argument x must be a whole number, not True"),
        (float, "a lot", "the argument x must be a number, not 'a lot'"),
        (bool, 1, "the argument x must be true or false, not 1"),
        (Literal["a", "b", 3], "c", "the argument x must be 'a', 'b' or 3, not 'c'"),
        (Size, "huge", "the argument x must be 'small' or 'large', not 'huge'"),
        (int | None, "soon", "the argument x must be a whole number, not 'soon'"),
        (list[int], [1, "b"], "the argument x[1] must be a whole number, not 'b'"),
        (list[int], "1", "the argument x must be a list, not '1'"),
        (dict[str, int], {"a": "b"}, "the argument x.a must be a whole number, not 'b'"),
        (Item, {"count": 1}, "the argument x.name is missing"),
        (Item, {"name": "tea", "kind": 1}, "there is no argument x.kind; there are: name, count, size"),
        (Item, {"name": "tea", "count": 0}, "the argument x cannot be taken: at least one must be ordered"),
        (Item, "tea", "the argument x must be an object with name, count, size, not 'tea'"),
        (date, "tomorrow", "the argument x must be a date such as 2027-03-31, not 'tomorrow'"),
        (time, 14, "the argument x must be a time such as 14:30, not 14"),
    ],
)
def test_what_is_wrong_is_told_so_that_a_model_can_try_again(hint: Any, value: object, told: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        kind_of(hint, "x").parse(value, "x")
    assert str(caught.value) == told


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(value=JUNK)
@pytest.mark.parametrize(
    "hint", [int | None, list[Item], Size, Literal[1, "a"], dict[str, float], date, time]
)
def test_whatever_is_given_is_taken_or_refused(hint: Any, value: object) -> None:
    try:
        kind_of(hint, "x").parse(value, "x")
    except WrongArgument as wrong:
        assert "argument x" in str(wrong)


def test_wrong_arguments_never_reach_the_function() -> None:
    reached = False

    @tool
    async def act(count: int) -> None:
        nonlocal reached
        reached = True

    for arguments in ({}, {"count": "many"}, {"count": 1, "more": 2}):
        with pytest.raises(WrongArgument):
            use(act, **arguments)
    assert not reached


def test_a_schema_tells_everything_a_dataclass_needs() -> None:
    @tool
    async def order(items: list[Item], note: str | None = None) -> None:
        """Orders."""

    assert properties(order)["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert properties(order)["items"]["items"] == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "count": {"type": "integer", "default": 1},
            "size": {"enum": ["small", "large"]},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


async def _untyped(x) -> None: ...  # type: ignore[no-untyped-def]


async def _open(*x: int) -> None: ...


async def _strange(x: set[int]) -> None: ...


async def _endless(x: Node) -> None: ...


async def _keyed(x: dict[int, str]) -> None: ...


async def _fixed(x: tuple[int, str]) -> None: ...


def _plain_function() -> None: ...


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (_untyped, "the parameter x says no type"),
        (_open, "cannot be given by name"),
        (_strange, "of a type no model can be asked for"),
        (_endless, "contains itself: Node"),
        (_keyed, "keys that are not text"),
        (_fixed, "a tuple of fixed length"),
        (_plain_function, "must be an async function"),
    ],
)
def test_a_function_that_cannot_be_a_tool_is_refused_when_it_is_declared(function: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        tool(function)


def test_a_name_that_vendors_refuse_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"'book\.it' cannot be the name"):
        tool(name="book.it")(_endless)


def test_results_are_made_plain() -> None:
    assert plain(
        {"items": (Item("tea"),), Size.LARGE: {Size.SMALL}, "on": date(2027, 3, 31), "at": None}
    ) == {
        "items": [{"name": "tea", "count": 1, "size": "small"}],
        "large": ["small"],
        "on": "2027-03-31",
        "at": None,
    }
