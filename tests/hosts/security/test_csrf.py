"""Double submit: what a page of ours can do and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.errors import CallerError
from antiphon.hosts.security.csrf import LIFETIME, Csrf

NOW = 1_800_000_000.0
MINE, OTHER = "browser-of-mine-1234567", "browser-of-another-12345"
csrf = Csrf(b"c" * 32)


def code(cookie: str | None, header: str | None, browser: str | None = MINE, now: float = NOW) -> str:
    with pytest.raises(CallerError) as refused:
        csrf.check(cookie, header, browser, now)
    return refused.value.code


def test_the_token_is_when_it_expires_and_a_hash() -> None:
    expire, _, mac = csrf.issue(MINE, NOW).partition(":")
    assert int(expire) == NOW + 300
    assert len(mac) == 64


def test_both_together_pass_until_the_last_second() -> None:
    token = csrf.issue(MINE, NOW)
    csrf.check(token, token, MINE, NOW)
    csrf.check(token, token, MINE, NOW + LIFETIME - 0.01)
    assert code(token, token, now=NOW + LIFETIME) == "csrf_expired"


@pytest.mark.parametrize("missing", range(3))
def test_neither_alone_passes(missing: int) -> None:
    token = csrf.issue(MINE, NOW)
    for nothing in (None, ""):
        given_: list[str | None] = [token, token, MINE]
        given_[missing] = nothing
        assert code(*given_) == "csrf_missing"


def test_two_good_tokens_that_differ_do_not_pass() -> None:
    assert code(csrf.issue(MINE, NOW), csrf.issue(MINE, NOW - 1)) == "csrf_mismatch"


def test_another_browsers_token_does_not_pass() -> None:
    stolen = csrf.issue(OTHER, NOW)
    assert code(stolen, stolen) == "csrf_forged"


def test_a_longer_life_cannot_be_written_in() -> None:
    expire, _, mac = csrf.issue(MINE, NOW).partition(":")
    longer = f"{int(expire) + 1}:{mac}"
    assert code(longer, longer) == "csrf_forged"


def test_the_same_number_written_otherwise_does_not_pass() -> None:
    token = "0" + csrf.issue(MINE, NOW)
    assert code(token, token) == "csrf_forged"


def test_another_servers_token_does_not_pass() -> None:
    foreign = Csrf(b"d" * 32).issue(MINE, NOW)
    assert code(foreign, foreign) == "csrf_forged"


def test_one_from_far_in_the_future_does_not_pass() -> None:
    ahead = csrf.issue(MINE, NOW + 3600)
    assert code(ahead, ahead) == "csrf_expired"


@given(st.text())
def test_anything_else_is_refused_and_raises_nothing_else(text: str) -> None:
    assert code(text, text).startswith("csrf_")
    assert csrf.refreshed(text, MINE, NOW) == csrf.issue(MINE, NOW)


def test_a_token_is_kept_for_four_fifths_of_its_life() -> None:
    token = csrf.issue(MINE, NOW)
    assert csrf.refresh_in(token, NOW) == 240
    assert csrf.refreshed(token, MINE, NOW + 239) == token
    fresh = csrf.refreshed(token, MINE, NOW + 240)
    assert fresh != token
    csrf.check(fresh, fresh, MINE, NOW + 240)
    csrf.check(token, token, MINE, NOW + 240)
    assert csrf.refreshed(token, OTHER, NOW) != token
    assert csrf.refreshed(None, MINE, NOW) == token
