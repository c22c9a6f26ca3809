"""The plug-in contract: what a provider, a transport or a store must offer. Conformance suites: `antiphon.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from antiphon.agent.accounts import Accounts as Accounts
from antiphon.agent.retrieval import Knowledge as Knowledge
from antiphon.core.appointments import Appointment
from antiphon.core.audio import Pcm
from antiphon.core.events import Command, Event, Played, PlayoutCleared, ProgramEvent, TurnId, UserEvent
from antiphon.core.notes import ConnectionLost, JobChanged, Note, PersonAsked, SoundSent
from antiphon.core.records import Change, Erased, Escalation, Job, NewSession, Page, SessionRecord, Viewer
from antiphon.core.speech import Approved, Speech


class VoiceActivityDetector(Protocol):
    """Tells speech from everything else, for any number of callers at once."""

    rate: int
    "Hz of the sound it takes."
    frame: int
    "Samples it judges at a time."

    def open(self) -> VoiceActivity:
        """A new listener with no memory. Cheap: sessions share the model."""
        ...


class VoiceActivity(Protocol):
    """One caller's voice activity. Frames are judged in the order they are given."""

    def probability(self, frame: Pcm) -> Awaitable[float]:
        """P(speech) in `frame`, which has exactly the detector's frame length. Safe to cancel.

        The next frame may be given before this one is judged.
        """
        ...


class TurnDetector(Protocol):
    """Tells from the sound of an utterance whether its speaker has finished."""

    rate: int

    async def completeness(self, utterance: Pcm) -> float:
        """P(the speaker has finished), 0…1, judged at the end of `utterance`. Safe to cancel."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recognizer makes of an utterance."""

    text: str
    "Empty when there were no words in it."
    confidence: float = 1.0


class Recognizer(Protocol):
    """Turns speech into text."""

    rate: int

    def open(self) -> Recognition:
        """A new utterance with nothing said in it yet."""
        ...


class Recognition(Protocol):
    """One utterance on its way to text. More sound may be pushed after `settle`: the caller went on."""

    def push(self, pcm: Pcm) -> None:
        """`pcm`, at the recognizer's rate, follows what was pushed before. Never blocks."""
        ...

    async def partial(self) -> Heard | None:
        """The best guess so far, or None when there is nothing to say or no time to say it (load)."""
        ...

    async def settle(self) -> Heard:
        """The text of everything pushed so far. Raises ProviderError. Safe to cancel and call again."""
        ...

    async def close(self) -> None:
        """Nothing of the utterance is held any longer. May be called more than once."""
        ...


