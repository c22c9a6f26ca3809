"""Ids that follow from a session's: the same on every node that holds it, so that they need to be told to none."""

from __future__ import annotations

import hashlib


def trace_id(session: str) -> int:
    """The trace of a session, 128 bits."""
    return int.from_bytes(hashlib.sha256(session.encode("utf-8", "replace")).digest()[:16], "big") or 1


def span_id(session: str, key: str) -> int:
    """The id of a span of the session, 64 bits."""
    told = f"{session}\n{key}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") or 1


def correlation(session: str) -> str:
    """The trace's id as collectors show it: what log lines are found by."""
    return f"{trace_id(session):032x}"
