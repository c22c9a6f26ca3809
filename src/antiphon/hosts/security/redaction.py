"""What must not be in a log: secrets, personal details, and characters that could pass for another line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import SecretStr
from structlog.typing import EventDict, WrappedLogger

from antiphon.agent import pii
from antiphon.config import Settings

SECRET = "[secret]"
LONGEST = 8192
"Characters of one value that are kept."
DEEPEST = 6
"Levels of nested values that are kept."

_NAMES = ("key", "token", "secret", "authorization", "cookie", "password", "credential", "signature")
_SECRET_NAME = re.compile(rf"(?:{'|'.join(_NAMES)})s?$", re.I)
_COUNT_NAME = re.compile(r"tokens$", re.I)
_IDENTIFIERS = frozenset(
    {"request_id", "session", "conversation", "correlation", "level", "timestamp", "logger"}
)
"Made here; digits in them are nobody's telephone number."
_IN_TEXT = re.compile(
    r"(?P<before>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"
    r"|(?P<name>\b[\w-]*(?:key|token|secret|password)=)[^\s&\"',;]+"
    r"|(?P<cookie>\b(?:set-)?cookie:\s*)[^\r\n]+"
    r"|(?P<url>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)"
    r"|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|\bsk-[A-Za-z0-9_-]{12,}",
    re.I,
)
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"Line ends and escape sequences, and what makes text run the other way or disappear."


class Redactor:
    """A structlog processor. Place it after exceptions are written out and before the line is rendered."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are never shown, wherever they turn up. Those under 6 characters would hide ordinary words."""
        known = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {_plain(key): self._value(key, value, 0) for key, value in event.items()}

    def text(self, text: str, *, is_prose: bool = True) -> str:
        """The text on one line, without secrets and, with `is_prose`, personal details."""
        text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        if self._known is not None:
            text = self._known.sub(SECRET, text)
        text = _plain(_IN_TEXT.sub(_hidden, text))
        return pii.redact(text)[0] if is_prose and _may_be_personal(text) else text

    def _value(self, name: str, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return SECRET if _is_secret(name) and not _COUNT_NAME.search(name) else value
        if _is_secret(name) or isinstance(value, SecretStr):
            return SECRET
        if isinstance(value, str):
            if name in ("exception", "stack"):
                # Indented, so that no line of an error's text can look like one of the log.
                return "\n".join(f"  {self.text(line)}" for line in value[-LONGEST:].splitlines())
            return self.text(value, is_prose=name not in _IDENTIFIERS)
        if depth >= DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {_plain(str(k)): self._value(str(k), v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(name, item, depth + 1) for item in value]
        return self.text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))


def secrets_of(settings: Settings) -> list[str]:
    """Every secret among the settings."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and value]


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name))


def _hidden(found: re.Match[str]) -> str:
    kept = next((part for part in found.groups() if part), "")
    return f"{kept}{SECRET}"


def _plain(text: str) -> str:
    """On one line, and only what can be seen."""
    return text if text.isprintable() else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _may_be_personal(text: str) -> bool:
    """Cheap. False only for text that is one word without a digit or an at sign, which no detail is."""
    return len(text) > 5 and not text.isalpha()
