"""`antiphon version`."""

from __future__ import annotations

import antiphon


def version() -> None:
    """Say which version this is."""
    print(antiphon.__version__)
