"""Tokens of ours: what opens, what does not, and what one is told."""

from __future__ import annotations

import base64
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.secret import derive, read_secret
from antiphon.hosts.security.tokens import (
    LIFETIME,
    SKEW,
    UNBOUND,
    Purpose,
    Tokens,
    check_session_id,
    session_id,
)

KEY = b"k" * 32
ANNA = Person("anna", "school", Role.CALLER)
MINE, OTHER = "s_minemine", "s_otherother"
NOW = 1_800_000_000.0

tokens = Tokens(KEY)


def code(text: str, purpose: Purpose = Purpose.CALL, now: float = NOW, session: str | None = MINE) -> str:
    with pytest.raises(CallerError) as refused:
        tokens.verify(text, purpose, now, session)
    return refused.value.code


def signed(key: bytes = KEY, algorithm: str = "HS256", **changes: object) -> str:
    """A token with everything as it should be but for the changes; None leaves a claim out."""
    claims: dict[str, object] = {
        "iss": "antiphon", "aud": "antiphon", "sub": "anna", "tenant": "school", "role": "caller",
        "purpose": "call", "session": MINE, "iat": int(NOW), "exp": int(NOW) + 60, "jti": "j",
    }  # fmt: skip
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, key, algorithm)


def test_a_token_says_who_for_what_and_which_session() -> None:
    token = tokens.verify(tokens.issue(ANNA, Purpose.CALL, MINE, NOW), Purpose.CALL, NOW, MINE)
    assert (token.person, token.purpose, token.session) == (ANNA, Purpose.CALL, MINE)
    assert token.expires_at == NOW + LIFETIME[Purpose.CALL]


def test_the_token_that_the_tests_break_is_good() -> None:
    assert tokens.verify(signed(), Purpose.CALL, NOW, MINE).person == ANNA


@pytest.mark.parametrize("purpose", list(Purpose))
def test_it_lasts_to_the_second(purpose: Purpose) -> None:
    session = None if purpose in UNBOUND else MINE
    text = tokens.issue(ANNA, purpose, session, NOW)
    last = NOW + LIFETIME[purpose]
    assert tokens.verify(text, purpose, last - 0.001, session).person == ANNA
    assert code(text, purpose, last, session) == "token_expired"


def test_one_from_a_clock_far_ahead_is_refused() -> None:
    assert tokens.verify(signed(iat=int(NOW + SKEW)), Purpose.CALL, NOW, MINE)
    assert code(signed(iat=int(NOW + SKEW) + 1)) == "token_not_yet_valid"


def test_another_session_and_another_purpose_are_named_as_such() -> None:
    text = tokens.issue(ANNA, Purpose.CALL, MINE, NOW)
    assert code(text, session=OTHER) == "token_other_session"
    for purpose in set(Purpose) - {Purpose.CALL}:
        assert code(text, purpose) == "token_wrong_purpose"


def test_a_sign_in_token_opens_no_session() -> None:
    text = tokens.issue(ANNA, Purpose.SIGN_IN, None, NOW)
    for purpose in set(Purpose) - {Purpose.SIGN_IN}:
        assert code(text, purpose) == "token_wrong_purpose"


def test_another_key_is_a_forgery() -> None:
    assert code(signed(key=b"x" * 32)) == "token_forged"


@pytest.mark.parametrize("part", [0, 1])
def test_any_change_is_a_forgery_or_nonsense(part: int) -> None:
    parts = signed().split(".")
    for at in range(len(parts[part])):
        changed = list(parts)
        letter = "A" if changed[part][at] != "A" else "B"
        changed[part] = changed[part][:at] + letter + changed[part][at + 1 :]
        assert code(".".join(changed)) in ("token_forged", "token_malformed")


def test_no_signature_is_a_forgery() -> None:
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    )
    body = signed().split(".")[1]
    for alg_none in (f"{header}.{body}.", f"{header}.{body}.{signed().split('.')[2]}"):
        assert code(alg_none) == "token_forged"
    assert code(signed().rpartition(".")[0] + ".") == "token_forged"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_only_one_algorithm_is_accepted(algorithm: str) -> None:
    assert code(signed(key=KEY * 2, algorithm=algorithm)) == "token_forged"


