"""A session's past: where its journal leaves off, for whoever goes on with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.notes import Learnt, PersonNeeded, RouteDecided, Whispered
from antiphon.core.transcript import Transcript
from antiphon.session.help import Help
from antiphon.session.journal import Entry, Header, Tick


@dataclass
class Past:
    """A conversation that was held so far, in the very state in which its journal ends."""

    header: Header
    conversation: Conversation
    transcript: Transcript = field(default_factory=Transcript)
    memory: dict[str, object] = field(default_factory=dict)
    whispers: list[str] = field(default_factory=list)
    specialist: str = ""
    last_t: float = 0.0
    "Session seconds of the last entry."
    has_begun: bool = False
    called_in: e.TurnId = 0
    "The turn in whose reply a person was called for last, or the one that goes on with it."
    unrecorded: tuple[e.Command, ...] = ()
    "What followed from the last entry and was not written any more."
    help: Help = field(default_factory=lambda: Help(0.0))


def past(header: Header, entries: Iterable[Entry], unsure_below: float = 0.0) -> Past:
    """The conversation was held again from its events: a few microseconds each. `unsure_below`: the agent's."""
    found = Past(header, Conversation(header.policy, header.lines), help=Help(unsure_below))
    learnt: dict[e.TurnId, Mapping[str, object]] = {}
    confirmed: set[e.TurnId] = set()
    due: list[e.Command] = []
    for entry in entries:
        found.last_t = entry.t
        if isinstance(entry.item, e.Command):
            del due[:1]
        found.help.note(entry.item)
        match entry.item:
            case Tick():
                due = found.conversation.tick(entry.t)
            case e.Remember(_, role) as line:
                found.transcript.remember(line, found.specialist if role is e.Role.AGENT else "")
            case e.Revise() as revised:
                found.transcript.revise(revised)
            case e.ConfirmReply(turn) | e.StartReply(turn, _, True):
                confirmed.add(turn)
                found.memory.update(learnt.pop(turn, {}))
            case item if isinstance(item, e.Event):
                found.has_begun = True
                due = found.conversation.handle(item, entry.t)
            case PersonNeeded(turn):
                found.called_in = turn
            case e.ContinueReply(turn):
                confirmed.add(turn)
                found.called_in += found.called_in == turn - 1
            case RouteDecided(_, specialist):
                found.specialist = specialist
            case Learnt(turn, memory) if turn in confirmed:
                found.memory.update(memory)
            case Learnt(turn, memory):
                learnt = {turn: memory}
            case Whispered(_, text):
                found.whispers.append(text)
            case _:
                pass
    found.unrecorded = tuple(due)
    return found
