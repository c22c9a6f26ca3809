"""The record of every act that matters to security."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

Detail = Mapping[str, str | int | float | bool]


class Deed(StrEnum):
    """What is recorded."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    TOKEN_ISSUED = "token_issued"
    TOKEN_REFUSED = "token_refused"
    ROLE_DENIED = "role_denied"
    CSRF_REFUSED = "csrf_refused"
    ORIGIN_REFUSED = "origin_refused"
    LIMIT_HIT = "limit_hit"
    ERASED = "erased"
    EDITED = "edited"
    DISTURBED = "disturbed"


class Audit(Protocol):
    """Where deeds are recorded. A store queues them; it never blocks and never raises."""

    def record(self, actor: str, act: Deed, target: str, detail: Detail) -> None:
        """`actor` is `tenant/id` of a person, or an address before anybody signed in."""


class LoggedAudit:
    """Deeds go to the log, one line each."""

    def record(self, actor: str, act: Deed, target: str, detail: Detail) -> None:
        log.info(
            "audit", actor=actor, act=act.value, target=target, **{f"audit_{k}": v for k, v in detail.items()}
        )