@pytest.mark.parametrize("changes", [{"aud": "elsewhere"}, {"iss": "elsewhere"}, {"aud": ["a", "b"]}])
def test_one_for_somebody_else_is_refused(changes: dict[str, object]) -> None:
    assert code(signed(**changes)) == "token_wrong_audience"


@pytest.mark.parametrize(
    "claim", ["iss", "aud", "sub", "tenant", "role", "purpose", "session", "iat", "exp", "jti"]
)
def test_nothing_may_be_missing(claim: str) -> None:
    assert code(signed(**{claim: None})) in ("token_malformed", "token_wrong_audience")


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "root"},
        {"role": ["admin"]},
        {"purpose": "all"},
        {"sub": 7},
        {"sub": ""},
        {"tenant": ""},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e309},
        {"iat": None},
        {"jti": 1},
        {"session": "../etc"},
        {"session": ["s_minemine"]},
        {"purpose": "signin"},
    ],
)
def test_claims_of_the_wrong_kind_are_no_token(changes: dict[str, object]) -> None:
    assert code(signed(**changes)) == "token_malformed"


@pytest.mark.parametrize(
    "text", ["x", "a.b.c", "....", "é.é.é", "\x00", "a" * 5000, "eyJ.eyJ.x", " ", "\ud800"]
)
def test_nonsense_is_no_token(text: str) -> None:
    assert code(text) == "token_malformed"


def test_none_at_all_is_missing() -> None:
    assert code("") == "token_missing"


def test_a_revoked_token_is_refused_and_forgotten_when_it_has_expired() -> None:
    some = Tokens(KEY)
    text = some.issue(ANNA, Purpose.CALL, MINE, NOW)
    some.revoke(some.verify(text, Purpose.CALL, NOW), NOW)
    with pytest.raises(CallerError, match="no longer"):
        some.verify(text, Purpose.CALL, NOW)
    later = NOW + LIFETIME[Purpose.CALL]
    some.revoke(some.verify(some.issue(ANNA, Purpose.CALL, OTHER, later), Purpose.CALL, later), later)
    assert len(some._gone) == 1


def test_a_token_has_a_session_exactly_when_it_is_not_for_signing_in() -> None:
    with pytest.raises(ValueError, match="has a session"):
        tokens.issue(ANNA, Purpose.CALL, None, NOW)
    with pytest.raises(ValueError, match="has no session"):
        tokens.issue(ANNA, Purpose.SIGN_IN, MINE, NOW)


@pytest.mark.parametrize("bad", ["", "s_", "s_short", "x_longenough", "s_../../etc", "s_a/b/c/d/e", "s_" + "a" * 65, "s_abcdef\n", "s_abcdef\x00", "s_abc def", "S_abcdefgh", "s_éééééééé"])  # fmt: skip
def test_a_session_id_is_no_path_and_no_line(bad: str) -> None:
    with pytest.raises(CallerError):
        check_session_id(bad)


def test_session_ids_are_what_they_should_look_like() -> None:
    assert len({check_session_id(session_id()) for _ in range(1000)}) == 1000


# ---- the secret ----------------------------------------------------------------------------------------
def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home")
    first = read_secret(settings)
    assert read_secret(settings) == first and len(first) == 64
    path = settings.data / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(settings.data) == ["secret"]


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: read_secret(Settings(home=tmp_path)), range(64)))
    assert len(found) == 1


def test_a_secret_that_others_can_read_is_no_secret(tmp_path: Path) -> None:
    read_secret(Settings(home=tmp_path))
    (tmp_path / "secret").chmod(0o640)
    with pytest.raises(SetupError, match="others can read"):
        read_secret(Settings(home=tmp_path))


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_a_damaged_secret_is_not_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(SetupError):
        read_secret(Settings(home=tmp_path))


def test_a_given_secret_must_be_long(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="openssl rand"):
        read_secret(Settings(home=tmp_path, secret="s" * 31))
    assert read_secret(Settings(home=tmp_path, secret="s" * 32)) == b"s" * 32
    assert not (tmp_path / "secret").exists()


def test_keys_for_different_uses_differ() -> None:
    assert derive(KEY, "tokens") != derive(KEY, "csrf") != KEY
