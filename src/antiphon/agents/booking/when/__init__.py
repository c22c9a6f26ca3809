"""Days and hours as people say them: `understand` a line."""

from antiphon.agents.booking.when.line import understand
from antiphon.agents.booking.when.understood import Had, Understood

__all__ = ["Had", "Understood", "understand"]