class Synthesizer(Protocol):
    """Turns approved text into speech."""

    rate: int
    "Hz of the sound it makes."

    def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech, piece by piece, the first as early as can be. Raises ProviderError.

        Unspeakable text (blank, only symbols) yields nothing. Safe to cancel between and inside pieces.
        """
        ...


PUBLIC = "public"
"Name of a system message by which whoever asks vouches that nothing in the request belongs to one caller."


@dataclass(frozen=True, slots=True)
class Message:
    """One line of a conversation as a language model sees it."""

    role: str
    "system, user, assistant or tool"
    content: str
    name: str = ""
    tool_call_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is a JSON object as text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as offered to a model. `parameters` is a JSON Schema as text."""

    name: str
    description: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply used, or a part of it: their sum counts. Fields as in `notes.ModelUsed`."""

    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    tokens_stored: int = 0
    cache_key: str = ""
    is_from_cache: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """What a service that is paid for did, besides the replies of language models. Fields as in `notes.ServiceUsed`."""

    kind: str
    service: str
    seconds: float = 0.0
    characters: int = 0
    tokens: int = 0
    requests: int = 1
    is_estimate: bool = False


BILLS: ContextVar[Callable[[Used | Usage], None]] = ContextVar("bills")
"Who is told what the task at hand, and those it starts, use. Nobody, unless it is set."


def bill(used: Used | Usage) -> None:
    """Whoever pays for the task at hand is told. For providers that are paid for, once for each thing they did.

    A `LanguageModel` tells its usage in its reply instead; this is for whoever asks one on the side.
    """
    if (tell := BILLS.get(None)) is not None:
        tell(used)


class LanguageModel(Protocol):
    """Writes the next line of a conversation."""

    name: str
    "vendor/model, as in the configuration."

    @property
    def supplies_facts(self) -> bool:
        """It may be asked what the grounding does not say. A small local model only phrases."""
        ...

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """The reply as it is written: pieces of text in order, and whole tool calls. Raises ProviderError.

        A model that is paid for tells its usage in between, at the latest at the end.

        Closing the iterator stops the model and frees what it held.
        """
        ...


class Encoder(Protocol):
    """Places texts in a space where near means alike in meaning."""

    dimensions: int

    async def encode(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """One unit-length vector for each text, in order."""
        ...


class Transport(Protocol):
    """One caller's connection: sound and news both ways. Called from the session's event loop only."""

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        """Sends what is due until cancelled, and tells when the first sample of a sentence has left.

        `hear` is given the caller's sound as it comes. Where it stops coming in mid-call, silence stands for it.
        """
        ...

    async def receive(
        self,
    ) -> UserEvent | ProgramEvent | Played | PlayoutCleared | PersonAsked | JobChanged | ConnectionLost:
        """The next thing that the caller did; HungUp or ConnectionLost when nothing more will come.

        Counts of played samples are at the rate of what was given to `play`, and never exceed it. Only while
        `run` runs. Safe to cancel.
        """
        ...

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None:
        """`pcm` will be heard after what was queued for the turn. Never blocks; paced to the listener."""
        ...

    def relay(self, pcm: Pcm) -> None:
        """`pcm`, a person's live voice, is heard as it comes, beside what is queued. Never blocks."""
        ...

    def hold(self, turn: TurnId) -> None:
        """No sound is played until `resume` or `clear`; none is lost."""
        ...

    def resume(self, turn: TurnId) -> None:
        """Playing goes on from the very sample at which it was held."""
        ...

    def clear(self, turn: TurnId) -> None:
        """Not one more sample of the turn leaves or is played. PlayoutCleared follows from `receive`."""
        ...

    def show(self, news: Event | Command | Note) -> None:
        """The caller's screen learns of it, if it is anything a screen shows. Never blocks."""
        ...


class Ledger(Protocol):
    """The durable record of one session, for the one node that holds it. No method but `durable` waits."""

    epoch: int

    def write(self, line: str) -> None:
        """`line`, of a journal, follows what was written before. Raises Fenced when the session is another's."""

    def close(self, report: Mapping[str, object] | None = None, *, ended_at: datetime | None = None) -> None:
        """The session has ended, now or then; nothing may be written any more. `report` must be plain JSON."""

    async def durable(self, within: float | None = 2.0, *, is_urgent: bool = True) -> None:
        """Everything written so far outlives the machine's power. Safe to cancel. Raises Fenced, and
        StoreUnavailable when the store is away, or has not answered for `within` seconds: what was written then
        waits in memory. What is not urgent is written when it would have been."""


