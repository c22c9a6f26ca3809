"""How much nearer a vector is to examples of one kind than to the others."""

from __future__ import annotations

from antiphon.providers.heads import Nearness

NORTH, SOUTH, EAST = (0.0, 1.0), (0.0, -1.0), (1.0, 0.0)


def test_it_leans_to_the_kind_it_lies_next_to() -> None:
    nearness = Nearness([NORTH, SOUTH], [True, False])
    assert nearness.lean(NORTH) == 2.0
    assert nearness.lean(SOUTH) == -2.0
    assert nearness.lean(EAST) == 0.0


def test_an_odd_example_does_not_decide_alone() -> None:
    nearness = Nearness([NORTH, SOUTH, SOUTH, NORTH, NORTH], [True, True, True, False, False], nearest=3)
    assert nearness.lean(NORTH) < 0


def test_with_one_kind_only_there_is_nothing_on_the_other_side() -> None:
    assert Nearness([NORTH], [True]).lean(NORTH) == 1.0
