"""A supervisor who takes over, in a process that can be killed: `python room_supervisor.py URL TOKEN`."""

from __future__ import annotations

import asyncio
import sys

from livekit import rtc


async def main(url: str, token: str) -> None:
    """The person has taken over, and says nothing, until the process ends."""
    room = rtc.Room()
    await room.connect(url, token)
    while not room.remote_participants:
        await asyncio.sleep(0.05)
    while True:  # the agent may not know them yet
        await room.local_participant.publish_data('{"type": "take_over"}', topic="antiphon.supervise")
        await asyncio.sleep(1.0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
