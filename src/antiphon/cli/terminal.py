"""The terminal: what was asked for goes out, what is told beside it goes to standard error."""

from __future__ import annotations

from rich.console import Console

out = Console()
err = Console(stderr=True)
