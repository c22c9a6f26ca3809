"""A duel as it is kept: one utterance, fed to several ways at one instant, and what each of them made of it.

All times are milliseconds on one clock, whose 0 is the instant at which the utterance began to be fed to all of them.
What a caller waits, from the last audible sample of the utterance to the first audible one of the answer, is the sum of
its parts: that is checked whenever a lane is made or read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

VIAS = ("orchestrate", "realtime", "webrtc", "direct", "livekit")
OUTSIDE = "outside"
"The part of the wait that no server counts: the network, buffers, and playing."
FROM_THE_END_OF_SPEECH = ("provider", "endpointing")
"Parts that begin when the caller is taken to have ended."
UNTOLD = "other"
"All of the wait, where the server tells nothing of it."
LONGEST_MS = 300_000.0
ROUNDING_MS = 0.05
"By which the parts may miss the whole for each of them: what is told to a tenth of a millisecond is rounded."

Via = Literal["orchestrate", "realtime", "webrtc", "direct", "livekit"]
Ms = Annotated[float, Field(ge=-LONGEST_MS, le=LONGEST_MS, allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=80)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Told):
    """One stretch of a wait."""

    name: str = Field(pattern=r"^[a-z][a-z_]{0,23}$")
    ms: float = Field(ge=0, le=LONGEST_MS, allow_inf_nan=False)


class Happening(_Told):
    """Something of the lane, when its caller learned of it."""

    at_ms: Ms
    what: Literal["understood", "route", "sentence", "filler", "answer", "stopped", "over"]
    text: Words = ""


class Lane(_Told):
    """One way's part in a duel. What is shown of it is of one round; `waits_ms` and `joins_ms` are of every round."""

    via: Via
    error: str = Field(default="", max_length=500)
    "Why it gave no answer, as a sentence; empty when it did."
    response_ms: Ms | None = None
    "From the last audible sample of the utterance to the first of the answer; below 0 when it came before the end."
    first_sound_ms: Ms | None = None
    "The same to the first sound of any kind, a filler too."
    parts: tuple[Part, ...] = Field(default=(), max_length=16)
    "In the order in which they happened. Their sum is `response_ms`; none when that is not above 0."
    understood: Words = ""
    answer: Words = ""
    specialist: Name = ""
    session: Name = ""
    events: tuple[Happening, ...] = Field(default=(), max_length=200)
    waits_ms: tuple[Ms, ...] = Field(default=(), max_length=1000)
    "`response_ms` of each round that had one."
    joins_ms: tuple[Ms, ...] = Field(default=(), max_length=1000)
    "From the wish for a call until the caller can be heard in it."
    has_sound: bool = False
    "What was heard on it is kept, from time 0 on."

    @model_validator(mode="after")
    def _sums(self) -> Self:
        whole = max(0.0, self.response_ms or 0.0)
        parts = sum(part.ms for part in self.parts)
        if abs(parts - whole) > ROUNDING_MS * max(1, len(self.parts)) + 1e-6:
            raise ValueError(f"{self.via}: the parts make {parts:.1f} ms, the whole is {whole:.1f} ms")
        return self

    @property
    def n(self) -> int:
        return len(self.waits_ms)

    @property
    def p50_ms(self) -> float | None:
        return round(median(self.waits_ms), 3) if self.waits_ms else None

    @property
    def p95_ms(self) -> float | None:
        return round(p95(self.waits_ms), 3) if self.waits_ms else None


class Utterance(_Told):
    """What was said to all of them."""

    text: Words = ""
    "Where it is known."
    seconds: float = Field(gt=0, le=60, allow_inf_nan=False)
    speech_start_ms: float = Field(ge=0, le=60_000, allow_inf_nan=False)
    speech_end_ms: float = Field(ge=0, le=60_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _lies_within(self) -> Self:
        if not self.speech_start_ms < self.speech_end_ms <= self.seconds * 1000 + 1:
            raise ValueError("the speech lies within the utterance")
        return self


class Duel(_Told):
    """One duel. `id` is empty until it is kept."""

    format: Literal[1] = 1
    id: str = Field(default="", max_length=40)
    made_by: Literal["command", "bench", "page"] = "command"
    agent: str = Field(min_length=1, max_length=80)
    url: str = Field(default="", max_length=300)
    "The server, where it was not one for this duel alone."
    started_at: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:00)$")
    "UTC, ISO 8601."
    machine: str = Field(default="", max_length=300)
    "What it ran on, for people: figures of one machine are not those of another."
    rounds: int = Field(default=1, ge=1, le=1000)
    tenant: str = Field(default="", max_length=200)
    "Whose it is; empty for what was made on the machine itself."
    person: str = Field(default="", max_length=200)
    "Who sent it; empty likewise."
    utterance: Utterance
    lanes: tuple[Lane, ...] = Field(min_length=1, max_length=len(VIAS))

    @model_validator(mode="after")
    def _is_one_each(self) -> Self:
        if len({lane.via for lane in self.lanes}) < len(self.lanes):
            raise ValueError("each way has one lane")
        return self

    def lane(self, via: str) -> Lane | None:
        """That way's, if it took part."""
        return next((lane for lane in self.lanes if lane.via == via), None)

    def told(self) -> dict[str, object]:
        """As JSON for whoever may see it, each lane's n, median and 95th percentile with it; not whose it is."""
        data = self.model_dump(mode="json", exclude={"tenant", "person"})
        for lane, row in zip(self.lanes, data["lanes"], strict=True):
            row |= {"n": lane.n, "p50_ms": lane.p50_ms, "p95_ms": lane.p95_ms}
        return data


def p95(values: Sequence[float]) -> float:
    """The value below which 95 % of the values lie, interpolated between neighbours."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def machine_line(cores: int, processor: str, memory_mb: int | None, system: str) -> str:
    """A machine in a line."""
    memory = f", {memory_mb} MiB" if memory_mb else ""
    return f"{cores} {'core' if cores == 1 else 'cores'} {processor}{memory}, {system}".replace("  ", " ")


def parts_of(response_ms: float, told_ms: Mapping[str, float]) -> tuple[Part, ...]:
    """The whole wait as its parts, in tenths of a millisecond, so that they sum to it.

    `told_ms` is what the server says, in order. What the caller waits besides is `OUTSIDE`, and comes last. A server
    may tell more than was waited: it dates the end of speech before the last audible sample, or learns late that its
    sound was heard. The first is cut off from the parts that begin with the end of speech; what is left, from the last.
    """
    whole = round(response_ms * 10)
    if whole <= 0:
        return ()
    told = [(name, round(ms * 10)) for name, ms in told_ms.items() if ms > 0]
    if not told:
        return (Part(name=UNTOLD, ms=whole / 10),)
    parts, over = dict(told), sum(tenths for _, tenths in told) - whole
    for name in (*(name for name in parts if name in FROM_THE_END_OF_SPEECH), *reversed(parts)):
        cut = min(parts[name], max(0, over))
        parts[name] -= cut
        over -= cut
    parts[OUTSIDE] = whole - sum(parts.values())
    return tuple(Part(name=name, ms=tenths / 10) for name, tenths in parts.items() if tenths)
