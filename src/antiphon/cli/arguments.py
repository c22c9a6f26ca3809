"""Arguments that more than one verb takes."""

from __future__ import annotations

from typing import Annotated

import typer

Kept = Annotated[str, typer.Argument(help="A session's id, or a journal's file.", metavar="SESSION")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
