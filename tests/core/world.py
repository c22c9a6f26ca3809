"""A small world for the conversation: a mind, a voice and a player that do as they are told, in virtual time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.speech import Approved, WordMark
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.session.journal import Tick

RATE = 1000
"Samples per second of this world's voice."
PER_CHAR = 50
"Samples a character takes to say."


@dataclass(frozen=True)
class Says:
    """The user speaks for `length` seconds."""

    length: float
    text: str
    score: float = 0.95


@dataclass
class World:
    """Runs user events through a conversation while answering its commands like real hands would."""

    replies: list[list[str]]
    policy: TurnPolicy = field(default_factory=TurnPolicy)
    lines: Lines = field(default_factory=Lines)
    think: float = 0.2
    "Seconds from StartReply to the first sentence."
    understands: bool = False
    "Whether the replies know their question to be whole."
    pace: float = 0.3
    "Seconds between sentences."
    ack: float = 0.05
    delay: float = 0.02
    "Seconds a message takes to or from the player."

    def __post_init__(self) -> None:
        self.conversation = Conversation(self.policy, self.lines)
        self.log: list[tuple[float, e.Event | e.Command | Tick]] = []
        self.queue: list[tuple[float, int, e.Event | Says | tuple[str, int] | str]] = []
        self.order = itertools.count()
        self.cancelled: set[int] = set()
        self.heard: dict[int, int] = {}
        "Samples of each turn that reached the ear."
        self.arrived: dict[int, int] = {}
        self.is_gone = False
        self.text: dict[int, list[tuple[str, int]]] = {}
        self.dead: set[int] = set()
        self.rest: dict[int, Sequence[str]] = {}
        self.held = False
        self.made = 0
        self.player_turn = 0
        self.now = 0.0
        self.utterance, self.said, self.burst = 1, [], 0

    def at(self, t: float, event: e.Event | Says | tuple[str, int] | str) -> None:
        heapq.heappush(self.queue, (t, next(self.order), event))

    def run(self, script: Sequence[tuple[float, e.Event | Says]], until: float = 60.0) -> World:
        for t, event in script:
            self.at(t, event)
        self.at(0.0, "play")
        self.last = max((t for t, _ in script), default=0.0)
        ticks = 0
        while True:
            deadline = self.conversation.next_deadline
            t = self.queue[0][0] if self.queue else None
            if deadline is not None and (t is None or deadline <= t):
                ticks += 1
                assert ticks < 5000, "livelock"
                self.now = max(self.now, deadline)
                if self.now > until:
                    return self
                self._emit(None)
                continue
            if t is None or t > until:
                return self
            self.now, _, event = heapq.heappop(self.queue)
            if event == "play":
                self._play()
            elif event == "lost":
                self._lose_connection()
            elif isinstance(event, Says):
                self._listen(event)
            elif isinstance(event, str):
                turn, index = map(int, event.split("/"))
                self._think(turn, index)
            elif isinstance(event, tuple):
                kind, burst = event
                if burst == self.burst:
                    text = " ".join(said for _, said in self.said)
                    transcribed = e.Transcribed(self.utterance, text)
                    self._emit(transcribed if kind == "text" else e.TurnScored(self.utterance, self.score))
            else:
                self._emit(event)

    def _lose_connection(self) -> None:
        """The caller is gone and back at once: their microphone starts anew, their player is empty."""
        turn = max(self.arrived, default=0)
        self.burst += 1
        self.held = False
        self.dead |= set(self.text)
        self._emit(e.CallerReturned(turn, self.heard.get(turn, 0)))

    def _listen(self, says: Says) -> None:
        """Ears that judge as real ones do: news of a silence that ended is dropped."""
        self.burst += 1
        self.score = says.score
        if says.text:
            self.said.append((self.now + says.length + 0.30, says.text))
        start, end = self.now, self.now + says.length
        self.at(start + 0.06, e.SpeechStarted(start))
        self.at(start + min(0.06 + says.length, 0.9), e.SpeechWeighed(min(says.length, 0.9)))
        self.at(end + 0.15, e.SpeechStopped(end))
        self.at(end + 0.25, ("score", self.burst))
        self.at(end + 0.30, ("text", self.burst))

    def commands(self, kind: type | None = None) -> list[e.Command]:
        return [x for _, x in self.log if isinstance(x, e.Command) and (kind is None or isinstance(x, kind))]

    def remembered(self, role: e.Role) -> list[str]:
        return [x.text for x in self.commands(e.Remember) if isinstance(x, e.Remember) and x.role is role]

    def ear(self) -> list[str]:
        """For each turn with sound: the words whose last sample was played before the voice stopped."""
        heard = []
        for turn, sentences in self.text.items():
            left, words = self.heard.get(turn, 0), []
            for text, samples in sentences:
                for mark in marks(text):
                    if mark.at <= left:
                        words.append(text[: mark.chars].split()[-1])
                left -= samples
            if words:
                heard.append(" ".join(words))
        return heard

    # ---- the hands -------------------------------------------------------------------------------------
    def _do(self, commands: list[e.Command]) -> None:
        for command in commands:
            self.log.append((self.now, command))
            match command:
                case e.StartReply(turn):
                    self.at(self.now + self.think, f"{turn}/0")
                case e.ContinueReply(turn, _, said, rest, is_whole):
                    whole = " ".join(self._reply_of(turn - 1))
                    more = whole.removeprefix(" ".join([said, *rest]).strip()).strip()
                    self.rest[turn] = [*rest, *([more] if more and not is_whole else [])]
                    self.at(self.now + self.think, f"{turn}/0")
                case e.CancelReply(turn):
                    self.cancelled.add(turn)
                case e.Speak(turn, sentence, text):
                    assert turn not in self.dead, "spoke after giving way"
                    samples = len(text.text) * PER_CHAR
                    self.text.setdefault(turn, []).append((text.text, samples))
                    event = e.SpeechSynthesized(turn, sentence, samples, marks(text.text), True)
                    self.at(self.now + 0.03, event)
                case e.HoldPlayout():
                    self.held = True
                case e.ResumePlayout():
                    self.held = False
                case e.ClearPlayout(turn):
                    self.held = False
                    self.dead.add(turn)
                    self.at(self.now + 2 * self.delay, e.PlayoutCleared(turn, self.heard.get(turn, 0)))
                case e.CutUtterance(utterance):
                    if utterance >= self.utterance:
                        self.utterance = utterance + 1
                        self.said = [(end, said) for end, said in self.said if end > self.now]
                case _:
                    pass

    def _think(self, turn: int, index: int) -> None:
        if turn in self.cancelled:
            return
        reply = self._reply_of(turn)
        if self.understands and not index:
            self._emit(e.QuestionUnderstood(turn))
        if index < len(reply):
            self._emit(e.SentenceReady(turn, Approved(reply[index])))
            self.at(self.now + self.pace, f"{turn}/{index + 1}")
        else:
            self._emit(e.ReplyEnded(turn))

    def _reply_of(self, turn: int) -> Sequence[str]:
        return self.rest.get(turn, self.replies[(turn - 1) % len(self.replies)])

    def _play(self) -> None:
        """The player moves on by one acknowledgement interval."""
        if not self.held and not self.is_gone:
            for turn, queued in self.arrived.items():
                if turn not in self.dead and self.heard.get(turn, 0) < queued:
                    step = round(self.ack * RATE)
                    self.heard[turn] = min(queued, self.heard.get(turn, 0) + step)
                    self.at(self.now + self.delay, e.Played(turn, self.heard[turn]))
                    break
        if self.now < self.last + 30:
            self.at(self.now + self.ack, "play")

    def _emit(self, event: e.Event | None) -> None:
        """The event, or None for a passed deadline, is told to the conversation."""
        self.log.append((self.now, event or Tick()))
        if isinstance(event, e.SpeechSynthesized):
            self.arrived[event.turn] = self.arrived.get(event.turn, 0) + event.samples
        self.is_gone = self.is_gone or isinstance(event, e.HungUp)
        if event is None:
            self._do(self.conversation.tick(self.now))
        else:
            self._do(self.conversation.handle(event, self.now))


def marks(text: str) -> tuple[WordMark, ...]:
    ends = [i for i in range(1, len(text) + 1) if i == len(text) or (text[i] == " " and text[i - 1] != " ")]
    return tuple(WordMark(i, i * PER_CHAR) for i in ends)


def says(
    start: float, length: float, text: str, utterance: int, score: float = 0.95, softer: float = 0.0
) -> list[tuple[float, e.Event]]:
    """The user says `text` from `start` for `length` seconds; the ears are as quick as real ones."""
    end = start + length
    return [
        (start + 0.06, e.SpeechStarted(start)),
        (start + min(length, 0.25), e.SpeechWeighed(min(length, 0.25), softer)),
        (start + length, e.SpeechWeighed(length, softer)),
        (end + 0.15, e.SpeechStopped(end)),
        (end + 0.25, e.TurnScored(utterance, score)),
        (end + 0.30, e.Transcribed(utterance, text)),
    ]
