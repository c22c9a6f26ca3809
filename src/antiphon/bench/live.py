"""A call on the screen while it goes on: what was said, the phase, and the waterfall of the last turn."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from antiphon.bench.talk import Progress
from antiphon.bench.turns import Turn
from antiphon.wire import native

COLOURS = ("yellow", "blue", "magenta", "cyan", "green", "red", "bright_blue", "white")
PHASES = {
    "idle": "dim",
    "listening": "yellow",
    "thinking": "magenta",
    "speaking": "cyan",
    "interrupted": "red",
}
BAR = 40
"Characters of a whole turn's bar."


class LiveCall:
    """Enter it on a terminal and give `follow` to `talk`. Lines that are final scroll; the rest stays below."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=12, transient=True)
        self._phase = "idle"
        self._turn, self._total, self._wav = 0, 0, ""
        self._hearing = ""
        self._finished: Turn | None = None

    def __enter__(self) -> Self:
        self._live.__enter__()
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)
        if self._finished is not None:
            self._console.print(waterfall(self._finished))

    def follow(self, progress: Progress) -> None:
        """The screen shows one more piece of news."""
        self._turn, self._total, self._wav = progress.turn, progress.total, progress.wav
        if progress.finished is not None:
            if self._finished is not None:
                self._console.print(waterfall(self._finished))
            self._finished = progress.finished
        if progress.arrived is not None:
            self._tell(progress.arrived.message)
        self._draw()

    def _tell(self, message: native.ServerMessage) -> None:
        match message:
            case native.PhaseIs(phase):
                self._phase = phase
            case native.Transcript(_, text, is_final):
                self._hearing = "" if is_final else text
                if is_final and text:
                    self._say("you", "yellow", text)
            case native.RouteChosen(_, specialist, confidence):
                self._say("", "dim", f"→ {specialist}, {confidence:.0%} sure")
            case native.Sentence(_, _, text, purpose):
                self._say("agent", "cyan" if purpose == "answer" else "dim cyan", text)
            case native.VerdictGiven(_, side, action, categories):
                self._say("guard", "red", f"{action} of the {side}: {', '.join(categories)}")
            case native.Clear():
                self._say("", "dim", "(gives way)")
            case native.Refused(_, told):
                self._say("error", "red", told)
            case _:
                pass

    def _say(self, who: str, colour: str, text: str) -> None:
        self._console.print(Text(f"{who:6} ", f"bold {colour}").append(text, "default" if who else colour))

    def _draw(self) -> None:
        state = Text(f"{self._phase:12}", PHASES.get(self._phase, "white"))
        if self._turn:
            state.append(f" turn {self._turn} of {self._total}  {self._wav}", "dim")
        parts: list[RenderableType] = [state]
        if self._hearing:
            parts.append(Text(f"you    {self._hearing} …", "italic yellow"))
        if self._finished is not None:
            parts.append(waterfall(self._finished))
        self._live.update(Group(*parts))


def waterfall(turn: Turn) -> Table:
    """The turn's parts as bars on one axis, each beginning where the one before ended, and the wholes."""
    table = Table(box=None, show_header=False, pad_edge=False)
    whole = max(turn.response_ms or 0.0, sum(turn.parts_ms.values()), 1.0)
    at = 0.0
    for number, (part, ms) in enumerate(turn.parts_ms.items()):
        begin, end = round(BAR * at / whole), round(BAR * (at + ms) / whole)
        bar = Text(" " * begin).append("▇" * max(1, end - begin), COLOURS[number % len(COLOURS)])
        table.add_row(Text(part, "dim"), f"{ms:.0f} ms", bar)
        at += ms
    heard = "no answer" if turn.response_ms is None else f"{turn.response_ms:.0f} ms"
    table.add_row(Text("heard", "bold"), Text(heard, "bold"), Text("end of speech to first sound", "dim"))
    if turn.fillers and turn.first_sound_ms is not None:
        table.add_row("filler", f"{turn.first_sound_ms:.0f} ms", Text(turn.fillers[0], "dim"))
    return table
