"""Responses out of band: made beside the conversation, several at once, from what the client says they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, assert_never

from antiphon.core.audio import Pcm
from antiphon.core.notes import ModelUsed
from antiphon.core.terms import Role
from antiphon.core.transcript import Line
from antiphon.transports.realtime.history import History
from antiphon.transports.realtime.items import Items
from antiphon.transports.realtime.usage import Allowance, Used
from antiphon.wire import openai_realtime as rt


# ---- who makes them --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer that is wanted beside the conversation."""

    question: str
    history: tuple[Line, ...]
    instructions: str
    functions: tuple[rt.FunctionTool, ...]
    must_call: tuple[str, ...]
    "One of these functions is called; empty: as the agent sees fit."
    most_tokens: int | None
    is_spoken: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the answer, and its sound, if it is spoken."""

    text: str
    sound: Pcm | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """The client is to call a function; `arguments` is JSON as text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more comes. `error`: why the answer failed."""

    stopped_by: rt.Reason | None = None
    error: str = ""


Piece = Said | Called | ModelUsed | Over


class Answerer(Protocol):
    """Answers beside the conversation, with the same agent."""

    def ask(self, wanted: Wanted, tell: Callable[[Piece], None]) -> Callable[[], None]:
        """The answer is told piece by piece, `Over` last. Returns what calls it off; nothing is told after that.

        Raises EventRefused while it has too much to do.
        """
        ...

    async def words(self, sound: Pcm) -> str:
        """The words in the sound; empty when there are none."""
        ...


class Player(Protocol):
    """Plays what is said out of band where the voice of the conversation is played. Responses go by their ids."""

    def put_aside(self, id: str, sound: bytes) -> None:
        """`sound`, 16-bit at 24 kHz, follows what is there of it, once the voice of the conversation is silent."""
        ...

    def end_aside(self, id: str) -> None:
        """No more of it comes."""
        ...

    def clear_aside(self, id: str) -> None:
        """Not one more sample of it leaves."""
        ...

    def aside_news(self) -> list[tuple[str, bool]]:
        """Which of them began to sound (True), or were heard to their end (False), since this was asked last."""
        ...


# ---- how their client is told ------------------------------------------------------------------------------
Encode = Callable[[Pcm, rt.Format], Iterator[bytes]]
"Cuts sound into pieces of that format."


class Beside:
    """The responses out of band of one connection."""

    def __init__(
        self,
        items: Items,
        history: History,
        say: Callable[[rt.ServerEvent], None],
        new_id: Callable[[str], str],
        allowance: Allowance,
        encode: Encode,
        player: Player | None = None,
    ) -> None:
        """With a `player` their sound goes there (WebRTC), and not in events."""
        self._items = items
        self._history = history
        self._say = say
        self._new_id = new_id
        self._allowance = allowance
        self._encode = encode
        self._running: dict[str, tuple[rt.ResponseWriter, Used, Callable[[], None]]] = {}
        self._player = player
        self._audible: dict[str, bool] = {}
        "The responses whose sound the player has, and whether it was told that they sound."
        self.answerer: Answerer | None = None

    def create(self, params: rt.ResponseParams, session: rt.Session) -> None:
        """The response is being made. Raises EventRefused when it cannot be."""
        if self.answerer is None:
            raise rt.EventRefused("Responses out of band are not made here.", param="response.conversation")
        mine = rt.for_response(session, params)
        wanted = self._wanted(params, mine)
        self._allowance.take()
        response = rt.begun(self._new_id("resp"), "", session, params)
        writer = rt.ResponseWriter(response, self._new_id, is_played_here=self._player is not None)
        form = mine.audio.output.format
        used = Used()
        cancel = self.answerer.ask(wanted, lambda piece: self._tell(writer, used, form, piece))
        self._running[response.id] = writer, used, cancel
        self._tell_all(writer.begin())
        self._say(self._allowance.limits())

    def cancel(self, id: str | None) -> bool:
        """The response of that id is cancelled; False when there is none."""
        if id is None or id not in self._running:
            return False
        self._stop(id, "client_cancelled")
        return True

    # ---- where the voice is played here ------------------------------------------------------------------
    def advance(self) -> None:
        """Its client knows what has begun to sound and what was heard to its end."""
        if self._player is None or not self._audible:
            return
        for id, has_begun in self._player.aside_news():
            if id in self._audible and has_begun:
                self._audible[id] = True
                self._say(rt.PlaybackStarted(id))
            elif id in self._audible:
                del self._audible[id]
                self._say(rt.PlaybackStopped(id))

    def cut(self, reason: Literal["turn_detected", "client_cancelled"]) -> None:
        """Nothing is heard any more of what sounds or is about to."""
        for id in list(self._audible):
            self._stop(id, reason)

    def _stop(self, id: str, reason: Literal["turn_detected", "client_cancelled"]) -> None:
        """The response is not made any further, and not heard."""
        self.advance()
        if id in self._running:
            writer, used, cancel = self._running.pop(id)
            cancel()
            self._tell_all(writer.cancel(reason, used.usage()))
        if self._player is not None and id in self._audible:
            self._player.clear_aside(id)
            if self._audible.pop(id, False):
                self._say(rt.PlaybackCleared(id))

    def _wanted(self, params: rt.ResponseParams, mine: rt.Session) -> Wanted:
        lines = self._history.lines(None if params.input is None else [*self._given(params.input)])
        question = ""
        if lines and lines[-1].role is Role.USER:
            question = lines.pop().text
        elif params.instructions is None:
            question = next((line.text for line in reversed(lines) if line.role is Role.USER), "")
        functions = () if mine.tool_choice == "none" else mine.tools
        most = mine.max_output_tokens
        return Wanted(
            question or mine.instructions,
            tuple(lines),
            mine.instructions,
            functions,
            must_call(mine),
            most if isinstance(most, int) else None,
            mine.output_modalities != ("text",),
        )

    def _given(self, given: tuple[rt.Item | rt.ItemReference, ...]) -> Iterator[rt.Item]:
        for number, item in enumerate(given):
            if isinstance(item, rt.ItemReference):
                yield self._items.get(item.id, "invalid_item_reference")
                continue
            if isinstance(item, rt.Message) and not item.text:
                raise rt.EventRefused(
                    "Sound is heard as an item of the conversation: create one, and refer to it.",
                    param=f"response.input[{number}].content",
                )
            yield item

    def _tell(self, writer: rt.ResponseWriter, used: Used, form: rt.Format, piece: Piece) -> None:
        match piece:
            case Said(text, sound):
                self._tell_all(writer.write((" " if writer.item_id is not None else "") + text))
                if sound is not None:
                    used.said_ms += sound.seconds * 1000
                    self._sounds(writer, sound, form)
            case Called(name, arguments):
                self._tell_all(writer.call(name, arguments))
            case ModelUsed():
                used.count(piece)
            case Over(stopped_by, error):
                del self._running[writer.response.id]
                if error:
                    failure = rt.Failure("server_error", "server_error", "The answer could not be made.")
                    self._tell_all(writer.fail(failure, used.usage()))
                elif stopped_by in ("content_filter", "max_output_tokens"):
                    self._tell_all(writer.stop(stopped_by, used.usage()))
                else:
                    self._tell_all(writer.complete(used.usage()))
                if self._player is not None:
                    self._player.end_aside(writer.response.id)
            case _:
                assert_never(piece)

    def _sounds(self, writer: rt.ResponseWriter, sound: Pcm, form: rt.Format) -> None:
        """The sentence is on its way to being heard."""
        if self._player is None:
            for data in self._encode(sound, form):
                self._tell_all(writer.sound(data))
        else:
            id = writer.response.id
            self._audible.setdefault(id, False)
            self._player.put_aside(id, b"".join(self._encode(sound, rt.Pcm())))

    def _tell_all(self, events: list[rt.ServerEvent]) -> None:
        for event in events:
            self._say(event)


def must_call(session: rt.Session) -> tuple[str, ...]:
    """The functions of which one has to be called; empty: none has."""
    match session.tool_choice:
        case rt.ChosenFunction(name):
            return (name,)
        case "required":
            return tuple(function.name for function in session.tools)
        case _:
            return ()
