"""Responses out of band where the voice is played here: heard one after the other, and cut like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from realtime_client import HEARD, Client

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.transports.realtime.aside_sound import QUIET_TICKS
from antiphon.transports.realtime.beside import Over, Piece, Said, Wanted
from antiphon.transports.realtime.peer import PlayoutBuffer
from antiphon.wire import openai_realtime as rt

TICK = 480
LOUD = Pcm(b"\x01\x01" * TICK * 10, 24_000)
"0.2 s."
MAIN = b"\x02\x02" * TICK * 5


class Answers:
    """Gives the test what answers with."""

    def __init__(self) -> None:
        self.tell: list[Callable[[Piece], None]] = []
        self.called_off = 0

    def ask(self, wanted: Wanted, tell: Callable[[Piece], None]) -> Callable[[], None]:
        self.tell.append(tell)

        def call_off() -> None:
            self.called_off += 1

        return call_off

    async def words(self, sound: Pcm) -> str:
        return ""


class Call:
    """A client whose voice is played here, and what is heard of it every 20 ms."""

    def __init__(self, detection: rt.TurnDetection | None = None) -> None:
        self.buffer, self.answers = PlayoutBuffer(lambda: 0.0), Answers()
        audio = rt.Audio(replace(HEARD, turn_detection=detection or rt.ServerVad()))
        self.client = Client(rt.Session(model="tutor", audio=audio), self.buffer)
        self.client.dialogue.stand_by(self.answers)

    def asks(self) -> tuple[str, Callable[[Piece], None]]:
        """The id of a response out of band that is wanted, and what tells what is said in it."""
        self.client.sends(rt.CreateResponse(rt.ResponseParams(conversation="none", instructions="Hello.")))
        created = [x.response.id for x in self.client.said if isinstance(x, rt.ResponseCreated)]
        return created[-1], self.answers.tell[-1]

    def hears(self, ticks: int) -> str:
        """For each 20 ms: a for an aside, m for the conversation's own voice, . for silence."""
        heard = ""
        for _ in range(ticks):
            heard += {b"": ".", b"\x01": "a", b"\x02": "m"}[self.buffer.take(TICK)[:1]]
            self.client.dialogue.advance()
        return heard

    def playback(self) -> list[tuple[str, str]]:
        return [
            (x.type.rpartition(".")[2], x.response_id) for x in self.client.said if isinstance(x, PLAYBACK)
        ]


PLAYBACK = (rt.PlaybackStarted, rt.PlaybackStopped, rt.PlaybackCleared)


def test_two_of_them_are_heard_one_after_the_other() -> None:
    call = Call()
    (first, tell), (second, tell_too) = call.asks(), call.asks()
    tell(Said("One.", LOUD))
    tell_too(Said("Two.", LOUD))
    assert call.hears(12) == "a" * 10 + ".."  # the first may have more to say
    tell(Over())
    tell_too(Over())
    assert call.hears(12) == "a" * 10 + ".."
    assert call.playback() == [
        ("started", first),
        ("stopped", first),
        ("started", second),
        ("stopped", second),
    ]
    assert "response.output_audio.delta" not in call.client.types()
    assert call.client.types().index("response.done") < call.client.types().index(
        "output_audio_buffer.stopped"
    )


def test_nothing_breaks_into_a_sentence_and_the_conversation_comes_first() -> None:
    call = Call()
    _, tell = call.asks()
    call.buffer.put(1, MAIN)
    tell(Said("One.", LOUD))
    tell(Over())
    quiet = "." * QUIET_TICKS
    assert call.hears(5 + QUIET_TICKS + 3) == "mmmmm" + quiet + "aaa"
    call.buffer.put(1, MAIN)
    assert call.hears(13) == "a" * 7 + "mmmmm" + "."
    assert call.buffer.left(1) == 10 * TICK


def test_while_the_conversations_voice_is_held_nothing_is_heard() -> None:
    call = Call()
    call.buffer.put(1, MAIN)
    call.buffer.hold()
    call.asks()[1](Said("One.", LOUD))
    assert call.hears(30) == "." * 30


@pytest.mark.parametrize("stop", ["voice", "clear", "cancel"])
def test_what_stops_it_stops_its_sound(stop: str) -> None:
    call = Call()
    (first, tell), (second, _) = call.asks(), call.asks()
    tell(Said("One.", LOUD))
    call.hears(3)
    match stop:
        case "voice":
            call.client.sees(e.SpeechStarted(3.0))
        case "clear":
            call.client.sends(rt.ClearPlayback())
        case _:
            call.client.sends(rt.CancelResponse(first))
    assert call.hears(5) == "....."
    (response,) = call.client.responses()
    reason = "turn_detected" if stop == "voice" else "client_cancelled"
    assert response.status_details == rt.StatusDetails("cancelled", reason)
    assert (response.id, call.playback()[-1]) == (first, ("cleared", first))
    assert call.answers.called_off == 1
    assert second != first


def test_what_waits_to_be_heard_is_not_heard_after_an_interruption_though_it_was_complete() -> None:
    call = Call()
    (first, tell), (_, tell_too) = call.asks(), call.asks()
    for say in (tell, tell_too):
        say(Said("Yes.", LOUD))
        say(Over())
    call.hears(3)
    call.client.sees(e.SpeechStarted(3.0))
    assert call.hears(40) == "." * 40
    assert [one.status for one in call.client.responses()] == ["completed", "completed"]
    assert call.playback() == [("started", first), ("cleared", first)]


def test_with_semantic_vad_mhm_is_no_reason_to_stop() -> None:
    call = Call(rt.SemanticVad())
    call.asks()[1](Said("One.", LOUD))
    call.hears(1)
    call.client.sees(e.SpeechStarted(3.0), e.PartiallyTranscribed(1, "mhm"))
    assert call.hears(3) == "aaa"
    call.client.sees(e.PartiallyTranscribed(1, "mhm what about two"))
    assert call.hears(3) == "..."
    uninterrupted = Call(rt.ServerVad(interrupt_response=False))
    uninterrupted.asks()[1](Said("One.", LOUD))
    uninterrupted.client.sees(e.SpeechStarted(3.0), e.Transcribed(1, "What about two?"))
    assert uninterrupted.hears(3) == "aaa"
