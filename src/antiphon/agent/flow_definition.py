"""What a flow is made of, and when it is sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from antiphon.core.errors import SetupError

EXHAUSTED = "exhausted"
"The signal that a step gives when its retries are used up. Where no transition minds it, the fallback does."


@dataclass(frozen=True, slots=True)
class Slot:
    """Something to be found out."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from one step to another: on a signal, or by itself once its slots are filled."""

    to: str
    on: str = ""
    "The signal; empty: none is waited for."
    needs: tuple[str, ...] = ()
    "Slots that must be filled."
    clears: tuple[str, ...] = ()
    "Slots that are forgotten on the way."


@dataclass(frozen=True, slots=True)
class Step:
    """A place in the conversation. It is terminal when no transition leads away."""

    name: str
    prompts: tuple[str, ...] = ()
    "What is said on arrival, then at each retry; the last one stands for all that follow."
    collects: tuple[str, ...] = ()
    "Slots that are asked for here. One that is taken back later leads here again."
    transitions: tuple[Transition, ...] = ()
    retries: int = 2
    "Turns that bring nothing, before the step is exhausted."

    @property
    def is_terminal(self) -> bool:
        return not self.transitions

    def prompt(self, tries: int) -> str:
        """What to say after so many turns that brought nothing."""
        return self.prompts[min(tries, len(self.prompts) - 1)] if self.prompts else ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps, slots and the ways between them. Made only if it is sound: raises FlowError."""

    name: str
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...] = ()
    start: str = ""
    "Empty: the first step."
    fallback: str = ""
    "Where a caller gets who was not understood too often; what is understood there leads back. Empty: nowhere."
    anywhere: tuple[Transition, ...] = ()
    "Ways that are open at every step that is not terminal, on their signals."

    def __post_init__(self) -> None:
        if faults := check(self):
            raise FlowError(self.name, faults)

    def step(self, name: str) -> Step:
        """The step of that name. Raises KeyError."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    @property
    def first(self) -> str:
        return self.start or self.steps[0].name

    def ways(self, step: Step) -> tuple[Transition, ...]:
        """All ways that are open at the step, its own first."""
        return () if step.is_terminal else (*step.transitions, *self.anywhere)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a flow, and where: "steps.time", "steps.time.transitions.0"."""

    where: str
    message: str


class FlowError(SetupError):
    """A flow that cannot work."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        super().__init__(f"the flow {name!r}: " + "; ".join(f"{f.where}: {f.message}" for f in faults))
        self.faults = tuple(faults)


def check(flow: Flow) -> tuple[Fault, ...]:
    """Everything that is wrong with the flow; empty when it is sound."""
    names = [step.name for step in flow.steps]
    if not names:
        return (Fault("steps", "there are none"),)
    faults = [Fault(f"steps.{name}", "there are two of that name") for name in sorted(_twice(names))]
    faults += _check_names(flow, set(names))
    if faults:
        return tuple(faults)
    reached = _closure({flow.first}, lambda name: _onward(flow, name))
    faults += [Fault(f"steps.{n}", "no way leads here") for n in names if n not in reached]
    ends = {step.name for step in flow.steps if step.is_terminal}
    for name in names:
        if not _closure({name}, lambda step: _onward(flow, step, back=True)) & ends:
            faults.append(Fault(f"steps.{name}", "no way leads from here to an end"))
    for step in flow.steps:
        if step.name in _closure(_automatic(flow, step.name), lambda name: _automatic(flow, name)):
            faults.append(Fault(f"steps.{step.name}", "a dead loop: steps follow one another without a turn"))
        if len(set(step.prompts)) < len(step.prompts):
            faults.append(Fault(f"steps.{step.name}.prompts", "a reprompt repeats the words before it"))
        if (
            not step.is_terminal
            and not step.prompts
            and not any(not w.on and not w.needs for w in step.transitions)
        ):
            faults.append(Fault(f"steps.{step.name}.prompts", "it waits for the caller and says nothing"))
    return tuple(faults)


def _check_names(flow: Flow, steps: set[str]) -> list[Fault]:
    slots = {slot.name for slot in flow.slots}
    faults = [
        Fault(place, f"there is no step {name!r}")
        for place, name in (("start", flow.start), ("fallback", flow.fallback))
        if name and name not in steps
    ]
    ways = [
        (f"steps.{s.name}.transitions.{n}", way) for s in flow.steps for n, way in enumerate(s.transitions)
    ]
    for place, way in (*ways, *((f"anywhere.{n}", way) for n, way in enumerate(flow.anywhere))):
        if way.to not in steps:
            faults.append(Fault(place, f"there is no step {way.to!r}"))
        faults += [
            Fault(place, f"there is no slot {n!r}") for n in (*way.needs, *way.clears) if n not in slots
        ]
        if place.startswith("anywhere") and not way.on:
            faults.append(Fault(place, "it needs a signal"))
    for step in flow.steps:
        unknown = [name for name in step.collects if name not in slots]
        faults += [Fault(f"steps.{step.name}.collects", f"there is no slot {name!r}") for name in unknown]
        if step.retries < 0:
            faults.append(Fault(f"steps.{step.name}.retries", "it cannot be less than none"))
    return faults


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _onward(flow: Flow, name: str, *, back: bool = False) -> set[str]:
    """Steps that can follow the step; from the fallback, with `back`, also those it leads back to."""
    step = flow.step(name)
    following = {way.to for way in flow.ways(step)}
    if flow.fallback and not step.is_terminal and not any(way.on == EXHAUSTED for way in step.transitions):
        following.add(flow.fallback)
    return following


def _automatic(flow: Flow, name: str) -> set[str]:
    """Steps that can follow without a turn of the caller."""
    return {way.to for way in flow.step(name).transitions if not way.on}


def _closure(first: set[str], onward: Callable[[str], set[str]]) -> set[str]:
    """Everything that can be reached."""
    reached, due = set(first), list(first)
    while due:
        new = onward(due.pop()) - reached
        reached |= new
        due += new
    return reached
