"""The voice and the ear of a client by WebRTC, without a network: what leaves when, what was heard, what is lost."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audio import Pcm
from antiphon.transports.realtime import opus
from antiphon.transports.realtime.lines import LineGone
from antiphon.transports.realtime.opus import SILENT, WIRE_RATE, Ear, OpusVoice
from antiphon.transports.realtime.peer import MAX_UNREAD, RATE, PeerLine, PeerVoice, PlayoutBuffer
from antiphon.transports.realtime.peer_media import MAX_CANDIDATES, OfferRefused, checked

TICK = 480


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Far:
    """A client that hears `delay` after it left what is taken every 20 ms."""

    clock: Clock = field(default_factory=Clock)
    delay: float = 0.06
    heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.buffer = PlayoutBuffer(self.clock)
        self.voice = PeerVoice(self.buffer, lambda: self.delay)

    def pass_by(self, ticks: int) -> None:
        for _ in range(ticks):
            while self.voice.next() is not None:
                pass
            self.heard += self.buffer.take(TICK)
            self.clock.now += 0.02
            self.voice.advance()


def sound(samples: int, start: int = 0) -> Pcm:
    return Pcm(np.arange(start, start + samples).astype("<i2").tobytes(), RATE)


def test_what_is_played_leaves_at_its_pace_and_is_heard_a_little_later() -> None:
    far = Far(delay=0.05)
    far.voice.play(1, 0, sound(4800))
    far.pass_by(5)
    assert far.buffer.left(1) == 5 * TICK
    assert far.buffer.heard(1, far.delay) == 2 * TICK
    far.pass_by(20)
    assert far.voice.is_played_out
    assert bytes(far.heard) == sound(4800).data


def test_held_sound_goes_on_at_the_very_sample() -> None:
    far = Far()
    far.voice.play(1, 0, sound(4800))
    far.pass_by(4)
    far.voice.hold()
    far.pass_by(10)
    assert far.buffer.left(1) == 4 * TICK
    assert not far.voice.is_played_out
    far.voice.resume()
    far.pass_by(20)
    assert bytes(far.heard) == sound(4800).data


def test_nothing_follows_a_clear_and_what_had_left_counts_as_heard() -> None:
    far = Far()
    far.voice.play(1, 0, sound(9600))
    far.pass_by(5)
    far.voice.clear(1)
    assert far.voice.stopped(1) == far.voice.stopped_at(1) == 5 * TICK
    far.voice.play(1, 0, sound(480))
    far.pass_by(5)
    assert len(far.heard) == 2 * 5 * TICK
    far.voice.play(2, 0, sound(480))
    far.pass_by(5)
    assert far.heard[-2 * 480 :] == sound(480).data
    assert not far.voice.stop_at(1, 1)


def test_what_is_read_is_not_heard() -> None:
    far = Far()
    far.voice.is_text = lambda: True
    far.voice.play(1, 0, sound(9600))
    far.pass_by(5)
    assert not far.heard
    assert far.voice.stopped(1) == 9600


@given(st.lists(st.sampled_from(["play", "tick", "hold", "resume", "clear"]), max_size=60))
def test_counts_never_fall_and_never_exceed_what_left(acts: list[str]) -> None:
    far, turn, given_in, last = Far(), 1, 0, 0
    for act in acts:
        match act:
            case "play":
                far.voice.play(turn, 0, sound(1000))
                given_in += 1000
            case "tick":
                far.pass_by(1)
            case "hold":
                far.voice.hold()
            case "resume":
                far.voice.resume()
            case "clear":
                far.voice.clear(turn)
                assert far.voice.stopped(turn) <= given_in
                turn, given_in, last = turn + 1, 0, 0
                continue
        heard = far.buffer.heard(turn, far.delay)
        assert last <= heard <= far.buffer.left(turn) <= given_in
        last = heard


def test_two_threads_lose_no_sample() -> None:
    buffer, taken = PlayoutBuffer(Clock()), bytearray()

    def take() -> None:
        while len(taken) < 2 * 5000:
            taken.extend(buffer.take(7))

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    for start in range(0, 5000, 50):
        buffer.put(1, sound(50, start).data)
    taker.join(10)
    assert bytes(taken) == sound(5000).data
    assert buffer.left(1) == 5000


# ---- the ear -------------------------------------------------------------------------------------------------
@dataclass
class Arrived:
    sequence_number: int
    payload: bytes


@dataclass
class Listener:
    clock: Clock = field(default_factory=Clock)
    heard: list[Pcm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ear = Ear(self.heard.append, self.clock)

    @property
    def seconds(self) -> float:
        return round(sum(pcm.seconds for pcm in self.heard), 3)

    def get(self, *numbers: int) -> None:
        for number in numbers:
            self.ear.add(Arrived(number & 0xFFFF, SILENT))
            self.clock.now += 0.02


def test_sound_is_heard_the_moment_it_comes() -> None:
    listener = Listener()
    for count in range(1, 6):
        listener.get(count)
        assert listener.seconds == round(0.02 * count, 3)


def test_packets_that_overtake_each_other_are_put_in_order() -> None:
    listener = Listener()
    listener.get(65534, 0, 65535, 1, 1, 65535)
    assert listener.seconds == 0.08


def test_a_lost_packet_is_waited_for_a_little_and_becomes_silence() -> None:
    listener = Listener()
    listener.get(1, 3, 4)
    assert listener.seconds == 0.02
    listener.get(5)
    assert listener.seconds == 0.1
    listener.get(2, 6)
    assert listener.seconds == 0.12
    listener.get(1000)
    assert listener.seconds == 0.14


def test_silence_stands_for_sound_that_stays_away() -> None:
    listener = Listener()
    listener.get(1)
    for _ in range(50):
        listener.clock.now += 0.02
        listener.ear.fill(listener.clock.now)
    assert listener.seconds == pytest.approx(1.02, abs=0.05)
    before = listener.seconds
    listener.get(2, 3)
    assert listener.seconds == pytest.approx(before + 0.04)


def test_nobody_speaks_faster_than_time_passes() -> None:
    listener = Listener()
    for number in range(1000):
        listener.ear.add(Arrived(number, SILENT))
    assert listener.seconds <= opus.CREDIT + 0.02


@given(st.lists(st.tuples(st.integers(0, 65535), st.binary(max_size=40)), max_size=40))
def test_the_ear_survives_any_packet(packets: list[tuple[int, bytes]]) -> None:
    listener = Listener()
    for number, payload in packets:
        listener.ear.add(Arrived(number, payload))
        listener.clock.now += 0.02
    assert listener.seconds <= 0.2 * len(packets) + 3


def test_a_voice_comes_through_and_silence_costs_nothing() -> None:
    voice = OpusVoice(RATE)
    tone = (np.sin(np.arange(TICK * 10) * 2 * np.pi * 440 / RATE) * 8000).astype("<i2").tobytes()
    packets = [voice.packet(tone[at : at + 2 * TICK]) for at in range(0, len(tone), 2 * TICK)]
    assert all(20 < len(packet) < 300 for packet in packets)
    dying = [voice.packet(b"") for _ in range(8)]
    assert dying[-1] == SILENT != dying[0]
    listener = Listener()
    for number, packet in enumerate([*packets, *dying]):
        listener.ear.add(Arrived(number, packet))
        listener.clock.now += 0.02
    peaks = [int(np.abs(np.frombuffer(pcm.data, "<i2").astype(int)).max()) for pcm in listener.heard]
    assert listener.heard[0].rate == WIRE_RATE
    assert max(peaks[:10]) > 6000
    assert peaks[-1] < 100


# ---- the line ------------------------------------------------------------------------------------------------
def test_what_came_before_the_end_is_read() -> None:
    async def story() -> None:
        posted: list[str] = []
        line = PeerLine(posted.append, lambda: posted.append("closed"))
        line.came("one")
        line.came(None)
        line.gone("it left")
        line.came("late")
        assert [await line.read(), await line.read()] == ["one", None]
        for _ in range(2):
            with pytest.raises(LineGone, match="it left"):
                await line.read()
        with pytest.raises(LineGone):
            await line.send("x")
        await line.close(1000, "")
        assert posted == ["closed"]

    asyncio.run(story())


def test_who_sends_more_than_is_read_is_gone() -> None:
    async def story() -> None:
        line = PeerLine(lambda _: None, lambda: None)
        for _ in range(MAX_UNREAD + 5):
            line.came("x")
        with pytest.raises(LineGone):
            await line.send("x")

    asyncio.run(story())


OFFER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 00:11
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=rtpmap:111 opus/48000/2
a=candidate:1 1 udp 1 1b2c.local 5000 typ host
a=candidate:2 1 udp 1 192.0.2.7 5001 typ host
a=sendrecv
"""


def test_an_offer_keeps_the_addresses_that_can_be_reached() -> None:
    offer = checked(OFFER + "".join(f"a=candidate:{n} 1 udp 1 192.0.2.7 {n} typ host\n" for n in range(100)))
    assert ".local" not in offer
    assert offer.count("a=candidate:") == MAX_CANDIDATES
    assert "\r\na=sendrecv\r\n" in offer


@pytest.mark.parametrize(
    ("old", "new"), [("m=audio", "m=video"), ("a=sendrecv", "a=inactive"), ("opus", "pcm"), ("v=0", "v=1")]
)
def test_an_offer_that_cannot_be_answered_is_refused(old: str, new: str) -> None:
    with pytest.raises(OfferRefused):
        checked(OFFER.replace(old, new))
