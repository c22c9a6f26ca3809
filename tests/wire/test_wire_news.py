"""What a screen is told of a conversation."""

from __future__ import annotations

from antiphon.core.notes import Stage, StageDone
from antiphon.wire import native
from antiphon.wire.news import News


def shown(*steps: StageDone) -> list[native.ServerMessage]:
    news = News()
    return [message for step in steps if (message := news.shown(step)) is not None]


def test_the_steps_of_a_reply_are_told_once_a_turn():
    sentence = [StageDone(1, Stage.MODEL), StageDone(1, Stage.GUARDRAIL)]
    told = shown(StageDone(1, Stage.RETRIEVAL), *sentence, *sentence, StageDone(2, Stage.GUARDRAIL))
    assert told == [
        native.StagePassed(1, "retrieval"),
        native.StagePassed(1, "model"),
        native.StagePassed(1, "guardrail"),
        native.StagePassed(2, "guardrail"),
    ]


def test_what_another_message_tells_already_is_no_step():
    assert (
        shown(*(StageDone(1, stage) for stage in (Stage.ENDPOINTING, Stage.ROUTING, Stage.SYNTHESIS))) == []
    )


def test_a_step_is_read_as_it_was_written():
    step = native.StagePassed(3, "model")
    assert native.decode_server(native.encode(step)) == step
