"""A supervisor who sends faster than sound sounds makes nothing grow."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from scene import Allowing

from antiphon.core.audio import Pcm
from antiphon.session.ears import Ears
from antiphon.session.pace import Pace
from antiphon.session.supervision import Supervision, Supervisor
from antiphon.testing import clock
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedVad

FRAME = Pcm(b"\x00\x20\x00\xe0" * 160, 16_000)
"20 ms."


def test_sound_at_its_own_speed_is_all_admitted() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for n in range(3000):
        now[0] = n * 0.02
        assert pace.admits(FRAME)


def test_what_a_network_held_up_for_a_second_is_admitted() -> None:
    now = [10.0]
    pace = Pace(lambda: now[0])
    assert [pace.admits(FRAME) for _ in range(60)].count(True) in (50, 51)
    now[0] += 1.0
    assert [pace.admits(FRAME) for _ in range(60)].count(True) in (50, 51)


def test_a_supervisor_ten_times_faster_than_sound_is_heard_at_its_speed() -> None:
    async def story() -> None:
        heard, listened = SimpleNamespace(seconds=0.0), SimpleNamespace(seconds=0.0)

        class Counting(Ears):
            def push(self, pcm: Pcm) -> None:
                listened.seconds += len(pcm) / pcm.rate

        def relay(pcm: Pcm) -> None:
            heard.seconds += len(pcm) / pcm.rate

        loop = asyncio.get_running_loop()
        people = Supervision(
            Allowing(),
            lambda item: None,
            relay,
            lambda policy, emit: Counting(ScriptedVad(), ScriptedRecognizer(), None, policy, emit, loop.time),
        )
        finch = Supervisor("finch")
        async with asyncio.TaskGroup() as people.tasks:
            people.take_over(finch)
            for _ in range(5000):  # 100 s of sound in 10 s
                people.voice(finch, FRAME)
                await asyncio.sleep(0.002)
            people.stop()
        assert 10.0 <= heard.seconds <= 11.1
        assert listened.seconds == heard.seconds

    clock.run(story())
