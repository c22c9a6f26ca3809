"""Journals without personal details, and what can still be done with them."""

from __future__ import annotations

from pathlib import Path

from antiphon.agent import pii
from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.notes import Learnt
from antiphon.core.speech import Approved
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.session import journal
from antiphon.session.journal import Header, Journal, Tick
from antiphon.session.redaction import redacted


def clean(text: str) -> str:
    return pii.redact(text)[0]


def test_words_are_cleaned_wherever_they_stand() -> None:
    number = "call me on 020 7946 0958"
    for item in (
        e.Transcribed(1, number),
        e.Remember(1, e.Role.USER, number),
        e.Speak(1, 0, Approved(number)),
        e.ContinueReply(1, number, number, (number,), True),
        Learnt(1, {"said": [number]}),
    ):
        assert "7946" not in repr(redacted(item, clean))


def test_what_holds_no_words_is_left_alone() -> None:
    item = e.Played(1, 100)
    assert redacted(item, clean) is item


def test_a_cleaned_journal_replays(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    header = Header("s", "tutor", TurnPolicy(), Lines())
    written, conversation = Journal(header, path, clean=clean), Conversation()
    story = [
        (0.0, e.Joined()),
        (1.0, e.SpeechStarted(1.0)),
        (2.0, e.SpeechStopped(2.0)),
        (2.1, e.Transcribed(1, "My e-mail is ada@example.org, call 020 7946 0958.")),
        (2.2, e.TurnScored(1, 0.99)),
    ]
    for t, event in story:
        for item in (event, *conversation.handle(event, t)):
            written.write(t, item)
    for item in (Tick(), *conversation.tick(4.0)):
        written.write(4.0, item)
    written.close()
    assert "7946" not in path.read_text()
    assert "example.org" not in path.read_text()
    result = journal.replay(*journal.read(path))
    assert result.commands > 3
    assert result.differences == ()
