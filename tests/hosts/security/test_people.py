"""What each role may do, and where it ends."""

from __future__ import annotations

import pytest

from antiphon.hosts.security.people import Act, Person, Role

ANNA = Person("anna", "school", Role.CALLER)
TEACHER = Person("teacher", "school", Role.SUPERVISOR)
HEAD = Person("head", "school", Role.ADMIN)


def test_a_caller_may_call_and_has_their_own_calls() -> None:
    allowed = {act for act in Act if ANNA.may(act)}
    assert allowed == {Act.CALL}
    own = {act for act in Act if ANNA.may(act, tenant="school", owner="anna")}
    assert own == {Act.CALL, Act.RESUME, Act.READ, Act.ERASE}


def test_a_caller_has_nothing_of_another_caller() -> None:
    assert {act for act in Act if ANNA.may(act, tenant="school", owner="ben")} == {Act.CALL}


def test_a_supervisor_sees_and_steers_but_neither_erases_nor_audits() -> None:
    allowed = {act for act in Act if TEACHER.may(act, tenant="school", owner="anna")}
    assert Act.WATCH in allowed and Act.TAKE_OVER in allowed and Act.READ in allowed
    assert not allowed & {Act.ERASE, Act.AUDIT, Act.RESUME}


def test_nobody_takes_up_another_persons_call() -> None:
    assert not HEAD.may(Act.RESUME, tenant="school", owner="anna")
    assert HEAD.may(Act.RESUME, tenant="school", owner="head")


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("person", [ANNA, TEACHER, HEAD])
def test_nobody_may_anything_in_another_tenant(person: Person, act: Act) -> None:
    assert not person.may(act, tenant="clinic")
    assert not person.may(act, tenant="clinic", owner=person.id)


def test_each_role_may_what_the_one_before_it_may() -> None:
    for act in Act:
        may = [Person("x", "t", role).may(act) for role in Role]
        assert may == sorted(may)
