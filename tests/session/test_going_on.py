"""A session whose process died goes on from its journal, whatever was the last thing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scene import Writer, agent

from antiphon.agent.definition import Agent, Grounding
from antiphon.core import events as e
from antiphon.core.notes import PersonNeeded
from antiphon.ports import LanguageModel
from antiphon.session.journal import Entry, Journal, decode_entry, decode_header, replay
from antiphon.session.past import past
from antiphon.session.session import Providers, Session
from antiphon.testing import clock
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

SENTENCES = ("Seven boats left this quiet harbour.", "Only gulls knew where they had gone.")


class Kept:
    """A ledger that keeps its lines in memory: whatever was written is durable."""

    epoch = 1

    def __init__(self, lines: Sequence[str] = ()) -> None:
        self.lines = list(lines)

    def write(self, line: str) -> None:
        self.lines.append(line)

    def close(self, report: object = None, *, ended_at: object = None) -> None:
        return

    async def durable(self, within: float | None = 2.0, *, is_urgent: bool = True) -> None:
        return


def lived(
    who: Agent,
    caller: Loopback,
    lines: Sequence[str] = (),
    heard: int = 0,
    model: LanguageModel | None = None,
) -> list[str]:
    """The journal's lines after the caller has hung up. With `lines`, the session goes on from them."""

    async def story() -> list[str]:
        ledger = Kept(lines)
        found = past(decode_header(lines[0]), map(decode_entry, lines[1:])) if lines else None
        session = Session(
            "s",
            who,
            Providers(
                ScriptedVad(), ScriptedRecognizer(), ScriptedTurnDetector(), ScriptedSynthesizer(), model
            ),
            caller,
            greets=False,
            journal=lambda header: Journal(header, ledger=ledger, goes_on=found is not None),
            past=found,
            returned=e.CallerReturned(found.conversation.turn, heard) if found else None,
        )
        await session.run()
        return ledger.lines

    return clock.run(story())


def entries(lines: Sequence[str]) -> list[Entry]:
    """The entries, which replay to the same commands."""
    found = [decode_entry(line) for line in lines[1:]]
    assert replay(decode_header(lines[0]), found).differences == ()
    return found


def remembered(lines: Sequence[str], role: e.Role) -> list[str]:
    items = (entry.item for entry in entries(lines))
    return [item.text for item in items if isinstance(item, e.Remember) and item.role is role]


def asked(text: str = "Who left?") -> Loopback:
    return Loopback(acts=[(0.5, e.Typed(text, 1))], hang_up_at=12.0)


def places(lines: Sequence[str]) -> Iterator[int]:
    """Where a process may have died: after any entry while the answer was given."""
    typed = next(n for n, line in enumerate(lines) if '"Typed"' in line)
    end = max(n for n, line in enumerate(lines) if '"Remember"' in line)
    return iter(range(typed + 1, end + 2))


def test_no_line_is_lost_or_doubled_whatever_the_last_thing_written_was() -> None:
    """The caller stays as they are: they heard what was acknowledged, and send their line again."""
    who = agent(*SENTENCES, grounding=Grounding(SENTENCES, is_certain=True))
    whole = lived(who, asked())
    for place in places(whole):
        before = whole[:place]
        played = [entry.item for entry in map(decode_entry, before[1:]) if isinstance(entry.item, e.Played)]
        again = Loopback(acts=[(0.1, e.Typed("Who left?", 1))], hang_up_at=12.0)
        after = lived(who, again, before, heard=played[-1].samples if played else 0)
        assert remembered(after, e.Role.USER) == ["Who left?"], before[-1]
        assert " ".join(remembered(after, e.Role.AGENT)) == " ".join(SENTENCES), before[-1]


def test_a_person_is_called_once() -> None:
    """The process dies, twice, after a person was called for and before the answer was whole."""
    grounding = Grounding((SENTENCES[0],), escalate="asked for")
    who = agent(grounding=grounding)
    model = Writer(["Somebody will ", "be with you. ", "They know ", "what you said."], delay=0.4)
    whole = lived(who, asked(), model=model)
    called = next(n for n, line in enumerate(whole) if '"PersonNeeded"' in line)
    once = lived(who, Loopback(hang_up_at=0.6), whole[: called + 1], model=model)
    # Without the hanging up: there the process died again.
    died = once[: next(n for n, line in enumerate(once) if '"HungUp"' in line)]
    twice = lived(who, Loopback(hang_up_at=12.0), died, model=model)
    assert sum(isinstance(entry.item, PersonNeeded) for entry in entries(twice)) == 1
    assert " ".join(remembered(twice, e.Role.AGENT)).endswith(
        "Somebody will be with you. They know what you said."
    )


def test_what_was_asked_to_be_dictated_is_still_expected() -> None:
    grounding = Grounding(("Spell your name, please.",), is_certain=True, expect="spelling")
    whole = lived(agent(grounding=grounding), asked())
    spoken = [n for n, line in enumerate(whole) if '"Played"' in line]
    after = lived(agent(grounding=grounding), Loopback(hang_up_at=12.0), whole[: spoken[3]], heard=4000)
    assert e.Expect("spelling") in [entry.item for entry in entries(after)]


def test_a_header_alone_is_a_conversation_that_begins() -> None:
    who = agent("Yes.")
    after = lived(who, asked(), lived(who, asked())[:1])
    assert remembered(after, e.Role.AGENT) == ["Yes."]
