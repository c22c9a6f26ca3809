"""Writes .env.example from the settings, so that it cannot tell of others.

python scripts/env_example.py           writes the file
python scripts/env_example.py --check   fails when the file is not what would be written
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from antiphon.config import Settings

FILE = Path(__file__).resolve().parents[1] / ".env.example"
WIDTH = 100
INTRODUCTION = """\
# Every setting there is, with its default. None has to be set.
# Written by `python scripts/env_example.py`.
#
# Copy this file to .env and take the # away before what you change. deploy/compose.yaml gives it to
# its containers; for a shell:  set -a; . ./.env; set +a"""
SECTIONS = {
    "home": "Where it runs",
    "stt": "Who hears, speaks and thinks: docs/reference/providers.md",
    "livekit_url": "LiveKit rooms: docs/reference/livekit.md",
    "store": "What is kept, and who is told: docs/reference/operations.md",
    "keep_speech": "What is asked of providers: docs/reference/resilience.md",
    "max_sessions": "How much, and what is logged",
    "otel_endpoint": "What operators see: docs/reference/telemetry.md",
    "secret": "Who may do what: docs/reference/security.md",
    "redis_url": "Limits: docs/reference/security.md",
}
"The heading that goes before a setting."


def variable(name: str) -> str:
    """The environment's name of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"ANTIPHON_{name.upper()}"


def default(field: FieldInfo) -> str:
    """What it is when nothing is set, as it would be written in the file."""
    value = field.default
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def text() -> str:
    """The whole file."""
    lines = [INTRODUCTION]
    headings = dict(SECTIONS)
    for name, field in Settings.model_fields.items():
        if name in headings:
            lines += ["", "", f"# ---- {headings.pop(name)} ".ljust(WIDTH, "-")]
        lines += ["", comment(field.description or ""), f"#{variable(name)}={default(field)}"]
    assert not headings, f"no such setting: {', '.join(headings)}"
    return "\n".join(lines) + "\n"


def comment(text: str) -> str:
    """`text` as lines that a shell passes by."""
    wrapped = textwrap.wrap(
        text,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n".join(wrapped) or "#"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        is_current = FILE.exists() and FILE.read_text(encoding="utf-8") == text()
        if not is_current:
            print(f"{FILE.name} is not what the settings say; run: python scripts/env_example.py")
        return 0 if is_current else 1
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
