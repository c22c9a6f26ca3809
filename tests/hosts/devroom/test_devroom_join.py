"""Coming in: who may, who is seen, who is replaced, and what becomes of a socket that breaks."""

from __future__ import annotations

import httpx2 as httpx
import pytest
from livekit import api, rtc
from parlour import KEY, SECRET, Guest, cable, expired, parlour, token, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_who_has_no_good_token_stays_outside_and_is_told_why() -> None:
    forged = api.AccessToken(KEY, SECRET[::-1]).with_identity("eve")
    forged = forged.with_grants(api.VideoGrants(room_join=True, room="parlour"))
    other = api.AccessToken("another", SECRET).with_identity("eve")
    other = other.with_grants(api.VideoGrants(room_join=True, room="parlour"))
    nowhere = api.AccessToken(KEY, SECRET).with_identity("eve").with_grants(api.VideoGrants(room_list=True))
    bad = {
        "": "No token",
        "not.a.token": "not one of this server's",
        forged.to_jwt(): "not one of this server's",
        other.to_jwt(): "not one of this server's",
        expired("eve"): "expired",
        nowhere.to_jwt(): "does not let its bearer join",
    }
    async with parlour() as place, httpx.AsyncClient() as client:
        for given, why in bad.items():
            for version in ("rtc", "rtc/v1"):
                url = f"{place.http}/{version}/validate"
                answer = await client.get(url, params={"access_token": given})
                assert answer.status_code == 401
                assert why in answer.text
                assert answer.headers["access-control-allow-origin"] == "*"
        for given in (forged.to_jwt(), expired("eve"), nowhere.to_jwt()):
            with pytest.raises(rtc.ConnectError, match="401"):
                await rtc.Room().connect(place.url, given)


async def test_those_who_join_see_each_other_as_their_tokens_describe_them() -> None:
    async with parlour() as place:
        anna = await place.guest("anna")
        made = (
            api.AccessToken(KEY, SECRET).with_identity("bert").with_name("Bert B.").with_metadata("a guest")
        )
        made = made.with_attributes({"likes": "tea"}).with_kind("agent")
        bert = Guest("bert")
        place.guests.append(bert)
        await bert.join(place.url, made.with_grants(api.VideoGrants(room_join=True, room="parlour")).to_jwt())
        await until(lambda: "bert" in anna.room.remote_participants)
        seen = anna.room.remote_participants["bert"]
        assert (seen.name, seen.metadata, dict(seen.attributes)) == ("Bert B.", "a guest", {"likes": "tea"})
        assert seen.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        assert bert.room.remote_participants["anna"].name == "Anna"

        await place.guest("ghost", hidden=True)
        stranger = await place.guest("stranger", room="elsewhere")
        assert list(stranger.room.remote_participants) == []
        await bert.leave()
        await until(lambda: "participant_disconnected" in anna.names())
        assert list(anna.room.remote_participants) == []
        assert ("participant_connected", "ghost") not in anna.happened


async def test_the_same_person_again_takes_the_place_of_the_first() -> None:
    async with parlour() as place:
        first = await place.guest("anna")
        second = await place.guest("anna")
        await until(lambda: "disconnected" in first.names())
        assert ("disconnected", rtc.DisconnectReason.DUPLICATE_IDENTITY) in first.happened
        assert second.room.isconnected()


async def test_a_room_takes_as_many_as_it_is_for() -> None:
    async with parlour() as place, place.office() as office:
        await office.room.create_room(api.CreateRoomRequest(name="parlour", max_participants=2))
        await place.guest("anna")
        await place.guest("bert")
        with pytest.raises(rtc.ConnectError):
            await rtc.Room().connect(place.url, token("cleo"))


@pytest.mark.parametrize("is_single", [False, True])
async def test_a_socket_that_breaks_is_mended_and_sound_goes_on(is_single: bool) -> None:
    async with parlour() as place, cable(place) as (url, cut):
        bert = await place.guest("bert")
        anna = Guest("anna")
        place.guests.append(anna)
        await anna.join(url, token("anna"), rtc.RoomOptions(single_peer_connection=is_single))
        await anna.speak(440)
        await until(lambda: bert.hears("anna", 440))
        cut()
        await until(lambda: "reconnected" in anna.names())
        await until(lambda: bert.names().count("track_subscribed") == 2)
        await until(lambda: bert.hears("anna", 440))
        assert "disconnected" not in anna.names()
