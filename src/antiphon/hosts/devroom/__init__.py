"""A room server for development, on one machine: it speaks LiveKit's protocol to LiveKit's own clients, unmodified.

Browsers (livekit-client), programs (livekit), agent workers (livekit-agents) and livekit-api join it and use it as
they do a LiveKit server. It carries sound and data, and no pictures; it is not made for the open internet, for many
rooms, nor for people who pay.
"""

from antiphon.core.errors import SetupError

try:
    from antiphon.hosts.devroom.server import PATH, DevRoom
except ImportError as error:
    raise SetupError(f"The dev room needs more: pip install 'antiphon[livekit]' ({error})") from error

__all__ = ["PATH", "DevRoom"]
