"""Runs of the bench that are kept: one file of JSON each, named after when it began."""

from __future__ import annotations

from pathlib import Path

FOLDER = "bench"


def save(report_json: str, started_at: str, home: Path) -> Path:
    """The report lies in a file of its own below `home`, which is made if there is none."""
    folder = home.expanduser() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{started_at.replace(':', '-')}.json"
    path.write_text(report_json, encoding="utf-8")
    return path


def newest(home: Path) -> Path | None:
    """The file of the latest run; None where none is kept."""
    return max((home.expanduser() / FOLDER).glob("*.json"), default=None, key=lambda path: path.name)
