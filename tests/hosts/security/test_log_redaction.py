"""What may not be in a log is not in it, in either form, whoever writes the line."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.security.redaction import SECRET, Redactor, secrets_of
from antiphon.logs import set_up_logging

redactor = Redactor(["hunter22hunter22", "short"])


def shown(**event: object) -> dict[str, object]:
    return dict(redactor(None, "info", event))


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


class Log:
    def __init__(self, **settings: object) -> None:
        self.to = io.StringIO()
        set_up_logging(Settings(**settings), self.to)  # type: ignore[arg-type]

    @property
    def lines(self) -> list[str]:
        return self.to.getvalue().splitlines()


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "api_key",
        "OPENAI_API_KEY",
        "token",
        "access_token",
        "secret",
        "clientSecret",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "password",
        "credentials",
        "cookies",
        "x-signature",
    ],
)
@pytest.mark.parametrize("value", ["v", b"v", ["v"], {"a": "v"}, 1234, 1.5, object()])
def test_what_is_named_a_secret_is_not_shown(name: str, value: object) -> None:
    assert shown(**{name: value}) == {name: SECRET}
    assert shown(outer={"inner": {name: value}}) == {"outer": {"inner": {name: SECRET}}}


def test_numbers_of_tokens_are_no_secrets() -> None:
    assert shown(prompt_tokens=120, tokens=3, token=7, has_key=True, key=None) == {
        "prompt_tokens": 120, "tokens": 3, "token": SECRET, "has_key": True, "key": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "the server said hunter22hunter22 to me",
        "xhunter22hunter22x",
        "Authorization: Bearer abcdef.ghijkl-mnop",
        "authorization: basic dXNlcjpwYXNz",
        "GET /orchestrate?token=abc.def.ghi&x=1",
        "postgres://app:hunter2@db/app",
        "redis://:hunter2@cache:6379/0",
        "Cookie: antiphon_signin=abc; other=1",
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl back",
        "key sk-abcdefghijklmnop1234",
        "api_key=abcdefgh",
    ],
)
def test_secrets_in_the_middle_of_text_are_not_shown(text: str) -> None:
    told = str(shown(event=text)["event"])
    assert SECRET in told
    for part in ("hunter2", "abcdef", "dXNlcjpwYXNz", "abc.def", "c2lnbmF0dXJl", "abcdefghijklmnop"):
        assert part not in told


def test_a_short_secret_does_not_hide_ordinary_words() -> None:
    assert shown(event="a short word")["event"] == "a short word"


@pytest.mark.parametrize(
    "text", ["call 0171 555 0199", "write to anna@example.com", "card 4111 1111 1111 1111", "ssn 078-05-1120"]
)
def test_personal_details_are_not_shown(text: str) -> None:
    told = shown(text=text, nested=[{"said": text}])
    assert "[" in str(told["text"]) and not re.search(r"\d{3}|@", str(told))


def test_identifiers_are_shown_as_they_are() -> None:
    ids = {"request_id": "01715550199", "session": "s_0171555019901715"}
    assert shown(**ids) == ids


@given(st.text())
def test_a_value_stays_on_its_line(text: str) -> None:
    told = shown(event=text, k=[text, {text: text}])
    assert len(repr(told["event"]).splitlines()) <= 1
    for value in (told["event"], *_texts(told["k"])):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]", str(value))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else [str(value)]


def test_long_and_deep_values_end_somewhere() -> None:
    deep: object = "end"
    for _ in range(100):
        deep = [deep]
    assert len(str(shown(deep=deep))) < 100
    assert len(str(shown(event="a b" * 100_000)["event"])) < 9000


def test_every_secret_among_the_settings_is_known() -> None:
    settings = Settings(
        OPENAI_API_KEY="sk-one-one-one",
        ANTHROPIC_API_KEY="two-two-two",
        secret="three-three",
        REDIS_URL="redis://f",
    )
    assert {"sk-one-one-one", "two-two-two", "three-three", "redis://f"} <= set(secrets_of(settings))


# ---- the whole log -------------------------------------------------------------------------------------
def test_lines_of_uvicorn_and_of_libraries_have_our_form() -> None:
    log = Log(log_json=True)
    structlog.get_logger().info("ours", n=1)
    logging.getLogger("uvicorn.error").warning("theirs %s", "x\ny")
    logging.getLogger("some.library").error("other")
    lines = [json.loads(line) for line in log.lines]
    assert [line["event"] for line in lines] == ["ours", "theirs x\N{REPLACEMENT CHARACTER}y", "other"]
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert lines[1]["logger"] == "uvicorn.error" and all("timestamp" in line for line in lines)


def test_a_line_belongs_to_its_request_whoever_writes_it() -> None:
    log = Log(log_json=True)
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        structlog.get_logger().info("ours")
        logging.getLogger("uvicorn.error").error("theirs")
    assert [json.loads(line)["request_id"] for line in log.lines] == ["request-1"] * 2


@pytest.mark.parametrize("is_json", [True, False])
def test_an_error_shows_neither_secrets_nor_its_locals_nor_a_line_that_passes_for_another(
    is_json: bool,
) -> None:
    log = Log(log_json=is_json, secret="s" * 40)
    forged = "2030-01-01T00:00:00Z [info     ] audit signed_in admin"
    try:
        local_password = "hunter22hunter22"
        raise ValueError(f"bad {'s' * 40}\n{forged}\x1b[31m" if local_password else "")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("uvicorn.error").exception("failed in ASGI")
    text = log.to.getvalue()
    assert "s" * 40 not in text and "\x1b[31m" not in text
    assert "local_password" not in text.replace("if local_password else", "")
    assert not any(line.startswith("2030") for line in log.lines)
    assert text.count("ValueError") >= 2


def test_a_plain_log_that_is_no_terminal_has_no_colours() -> None:
    log = Log()
    structlog.get_logger().warning("plain", said="line\x1b[2J")
    assert "\x1b" not in log.to.getvalue()


def test_the_level_is_the_settings() -> None:
    log = Log(log_level="warning", log_json=True)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    logging.getLogger("uvicorn.access").info("quiet")
    assert len(log.lines) == 1
    with pytest.raises(SetupError, match="ANTIPHON_LOG_LEVEL"):
        Log(log_level="loud")
