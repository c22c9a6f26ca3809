"""Messages that are too long are left out, and all others come through as they are."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from antiphon.transports.intake import CONTROL_ROOM
from antiphon.transports.sieve import Sieve

MOST = 300
PARTS = st.lists(st.integers(0, 400), min_size=1, max_size=3)
MESSAGES = st.lists(st.one_of(PARTS, st.just([-1])), max_size=8)
"Each is the bytes of its frames; a negative one is a ping."


def stream(messages: list[list[int]]) -> bytes:
    """What a client sends: texts in fragments, with a ping behind each fragment but the last."""
    client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN)
    for parts in messages:
        if parts == [-1]:
            client.send_ping(b"still there?")
            continue
        for number, size in enumerate(parts):
            is_last = number == len(parts) - 1
            opcode = Opcode.CONT if number else Opcode.TEXT
            client.send_frame(Frame(opcode, b"x" * size, fin=is_last))
            if not is_last:
                client.send_ping(b"between")
    return b"".join(client.data_to_send())


@settings(max_examples=300, deadline=None)
@given(MESSAGES, st.lists(st.integers(1, 500), max_size=40))
@example([[400], [0], [100, 300], [70_000], [10]], [1] * 40)
def test_however_it_is_cut_only_what_is_too_long_is_missing(
    messages: list[list[int]], cuts: list[int]
) -> None:
    data, sieve = stream(messages), Sieve(MOST)
    parser = ServerProtocol(state=State.OPEN, max_size=MOST + CONTROL_ROOM)
    told: list[tuple[int, int]] = []
    size = pings = 0
    for cut in [*cuts, len(data)]:
        piece, data = data[:cut], data[cut:]
        parser.receive_data(sieve.sift(piece))
        assert parser.parser_exc is None
        for frame in parser.events_received():
            assert isinstance(frame, Frame)
            if frame.opcode is Opcode.PING:
                pings += 1
                continue
            size += len(frame.data)
            if frame.fin:
                told.append((size, sieve.stands_for()))
                size = 0
    texts = [parts for parts in messages if parts != [-1]]
    assert pings == len(messages) - len(texts) + sum(len(parts) - 1 for parts in texts)
    assert [left_out or size for size, left_out in told] == [sum(parts) for parts in texts]
    assert [bool(left_out) for _, left_out in told] == [sum(parts) > MOST for parts in texts]


def test_what_is_no_stream_of_frames_is_left_to_the_parser() -> None:
    for rubbish in (b"\x81\x05hello" * 3, b"\x80\x80abcd", bytes(40)):
        parser, sieve = ServerProtocol(state=State.OPEN, max_size=MOST + CONTROL_ROOM), Sieve(MOST)
        parser.receive_data(sieve.sift(rubbish))
        assert parser.parser_exc is not None
