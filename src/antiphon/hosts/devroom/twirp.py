"""What livekit-api asks: rooms, participants and dispatches, by Twirp over HTTP.

Twirp is Protocol Buffers posted to /twirp/<service>/<method>; errors are JSON with a code and a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message
from livekit.protocol import agent_dispatch as agents
from livekit.protocol import room as rooms
from livekit.protocol.models import DataPacket, DisconnectReason, ParticipantInfo, UserPacket
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.rtc import MuteTrackRequest

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.house import House
from antiphon.hosts.devroom.media import LOSSY, RELIABLE
from antiphon.hosts.devroom.member import Member
from antiphon.hosts.devroom.passes import Need
from antiphon.hosts.devroom.room import Room

Asked = TypeVar("Asked", bound=Message)


class Method:
    """A method: what it is asked with, what a token must grant, and what it does, in the rooms' loop."""

    def __init__(
        self,
        asks: type[Asked],
        need: Need,
        room: Callable[[Asked], str] | None,
        work: Callable[[House, Asked], Message],
    ) -> None:
        self.asks: type[Message] = asks
        self.need = need
        self._room = room
        self._work = work

    def room(self, asked: Message) -> str | None:
        """The room that it is about."""
        return None if self._room is None else self._room(asked)  # type: ignore[arg-type]

    def work(self, house: House, asked: Message) -> Message:
        return self._work(house, asked)  # type: ignore[arg-type]


def _room(house: House, name: str) -> Room:
    if (found := house.rooms.get(name)) is None:
        raise CallerError("The requested room does not exist.", code="not_found")
    return found


def _member(house: House, room: str, identity: str) -> Member:
    if (found := _room(house, room).members.get(identity)) is None:
        raise CallerError("The participant does not exist.", code="not_found")
    return found


def _create_room(house: House, asked: rooms.CreateRoomRequest) -> RoomInfo:
    if not asked.name or len(asked.name) > 256:
        raise CallerError("A room needs a name of 1 to 256 characters.", code="invalid_argument")
    config = rooms.RoomConfiguration(
        empty_timeout=asked.empty_timeout,
        departure_timeout=asked.departure_timeout,
        max_participants=asked.max_participants,
        metadata=asked.metadata,
    )
    room = house.open_room(asked.name, config)
    for wanted in asked.agents:
        house.dispatcher.want(room, wanted)
    return room.info


def _list_rooms(house: House, asked: rooms.ListRoomsRequest) -> rooms.ListRoomsResponse:
    found = [one.info for one in house.rooms.values() if not asked.names or one.name in asked.names]
    return rooms.ListRoomsResponse(rooms=found)


def _delete_room(house: House, asked: rooms.DeleteRoomRequest) -> rooms.DeleteRoomResponse:
    _room(house, asked.room).close(DisconnectReason.ROOM_DELETED)
    return rooms.DeleteRoomResponse()


def _list_participants(house: House, asked: rooms.ListParticipantsRequest) -> rooms.ListParticipantsResponse:
    members = _room(house, asked.room).members.values()
    return rooms.ListParticipantsResponse(participants=[one.info for one in members])


def _get_participant(house: House, asked: rooms.RoomParticipantIdentity) -> ParticipantInfo:
    return _member(house, asked.room, asked.identity).info


def _remove(house: House, asked: rooms.RoomParticipantIdentity) -> rooms.RemoveParticipantResponse:
    who = _member(house, asked.room, asked.identity)
    _room(house, asked.room).leave(who, DisconnectReason.PARTICIPANT_REMOVED)
    return rooms.RemoveParticipantResponse()


def _mute(house: House, asked: rooms.MuteRoomTrackRequest) -> rooms.MuteRoomTrackResponse:
    who = _member(house, asked.room, asked.identity)
    info = who.mute(MuteTrackRequest(sid=asked.track_sid, muted=asked.muted), tells=True)
    if info is None:
        raise CallerError("The track does not exist.", code="not_found")
    return rooms.MuteRoomTrackResponse(track=info)


def _update_participant(house: House, asked: rooms.UpdateParticipantRequest) -> ParticipantInfo:
    who = _member(house, asked.room, asked.identity)
    if asked.HasField("permission"):
        who.permission.CopyFrom(asked.permission)
        who.info.permission.CopyFrom(asked.permission)
    if not who.update(asked.metadata, asked.name, dict(asked.attributes)):
        raise CallerError("The metadata is too long.", code="invalid_argument")
    return who.info


def _update_room(house: House, asked: rooms.UpdateRoomMetadataRequest) -> RoomInfo:
    room = _room(house, asked.room)
    room.set_metadata(asked.metadata)
    return room.info


