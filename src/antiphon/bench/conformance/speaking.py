"""What is said to a server that is checked, and what becomes of its answers."""

from __future__ import annotations

from antiphon.bench.conformance.connection import RATE, Connection
from antiphon.bench.voices import BundledVoice
from antiphon.bench.wav import at_rate
from antiphon.core.audio import Pcm
from antiphon.wire import openai_realtime as rt

SPOKEN = "What is twenty five percent of eighty?"
QUESTION = "What is 25% of 80?"
LONG = (
    "Please tell me in several sentences what the Roman Empire was, how it began, how it grew, who ruled it,"
    " and why it came to an end."
)
"Its answer lasts long enough to be interrupted."


async def spoken() -> Pcm:
    """`SPOKEN`, in the bundled voice."""
    return at_rate(await BundledVoice().say(SPOKEN), RATE)


async def answered(connection: Connection) -> rt.Response:
    """The response that comes next, when it is done."""
    return (await connection.until(rt.ResponseDone)).response


def said(connection: Connection, since: int = 0) -> str:
    """What was said aloud, in the words of the server."""
    return "".join(event.transcript for event in connection.of(rt.AudioTranscriptDone, since)).strip()


def sound(connection: Connection, since: int = 0) -> bytes:
    return b"".join(event.delta for event in connection.of(rt.AudioDelta, since))


def told(response: rt.Response) -> str:
    """How a response ended, in a few words."""
    details = response.status_details
    return f"{response.status}" + (f" ({details.reason})" if details and details.reason else "")