class Records(Protocol):
    """All sessions of all nodes. Raises StoreUnavailable where it waits; CallerError for what there is not."""

    @property
    def node(self) -> str:
        """This process's name among those that share the sessions."""

    async def run(self) -> None:
        """Writes what ledgers were given, and listens for changes, until cancelled. Run it exactly once."""

    @property
    def waiting(self) -> int:
        """Entries that were written here and are not durable yet."""

    @property
    def away(self) -> str:
        """Why nothing could be written the last time; empty: it could."""

    async def flush(self, within: float = 5.0) -> bool:
        """Whether everything that was written is durable, at the latest after so many seconds."""

    def open(self, new: NewSession) -> Ledger:
        """The ledger of a session that begins now, at epoch 1. Does not wait, even if the store is away."""

    async def claim(self, session: str, resume_token: str) -> tuple[Ledger, SessionRecord, tuple[str, ...]]:
        """The session is this node's, one epoch later, with the journal so far. Who held it is fenced."""

    async def list(
        self, viewer: Viewer, *, before: str = "", limit: int = 50, agent: str = "", status: str = ""
    ) -> Page: ...
    async def get(self, viewer: Viewer, session: str) -> SessionRecord: ...
    def entries(self, viewer: Viewer, session: str) -> AsyncGenerator[str, None]:
        """The journal's lines in order: `session.journal` decodes them to what was written."""

    async def jobs(self, viewer: Viewer, session: str) -> tuple[Job, ...]:
        """Those of the session that have not expired, the oldest first."""

    async def expire_jobs(self) -> int:
        """Jobs whose time is over are gone. Returns how many."""

    async def escalations(
        self, viewer: Viewer, *, open_only: bool = True, limit: int = 100
    ) -> tuple[Escalation, ...]: ...
    async def claim_escalation(self, viewer: Viewer, escalation: str) -> Escalation: ...
    async def close_escalation(self, viewer: Viewer, escalation: str, outcome: str = "") -> Escalation: ...
    async def tell_next(self, send: Callable[[Escalation], Awaitable[None]]) -> bool:
        """An escalation that nobody was told of was given to `send`, by one node only; False: there is none.
        Until `send` has returned once, another attempt is due every half minute."""

    def watch(self, viewer: Viewer) -> AsyncGenerator[Change, None]:
        """What a supervisor must read again; one without an id: everything. That comes first, and after a gap."""

    def audit(
        self, tenant: str, actor: str, act: str, object: str = "", detail: Mapping[str, object] | None = None
    ) -> None:
        """The act is on record for good. Does not wait."""

    async def erase(self, tenant: str, user: str) -> Erased:
        """Nothing that the person said or is known by is left. Their live sessions are fenced."""

    async def prune(self, before: datetime) -> int:
        """Sessions last heard of before then are gone, with all that belongs to them. Returns how many."""

    async def mark_lost(self, silent_for: float) -> int:
        """Live sessions that no node has written to for so many seconds are `lost`. A resume brings them back, and
        so does whoever holds them, by writing."""

    async def spend(self, token: str, until: datetime) -> bool:
        """The token of this id is worth nothing until then, when it expires. False: it was spent before."""

    async def is_spent(self, token: str) -> bool:
        """Whether it was spent, by any node."""

    async def announce(self, url: str) -> None:
        """People are sent to `url` for what only this node can do, for a day at least; empty: nowhere."""

    async def address(self, node: str) -> str:
        """Where that node announced to be; empty when it did not."""

    async def claim_lost(self, lost_for: float) -> tuple[Ledger, SessionRecord, tuple[str, ...]] | None:
        """One session that has been `lost` for so many seconds is this node's, to be brought to its end; None: there
        is none. As with `claim`. It is given to one node at a time; to another after as long again."""


class Calendar(Protocol):
    """Who has which time. Raises StoreUnavailable: then nobody can say whether a change still happened, and
    making it once more is safe, as every change is made at most once."""

    async def taken(
        self, tenant: str, first: datetime, last: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """Beginnings and ends, in order, of all booked times that touch the stretch from `first` to `last`."""
        ...

    async def book(self, new: Appointment) -> Appointment:
        """It is booked, durably, whatever anybody else asks for at the same instant. Raises SlotTaken.

        An id that is known already is not booked again: the appointment is returned as it now is.
        """
        ...

    async def move(
        self, tenant: str, owner: str, id: str, starts_at: datetime, details: Mapping[str, object]
    ) -> Appointment:
        """It begins then and lasts as long as before; `details` are added to it. Raises SlotTaken, and leaves
        it as it was; and CallerError for what this person has not booked."""
        ...

    async def cancel(self, tenant: str, owner: str, id: str) -> Appointment:
        """It is cancelled and its time free, also when it was before. Raises CallerError likewise."""
        ...

    async def get(self, tenant: str, owner: str, id: str) -> Appointment | None:
        """The person's appointment of that id, booked or cancelled."""
        ...

    async def of(self, tenant: str, owner: str, after: datetime) -> tuple[Appointment, ...]:
        """What a person who is known has booked that ends after then, the next first. Nothing for nobody."""
        ...