def _subscribe(house: House, asked: rooms.UpdateSubscriptionsRequest) -> rooms.UpdateSubscriptionsResponse:
    who = _member(house, asked.room, asked.identity)
    tracks = [*asked.track_sids, *(sid for each in asked.participant_tracks for sid in each.track_sids)]
    _room(house, asked.room).choose(who, tracks, asked.subscribe)
    return rooms.UpdateSubscriptionsResponse()


def _send_data(house: House, asked: rooms.SendDataRequest) -> rooms.SendDataResponse:
    user = UserPacket(
        payload=asked.data,
        destination_sids=asked.destination_sids,
        destination_identities=asked.destination_identities,
        nonce=asked.nonce,
    )
    if asked.HasField("topic"):
        user.topic = asked.topic
    packet = DataPacket(user=user, kind=asked.kind, destination_identities=asked.destination_identities)
    _room(house, asked.room).data(None, RELIABLE if asked.kind == DataPacket.RELIABLE else LOSSY, packet)
    return rooms.SendDataResponse()


def _dispatch(house: House, asked: agents.CreateAgentDispatchRequest) -> agents.AgentDispatch:
    if not asked.room or len(asked.room) > 256:
        raise CallerError("A dispatch needs a room.", code="invalid_argument")
    room = house.open_room(asked.room, rooms.RoomConfiguration())
    wanted = agents.AgentDispatch(
        agent_name=asked.agent_name,
        metadata=asked.metadata,
        attributes=dict(asked.attributes),
        restart_policy=asked.restart_policy,
    )
    return house.dispatcher.dispatch(room, wanted)


def _list_dispatch(house: House, asked: agents.ListAgentDispatchRequest) -> agents.ListAgentDispatchResponse:
    found = house.dispatcher.dispatches(asked.room, asked.dispatch_id)
    return agents.ListAgentDispatchResponse(agent_dispatches=found)


def _withdraw(house: House, asked: agents.DeleteAgentDispatchRequest) -> agents.AgentDispatch:
    found = house.dispatcher.withdraw(asked.room, asked.dispatch_id)
    if found is None:
        raise CallerError("The dispatch does not exist.", code="not_found")
    return found


def _of(asked: object) -> str:
    return str(getattr(asked, "room"))  # noqa: B009  (every request that needs it has one)


_ROOMS, _AGENTS = "livekit.RoomService/", "livekit.AgentDispatchService/"
METHODS: dict[str, Method] = {
    f"{_ROOMS}CreateRoom": Method(rooms.CreateRoomRequest, Need.CREATE, None, _create_room),
    f"{_ROOMS}ListRooms": Method(rooms.ListRoomsRequest, Need.LIST, None, _list_rooms),
    f"{_ROOMS}DeleteRoom": Method(rooms.DeleteRoomRequest, Need.CREATE, None, _delete_room),
    f"{_ROOMS}ListParticipants": Method(rooms.ListParticipantsRequest, Need.ADMIN, _of, _list_participants),
    f"{_ROOMS}GetParticipant": Method(rooms.RoomParticipantIdentity, Need.ADMIN, _of, _get_participant),
    f"{_ROOMS}RemoveParticipant": Method(rooms.RoomParticipantIdentity, Need.ADMIN, _of, _remove),
    f"{_ROOMS}MutePublishedTrack": Method(rooms.MuteRoomTrackRequest, Need.ADMIN, _of, _mute),
    f"{_ROOMS}UpdateParticipant": Method(
        rooms.UpdateParticipantRequest, Need.ADMIN, _of, _update_participant
    ),
    f"{_ROOMS}UpdateRoomMetadata": Method(rooms.UpdateRoomMetadataRequest, Need.ADMIN, _of, _update_room),
    f"{_ROOMS}UpdateSubscriptions": Method(rooms.UpdateSubscriptionsRequest, Need.ADMIN, _of, _subscribe),
    f"{_ROOMS}SendData": Method(rooms.SendDataRequest, Need.ADMIN, _of, _send_data),
    f"{_AGENTS}CreateDispatch": Method(agents.CreateAgentDispatchRequest, Need.ADMIN, _of, _dispatch),
    f"{_AGENTS}ListDispatch": Method(agents.ListAgentDispatchRequest, Need.ADMIN, _of, _list_dispatch),
    f"{_AGENTS}DeleteDispatch": Method(agents.DeleteAgentDispatchRequest, Need.ADMIN, _of, _withdraw),
}
"All that is answered, by the end of their paths."
