"""The one secret of the server, and the keys made from it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from antiphon.config import Settings
from antiphon.core.errors import SetupError

LEAST = 32
"Characters. Less could be guessed, offline, from a single token (RFC 7518, section 3.2)."


def read_secret(settings: Settings) -> bytes:
    """ANTIPHON_SECRET, or else the secret in `home`, which is made there once, readable by its owner alone.

    Raises SetupError when it is too short, or when others can read it.
    """
    if given := settings.secret.get_secret_value():
        if len(given) < LEAST:
            raise SetupError(
                f"ANTIPHON_SECRET is shorter than {LEAST} characters; make one with: openssl rand -hex 32"
            )
        return given.encode()
    path = settings.data / "secret"
    try:
        if not path.exists():
            _make(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the secret in {path} cannot be read: {error}; or set ANTIPHON_SECRET") from error
    if mode & 0o077:
        raise SetupError(f"others can read {path}; make a new one: remove it and start again")
    if len(text) < LEAST:
        raise SetupError(f"{path} is damaged; remove it and start again (people sign in anew)")
    return text.encode()


def _make(path: Path) -> None:
    """The file is there, whole. Of several processes that make it at once, one wins and all read its secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)


def derive(secret: bytes, use: str) -> bytes:
    """A key for one use. What one use reveals says nothing about the others."""
    return hmac.new(secret, f"antiphon {use}".encode(), hashlib.sha256).digest()
