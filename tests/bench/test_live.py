"""What a person sees of a call."""

from __future__ import annotations

from rich.console import Console

from antiphon.bench.caller import Arrived
from antiphon.bench.live import LiveCall, waterfall
from antiphon.bench.talk import Progress
from antiphon.bench.turns import Turn
from antiphon.wire import native

TURN = Turn(response_ms=640.4, parts_ms={"endpointing": 160.0, "recognition": 320.0, "model": 20.0})


def test_each_bar_begins_where_the_one_before_ended() -> None:
    console = Console(width=100, record=True)
    console.print(waterfall(TURN))
    lines = console.export_text().splitlines()
    assert [line.split()[0] for line in lines] == ["endpointing", "recognition", "model", "heard"]
    first, second, third = (line.rstrip() for line in lines[:3])
    assert second.index("▇") == len(first)
    assert third.index("▇") == len(second)
    assert "640 ms" in lines[3]


def test_a_call_is_told_as_it_goes_on() -> None:
    console = Console(width=100, record=True, force_terminal=True)
    news: list[native.ServerMessage] = [
        native.PhaseIs("listening"),
        native.Transcript(1, "What is", False),
        native.Transcript(1, "What is [bold]two[/bold] plus two?", True),
        native.RouteChosen(1, "math", 0.97),
        native.Sentence(1, 0, "Four."),
        native.VerdictGiven(1, "output", "rewrite", ("insult",)),
        native.Clear(1),
    ]
    with LiveCall(console) as live:
        for message in news:
            live.follow(Progress(1, 1, "q.wav", Arrived(0.0, message)))
        live.follow(Progress(1, 1, "q.wav", finished=TURN))
    told = console.export_text()
    for line in (
        "you    What is [bold]two[/bold] plus two?",
        "→ math, 97% sure",
        "agent  Four.",
        "rewrite of the output: insult",
        "(gives way)",
        "recognition",
    ):
        assert line in told


def test_a_turn_without_an_answer_says_so() -> None:
    console = Console(width=100, record=True)
    console.print(waterfall(Turn()))
    assert "no answer" in console.export_text()
