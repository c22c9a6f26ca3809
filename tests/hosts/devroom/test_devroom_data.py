"""Data between participants, what they tell of themselves, and what livekit-api asks and orders."""

from __future__ import annotations

import asyncio

import pytest
from livekit import api, rtc
from parlour import Guest, parlour, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_data_reaches_those_it_is_for() -> None:
    async with parlour() as place:
        anna, bert, cleo = [await place.guest(one) for one in ("anna", "bert", "cleo")]
        quiet = await place.guest("quiet", can_publish_data=False)
        me = anna.room.local_participant
        await me.publish_data(b"to all", topic="notes")
        await me.publish_data(b"to bert", destination_identities=["bert"], topic="secrets")
        await quiet.room.local_participant.publish_data(b"unheard")
        await me.publish_data(b"last")
        await until(
            lambda: ("data", None, b"last") in cleo.happened and ("data", None, b"last") in bert.happened
        )
        assert [one for one in bert.happened if one[0] == "data"] == [
            ("data", "notes", b"to all"),
            ("data", "secrets", b"to bert"),
            ("data", None, b"last"),
        ]
        assert [one[2] for one in cleo.happened if one[0] == "data"] == [b"to all", b"last"]
        await me.publish_data(b"perhaps", reliable=False)
        await until(lambda: ("data", None, b"perhaps") in cleo.happened)


async def test_text_streams_and_calls_pass() -> None:
    async with parlour() as place:
        anna, bert = await place.guest("anna"), await place.guest("bert")
        read: list[tuple[str, str, str]] = []
        tasks: list[asyncio.Future[None]] = []

        async def reading(reader: rtc.TextStreamReader, sender: str) -> None:
            final = (reader.info.attributes or {}).get("lk.transcription_final", "")
            read.append((sender, final, await reader.read_all()))

        def came(reader: rtc.TextStreamReader, sender: str) -> None:
            tasks.append(asyncio.ensure_future(reading(reader, sender)))

        bert.room.register_text_stream_handler("lk.transcription", came)
        words = "what was said " * 3000  # more than one packet
        await anna.room.local_participant.send_text(
            words, topic="lk.transcription", attributes={"lk.transcription_final": "true"}
        )
        await until(lambda: read)
        assert read == [("anna", "true", words)]

        async def double(call: rtc.RpcInvocationData) -> str:
            return call.payload * 2

        bert.room.local_participant.register_rpc_method("double", double)
        answer = await anna.room.local_participant.perform_rpc(
            destination_identity="bert", method="double", payload="ha"
        )
        assert answer == "haha"


async def test_what_one_tells_of_oneself_is_seen_if_one_may() -> None:
    async with parlour() as place:
        anna, bert = await place.guest("anna"), await place.guest("bert")
        await until(lambda: "bert" in anna.room.remote_participants)
        seen = anna.room.remote_participants["bert"]
        await bert.room.local_participant.set_attributes({"mood": "merry", "hat": "red"})
        await bert.room.local_participant.set_metadata("a guest")
        await bert.room.local_participant.set_name("Bertram")
        await until(lambda: seen.name == "Bertram")
        assert (dict(seen.attributes), seen.metadata) == ({"mood": "merry", "hat": "red"}, "a guest")
        await bert.room.local_participant.set_attributes({"hat": ""})
        await until(lambda: dict(seen.attributes) == {"mood": "merry"})
        fixed = await place.guest("fixed", can_update_own_metadata=False)
        await fixed.room.local_participant.set_name("Loose")
        await bert.room.local_participant.set_name("Bert")
        await until(lambda: seen.name == "Bert")
        assert anna.room.remote_participants["fixed"].name == "Fixed"


async def test_an_office_sees_rooms_and_orders_in_them() -> None:
    async with parlour() as place, place.office() as office:
        anna, bert = await place.guest("anna"), await place.guest("bert")
        rooms = (await office.room.list_rooms(api.ListRoomsRequest())).rooms
        assert [(one.name, one.num_participants) for one in rooms] == [("parlour", 2)]
        people = await office.room.list_participants(api.ListParticipantsRequest(room="parlour"))
        assert sorted(one.identity for one in people.participants) == ["anna", "bert"]
        one = await office.room.get_participant(api.RoomParticipantIdentity(room="parlour", identity="anna"))
        assert one.name == "Anna"

        await office.room.send_data(
            api.SendDataRequest(
                room="parlour", data=b"hello", kind=0, destination_identities=["bert"], topic="x"
            )
        )
        await office.room.update_room_metadata(api.UpdateRoomMetadataRequest(room="parlour", metadata="full"))
        await office.room.update_participant(
            api.UpdateParticipantRequest(room="parlour", identity="bert", attributes={"role": "guest"})
        )
        await until(lambda: ("data", "x", b"hello") in bert.happened and anna.room.metadata == "full")
        await until(lambda: dict(anna.room.remote_participants["bert"].attributes) == {"role": "guest"})
        assert "data" not in anna.names()

        await office.room.remove_participant(api.RoomParticipantIdentity(room="parlour", identity="bert"))
        await until(lambda: ("disconnected", rtc.DisconnectReason.PARTICIPANT_REMOVED) in bert.happened)
        await office.room.delete_room(api.DeleteRoomRequest(room="parlour"))
        await until(lambda: ("disconnected", rtc.DisconnectReason.ROOM_DELETED) in anna.happened)
        assert not (await office.room.list_rooms(api.ListRoomsRequest())).rooms


async def test_an_office_without_the_right_is_refused() -> None:
    async with (
        parlour() as place,
        api.LiveKitAPI(place.url, "devkey", "not the secret, but as long as it") as thief,
    ):
        with pytest.raises(api.TwirpError) as refused:
            await thief.room.list_rooms(api.ListRoomsRequest())
        assert (refused.value.status, refused.value.code) == (401, "unauthenticated")
    async with parlour() as place, place.office() as office:
        with pytest.raises(api.TwirpError) as missing:
            await office.room.delete_room(api.DeleteRoomRequest(room="nowhere"))
        assert (missing.value.status, missing.value.code) == (404, "not_found")


async def test_who_speaks_is_told() -> None:
    async with parlour() as place:
        anna, bert = await place.guest("anna"), Guest("bert")
        place.guests.append(bert)
        speaking: list[list[str]] = []
        anna.room.on("active_speakers_changed", lambda who: speaking.append([one.identity for one in who]))
        await anna.speak(440)
        await until(lambda: ["anna"] in speaking)
        anna.sing(0)
        await until(lambda: speaking[-1] == [])
