"""`antiphon doctor`."""

from __future__ import annotations

import typer

from antiphon.bench import doctor as examiner
from antiphon.cli.terminal import err, out
from antiphon.config import read_settings


def doctor() -> None:
    """Look for what could keep Antiphon from running well here, and say what to do about it."""
    with err.status("examining this machine"):
        findings = examiner.examine(read_settings())
    examiner.render(findings, out)
    raise typer.Exit(examiner.exit_code(findings))
