"""Sound: who hears whom, how loud, how soon, and who does not."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from livekit import api, rtc
from parlour import Guest, parlour, token, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("is_single", [False, True])
async def test_a_tone_arrives_at_its_pitch_and_level_and_soon(is_single: bool) -> None:
    async with parlour() as place:
        anna, bert = Guest("anna"), Guest("bert")
        place.guests += [anna, bert]
        options = rtc.RoomOptions(single_peer_connection=is_single)
        await anna.join(place.url, token("anna"), options)
        await bert.join(place.url, token("bert"), options)
        await anna.speak(440)
        await until(lambda: bert.hears("anna", 440))
        await until(lambda: "local_track_subscribed" in anna.names())
        delays = [await _delay(anna, bert) for _ in range(5)]
        assert min(delays) < 0.3  # 0.08 s where nothing else is to do


async def _delay(singer: Guest, listener: Guest) -> float:
    """Seconds from the first sample of a tone until it is heard."""
    singer.sing(0)
    await until(lambda: listener.tone(singer.identity)[1] < 0.01)
    heard = listener.sound[singer.identity]
    begin = len(heard)
    singer.sing(440)
    since = time.perf_counter()
    await until(lambda: any(np.abs(one).max() > 1000 for one in heard[begin:]))
    return time.perf_counter() - since


async def test_a_supervisor_who_comes_late_hears_both_and_is_heard() -> None:
    async with parlour() as place:
        pupil, agent = await place.guest("pupil"), await place.guest("agent")
        await pupil.speak(300)
        await agent.speak(500)
        await until(lambda: pupil.hears("agent", 500) and agent.hears("pupil", 300))
        teacher = await place.guest("teacher")
        await until(lambda: teacher.hears("agent", 500) and teacher.hears("pupil", 300))
        await teacher.speak(700)
        await until(lambda: pupil.hears("teacher", 700) and agent.hears("teacher", 700))
        await teacher.leave()
        await until(lambda: ("participant_disconnected", "teacher") in pupil.happened)
        assert pupil.hears("agent", 500)


async def test_what_is_muted_or_taken_back_is_not_heard() -> None:
    async with parlour() as place, place.office() as office:
        anna, bert = await place.guest("anna"), await place.guest("bert")
        sid = await anna.speak(440)
        await until(lambda: bert.hears("anna", 440))
        mute = api.MuteRoomTrackRequest(room="parlour", identity="anna", track_sid=sid, muted=True)
        await office.room.mute_published_track(mute)
        await until(lambda: "track_muted" in bert.names())
        await until(lambda: bert.tone("anna")[1] < 0.01)
        await office.room.mute_published_track(
            api.MuteRoomTrackRequest(room="parlour", identity="anna", track_sid=sid, muted=False)
        )
        await anna.room.local_participant.unpublish_track(sid)
        await until(lambda: "track_unsubscribed" in bert.names())
        await anna.speak(600)
        await until(lambda: bert.hears("anna", 600))


async def test_who_may_not_is_neither_heard_nor_hears() -> None:
    async with parlour() as place:
        anna = await place.guest("anna")
        deaf = await place.guest("deaf", can_subscribe=False)
        mute = await place.guest("mute", can_publish=False)
        camera = await place.guest("camera", can_publish_sources=["camera"])
        await anna.speak(440)
        await until(lambda: mute.hears("anna", 440) and camera.hears("anna", 440))
        assert deaf.names().count("track_subscribed") == 0
        for guest in (mute, camera):
            with pytest.raises((TimeoutError, rtc.participant.PublishTrackError)):
                async with asyncio.timeout(1):
                    await guest.speak(500)
        assert "track_subscribed" not in anna.names()
