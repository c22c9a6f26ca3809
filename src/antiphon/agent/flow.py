"""A conversation with steps: what is asked for in which order, how often, and what happens otherwise.

A `Flow` is data. `advance` is a pure function of the flow, its state and what a turn brought; the state is plain
JSON, so that it lives in a session's memory and outlives a process. Whoever uses it understands the caller's
words; the flow only decides what comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from antiphon.agent.flow_definition import (
    EXHAUSTED,
    Fault,
    Flow,
    FlowError,
    Slot,
    Step,
    Transition,
    check,
)

__all__ = [
    "EXHAUSTED",
    "Advanced",
    "Brought",
    "Fault",
    "Flow",
    "FlowError",
    "FlowState",
    "Slot",
    "Step",
    "Steps",
    "Transition",
    "Value",
    "advance",
    "begin",
    "check",
]

Value: TypeAlias = str | int | float | bool
"What a slot holds: plain JSON."


@dataclass(frozen=True, slots=True)
class Steps:
    """The flow that an agent leads its callers through, for screens that show where they are."""

    flow: Flow
    where: Callable[[Mapping[str, object]], FlowState]
    "By what the agent remembers of a conversation."


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a conversation is in its flow."""

    step: str
    slots: Mapping[str, Value] = field(default_factory=dict)
    tries: int = 0
    "Turns at this step, one after the other, that brought nothing."
    return_to: str = ""
    "In the fallback: the step to go back to."

    def json(self) -> dict[str, object]:
        """The state as plain JSON."""
        return {
            "step": self.step,
            "slots": dict(self.slots),
            "tries": self.tries,
            "return_to": self.return_to,
        }

    @classmethod
    def recalled(cls, flow: Flow, told: object) -> FlowState:
        """What `json` gave; the beginning of the flow for anything that it cannot have given."""
        if not isinstance(told, Mapping):
            return begin(flow)
        names = {step.name for step in flow.steps}
        step, slots = told.get("step"), told.get("slots")
        tries, back = told.get("tries"), told.get("return_to")
        if step not in names or not isinstance(slots, Mapping) or not isinstance(tries, int):
            return begin(flow)
        known = {slot.name for slot in flow.slots}
        kept = {name: value for name, value in slots.items() if name in known and _is_value(value)}
        return cls(str(step), kept, max(0, tries), str(back) if back in names else "")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a turn of the caller brought: slots that were filled, or taken back (None), and perhaps a signal."""

    slots: Mapping[str, Value | None] = field(default_factory=dict)
    signal: str = ""
    is_progress: bool = False
    "It brought something that the flow does not know of: the retry is not counted."


@dataclass(frozen=True, slots=True)
class Advanced:
    """What came of a turn."""

    state: FlowState
    prompt: str
    "What the step asks or says now."
    path: tuple[str, ...] = ()
    "Steps that were gone to, in order; empty: none."
    is_over: bool = False


def begin(flow: Flow) -> FlowState:
    """The beginning."""
    return FlowState(flow.first)


def advance(flow: Flow, state: FlowState, brought: Brought) -> Advanced:
    """The state after the turn. Pure. Raises KeyError for a slot that the flow does not have."""
    known = {slot.name for slot in flow.slots}
    if unknown := set(brought.slots) - known:
        raise KeyError(f"the flow {flow.name} has no slot {sorted(unknown)[0]}")
    if flow.step(state.step).is_terminal:
        return _arrived(flow, state, ())
    slots = {name: value for name, value in {**state.slots, **brought.slots}.items() if value is not None}
    at, path = state.step, list[str]()
    is_changed = slots != dict(state.slots)
    if (
        at == flow.fallback
        and state.return_to
        and (is_changed or brought.is_progress or _minds(flow, state, brought))
    ):
        at = state.return_to
        path.append(at)
    taken = _on(flow, at, brought.signal, slots)
    if taken is not None:
        at = taken.to
        path.append(at)
        slots = {name: value for name, value in slots.items() if name not in taken.clears}
    elif lost := next((name for name in state.slots if name not in slots), ""):
        at = _collector(flow, lost) or at
        path.append(at)
    while (onward := _by_itself(flow, at, slots)) is not None:
        at = onward.to
        path.append(at)
        slots = {name: value for name, value in slots.items() if name not in onward.clears}
    if path or is_changed or brought.is_progress:
        came_from = state.return_to if state.step == flow.fallback else state.step
        return _arrived(flow, FlowState(at, slots, 0, came_from if at == flow.fallback else ""), path)
    return _tried_in_vain(flow, FlowState(at, slots, state.tries + 1, state.return_to))


def _tried_in_vain(flow: Flow, state: FlowState) -> Advanced:
    step = flow.step(state.step)
    if state.tries <= step.retries:
        return _arrived(flow, state, ())
    given_up = _on(flow, state.step, EXHAUSTED, state.slots)
    if given_up is not None:
        slots = {name: value for name, value in state.slots.items() if name not in given_up.clears}
        return _arrived(flow, FlowState(given_up.to, slots), (given_up.to,))
    if flow.fallback and state.step != flow.fallback:
        fallen = FlowState(flow.fallback, state.slots, 0, state.step)
        return _arrived(flow, fallen, (flow.fallback,))
    return _arrived(flow, state, ())


def _arrived(flow: Flow, state: FlowState, path: Sequence[str]) -> Advanced:
    step = flow.step(state.step)
    return Advanced(state, step.prompt(state.tries), tuple(path), step.is_terminal)


def _minds(flow: Flow, state: FlowState, brought: Brought) -> bool:
    """The signal means something at the step that the fallback leads back to, and nothing in the fallback."""
    here = any(way.on == brought.signal for way in flow.ways(flow.step(state.step)))
    return (
        bool(brought.signal)
        and not here
        and _on(flow, state.return_to, brought.signal, state.slots) is not None
    )


def _on(flow: Flow, step: str, signal: str, slots: Mapping[str, Value]) -> Transition | None:
    """The way that the signal opens."""
    if not signal:
        return None
    ways = flow.ways(flow.step(step))
    return next((way for way in ways if way.on == signal and all(name in slots for name in way.needs)), None)


def _by_itself(flow: Flow, step: str, slots: Mapping[str, Value]) -> Transition | None:
    """The way that is gone without a signal."""
    ways = flow.step(step).transitions
    return next((way for way in ways if not way.on and all(name in slots for name in way.needs)), None)


def _collector(flow: Flow, slot: str) -> str:
    """The step that asks for the slot; empty when none does."""
    return next((step.name for step in flow.steps if slot in step.collects), "")


def _is_value(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
