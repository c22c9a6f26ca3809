"""The one timer of a session."""

from __future__ import annotations

import asyncio
import math

from antiphon.session.alarm import Alarm
from antiphon.testing.clock import VirtualTimeLoop


def test_a_moment_that_a_rounding_error_keeps_away_comes_all_the_same() -> None:
    rung: list[float] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(1000.3)  # from here on a wait of 1e-16 s is none
        began = loop.time()

        def now() -> float:
            return 1.0 if loop.time() > began else math.nextafter(1.0, 0.0)

        rings = asyncio.Event()

        def ring() -> None:
            rung.append(now())
            rings.set()

        alarm = Alarm(ring, now)
        while now() < 1.0 and len(rung) < 100:
            alarm.set(1.0)
            await rings.wait()
            rings.clear()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(story())
    assert rung == [1.0]
