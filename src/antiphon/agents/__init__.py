"""The agents that ship with Antiphon, each an ordinary user of the public API."""
