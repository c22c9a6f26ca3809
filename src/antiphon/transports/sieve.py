"""Leaves out messages of a WebSocket that are too long, before anybody keeps a byte of them (RFC 6455, section 5.2)."""

from __future__ import annotations

FIN, CONTROL, MASKED = 0x80, 0x08, 0x80
EMPTY = bytes((MASKED, 0, 0, 0, 0))
"What follows the first byte of a client's frame without anything in it."


class Sieve:
    """The bytes of one client on their way to a parser of frames. In place of a message above `most` bytes comes an
    empty one, or, where the parser has begun with it, its end: `stands_for` tells which they are."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._head = bytearray()
        self._missing = 0
        "Bytes of the frame's payload that have not come."
        self._is_left_out = False
        "They are not passed on."
        self._opcode = 0
        "Of the message in hand; 0: none is."
        self._size = 0
        "Of the message in hand, as far as its frames have begun."
        self._is_passed_on = False
        "Some of it was."
        self._is_broken = False
        "It is no stream of frames any longer: the parser may say so."
        self._came = self._seen = 0
        "Messages that were passed on to their end; that the parser has given out."
        self._stand_ins: dict[int, int] = {}

    def sift(self, data: bytes) -> bytes:
        """What the parser is to read of `data`, which comes next."""
        if self._is_broken:
            return data
        if self._missing >= len(data):
            self._missing -= len(data)
            return b"" if self._is_left_out else data
        out, at = bytearray(), 0
        while at < len(data) and not self._is_broken:
            if self._missing:
                end = min(at + self._missing, len(data))
                if not self._is_left_out:
                    out += data[at:end]
                self._missing -= end - at
                at = end
            else:
                self._head.append(data[at])
                at += 1
                self._begin(out)
        return bytes(out + data[at:])

    def stands_for(self) -> int:
        """Of the message that the parser gives out now, in their order: the bytes of the one left out for it, or 0."""
        self._seen += 1
        return self._stand_ins.pop(self._seen, 0)

    def _begin(self, out: bytearray) -> None:
        """If the head of a frame is whole, it is known what becomes of the frame."""
        head = self._head
        if len(head) < 2:
            return
        short = head[1] & 0x7F
        wide = {126: 2, 127: 8}.get(short, 0)
        if len(head) < 6 + wide:
            return
        opcode, is_last = head[0] & 0x0F, bool(head[0] & FIN)
        self._missing = int.from_bytes(head[2 : 2 + wide]) if wide else short
        self._is_left_out = False
        if not head[1] & MASKED or (not opcode and not self._opcode):
            self._is_broken = True
        elif opcode < CONTROL:
            if opcode:
                self._opcode, self._size, self._is_passed_on = opcode, 0, False
            self._size += self._missing
            self._is_left_out = self._size > self.most
            self._came += is_last
            if self._is_left_out and is_last:
                out += bytes((FIN | (0 if self._is_passed_on else self._opcode),)) + EMPTY
                self._stand_ins[self._came] = self._size
            self._is_passed_on = self._is_passed_on or not self._is_left_out
            self._opcode = 0 if is_last else self._opcode
        if not self._is_left_out:
            out += head
        head.clear()
