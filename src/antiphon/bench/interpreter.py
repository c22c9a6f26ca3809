"""What a server of OpenAI's protocol tells its client, in the words of `/orchestrate`.

Our servers stream the news of a session besides: those are passed on as they are, and of the protocol there remain the
sound and what the player must obey. Of any other server, the news are made of its events, as far as these go: it tells
no route and no parts of the time it took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from antiphon.core.audio import BYTES_PER_SAMPLE
from antiphon.wire import native
from antiphon.wire import openai_realtime as rt

Told = native.ServerMessage | native.AudioFrame
Phase = Literal["idle", "listening", "thinking", "speaking"]
LETTERS_PER_S = 15.0
"How fast is spoken where nothing better is known of it."
OBEYED = (native.Hold, native.Resume, native.Clear, native.Pong)
"News that are orders to another client's player, or answers to another client."


@dataclass(slots=True)
class Said:
    """One response, as far as it was told. `sent` counts samples of its sound, `made` those of a whole one."""

    turn: int | None
    item: str = ""
    text: str = ""
    sent: int = 0
    is_announced: bool = False
    is_cleared: bool = False
    is_over: bool = False


class Interpreter:
    """One connection's. `event` is given what the server says, `news` what is streamed besides; both return what a
    caller is told of it, in order."""

    def __init__(
        self,
        *,
        has_news: bool,
        rate: int,
        plays: bool,
        is_unheard: Callable[[int], bool] = lambda turn: True,
    ) -> None:
        """`plays`: sound comes in events, and the caller's player is told here when to stop. `rate`: Hz of the sound.
        `is_unheard`: whether the player still has sound of that turn."""
        self._has_news = has_news
        self._rate = rate
        self._plays = plays
        self._is_unheard = is_unheard
        self._responses: dict[str, Said] = {}
        self._begun: dict[int, str] = {}
        "The first sentence of each turn of which there is no response yet, from the news."
        self._waiting: list[native.AudioFrame] = []
        self._turn = 0
        "The last that was told of."
        self._last: Said | None = None
        "The response that sounded last."
        self._utterances: dict[str, int] = {}

    def turn_of(self, response: str) -> int | None:
        """The turn that is spoken in the response; None while that is not known."""
        return self._responses[response].turn if response in self._responses else None

    @property
    def is_waiting(self) -> bool:
        """There is sound of which it is not known yet what turn it is of."""
        return bool(self._waiting)

    # ---- what is streamed besides ------------------------------------------------------------------------
    def news(self, message: native.ServerMessage) -> list[Told]:
        """The caller is told it, and what waited for it."""
        if isinstance(message, OBEYED):
            return []
        if isinstance(message, native.Sentence):
            self._turn = max(self._turn, message.turn)
            if all(said.turn != message.turn for said in self._responses.values()):
                self._begun.setdefault(message.turn, message.text)
        return [message, *self._bind()]

    def settle(self) -> list[Told]:
        """What waits for news waits no longer: it is of the turn that was told of last."""
        for said in self._responses.values():
            if said.turn is None and (said.text or said.sent):
                said.turn = self._turn
        return self._let_go()

    def _bind(self) -> list[Told]:
        """Responses whose first words are those of a turn in the news are of that turn."""
        for said in self._responses.values():
            if said.turn is not None or not said.text:
                continue
            for turn, text in reversed(self._begun.items()):
                if said.text.startswith(text) or text.startswith(said.text):
                    said.turn = turn
                    for earlier in [one for one in self._begun if one <= turn]:
                        del self._begun[earlier]
                    break
        return self._let_go()

    def _let_go(self) -> list[Told]:
        if self._last is None or self._last.turn is None:
            return []
        turn, waiting, self._waiting = self._last.turn, self._waiting, []
        return [native.AudioFrame(turn, frame.offset, frame.data) for frame in waiting]

    # ---- what the server says ------------------------------------------------------------------------------
    def event(self, event: rt.ServerEvent | rt.UnknownEvent) -> list[Told]:
        """What the caller is told of the event."""
        match event:
            case rt.ErrorEvent(error=problem):
                return [native.Refused(problem.code or problem.type, problem.message, problem.param or "")]
            case rt.ResponseCreated(response=response):
                return self._begins(response.id)
            case rt.AudioTranscriptDelta(response_id=id, item_id=item, delta=words):
                said = self._said(id)
                said.text, said.item = said.text + words, item
                return self._bind()
            case rt.AudioDelta(response_id=id, item_id=item, delta=sound):
                return self._sounds(self._said(id), item, sound)
            case rt.PlaybackStarted(response_id=id):
                return self._speaks(self._said(id))
            case rt.SpeechStarted():
                return [*self._stops(), *self._phase("listening")]
            case rt.PlaybackCleared(response_id=id):
                return self._cut(self._said(id))
            case rt.SpeechStopped():
                return self._phase("thinking")
            case rt.TranscriptionDelta(item_id=item, delta=words):
                return self._made_out(item, words or "", is_final=False)
            case rt.TranscriptionCompleted(item_id=item, transcript=words):
                return self._made_out(item, words, is_final=True)
            case rt.AudioTranscriptDone(response_id=id):
                return self._announced(self._said(id))
            case rt.ResponseDone(response=response):
                return self._ends(response)
            case _:
                return []

    def _said(self, id: str) -> Said:
        return self._responses.setdefault(id, Said(None if self._has_news else self._turn))

    def _begins(self, id: str) -> list[Told]:
        if not self._has_news:
            self._turn += 1
        self._said(id)
        return self._phase("thinking")

    def _sounds(self, said: Said, item: str, sound: bytes) -> list[Told]:
        if said.is_cleared:
            return []  # it was on its way when the player stopped
        told = [] if self._last is said else self._speaks(said)
        said.item = item
        frame = native.AudioFrame(said.turn or 0, said.sent, sound)
        said.sent += len(sound) // BYTES_PER_SAMPLE
        if said.turn is None:
            self._waiting.append(frame)
            return told
        return [*told, frame]

    def _speaks(self, said: Said) -> list[Told]:
        self._last = said
        told = self._phase("speaking")
        if told and said.turn is not None:
            told.append(
                native.HeardText(said.turn, "", "")
            )  # the turn is there; its words are told at their end
        return told

    def _stops(self) -> list[Told]:
        """The user speaks: a client's player stops at once."""
        said = self._last
        if not self._plays or said is None or said.turn is None or said.is_cleared:
            return []
        return self._cut(said) if self._is_unheard(said.turn) else []

    def _cut(self, said: Said) -> list[Told]:
        said.is_cleared = True
        self._waiting.clear()
        return [] if said.turn is None else [native.Clear(said.turn)]

    def stopped(self, turn: int, samples: int) -> tuple[rt.TruncateItem | None, list[Told]]:
        """The player stopped there, of the turn: what the server is told of it, and the caller."""
        said = next((one for one in self._responses.values() if one.turn == turn), None)
        if said is None or not said.item:
            return None, []
        seconds = samples / self._rate
        told: list[Told] = []
        if not self._has_news:
            share = samples / said.sent if said.sent else seconds * LETTERS_PER_S / max(1, len(said.text))
            heard = _whole_words(said.text, round(min(1.0, share) * len(said.text)))
            told = [*self._announced(said), native.HeardText(turn, heard, said.text[len(heard) :].strip())]
        cut = rt.TruncateItem(said.item, 0, int(seconds * 1000)) if self._plays else None
        return cut, told

    # ---- news of our own making --------------------------------------------------------------------------
    def _phase(self, phase: Phase) -> list[Told]:
        return [] if self._has_news else [native.PhaseIs(phase, self._turn)]

    def _made_out(self, item: str, words: str, *, is_final: bool) -> list[Told]:
        if self._has_news or not words:
            return []
        number = self._utterances.setdefault(item, len(self._utterances) + 1)
        return [native.Transcript(number, words.strip(), is_final)]

    def _announced(self, said: Said) -> list[Told]:
        if self._has_news or said.is_announced or not said.text or said.turn is None:
            return []
        said.is_announced = True
        return [native.Sentence(said.turn, 0, said.text)]

    def _ends(self, response: rt.Response) -> list[Told]:
        said, details = self._said(response.id), response.status_details
        said.is_over = True
        if self._has_news or said.turn is None:
            return []
        told = self._announced(said)
        if said.is_announced and not said.is_cleared:
            told.append(native.HeardText(said.turn, said.text, ""))
        if response.status == "failed":
            failure = details.error if details is not None else None
            why = (failure.code or failure.type) if failure is not None else None
            message = failure.message if failure is not None else None
            told.append(native.Refused(why or "failed", message or "the response failed"))
        return [*told, native.PhaseIs("idle", said.turn)]


def _whole_words(text: str, most: int) -> str:
    """The words of which all letters are among the first `most`."""
    return text if most >= len(text) else text[:most].rpartition(" ")[0]
