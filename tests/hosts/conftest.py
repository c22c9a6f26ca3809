"""The database of the store's tests."""

from __future__ import annotations

from store.conftest import place, server, url

__all__ = ["place", "server", "url"]
