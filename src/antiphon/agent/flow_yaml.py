"""Flows written in YAML. What is wrong with one is told with its line.

name: table
fallback: help
slots: {day: the day, guests: how many come}
steps:
  day:
    say: ["Which day?", "Sorry, which day would that be?"]
    collects: [day]
    next: {to: guests, needs: [day]}
  guests:
    say: For how many?
    collects: [guests]
    next: {to: done, needs: [guests]}
  help:
    say: ["I am lost. Say a day and a number.", "Shall we stop?"]
    next: {on: exhausted, to: done}
  done: {say: Good.}
anywhere: {on: abandon, to: done, clears: [day, guests]}
"""

from __future__ import annotations

import yaml

from antiphon.agent.flow_definition import Fault, Flow, FlowError, Slot, Step, Transition
from antiphon.core.errors import SetupError

FLOW_KEYS = ("name", "start", "fallback", "slots", "steps", "anywhere")
STEP_KEYS = ("say", "collects", "next", "retries")
WAY_KEYS = ("to", "on", "needs", "clears")


def read_flow(text: str, source: str = "flow") -> Flow:
    """The flow that is written in `text`. Raises SetupError, which names `source` and the line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SetupError(f"{source}, line {line}: {error.problem or 'this is not YAML'}") from None
    except yaml.YAMLError as error:
        raise SetupError(f"{source}: {error}") from None
    reader = _Reader(source)
    if root is None:
        raise SetupError(f"{source}, line 1: there is no flow in it")
    fields = reader.mapping(root, "", FLOW_KEYS)
    if "steps" not in fields:
        raise reader.wrong(root, "it has no steps")
    steps = reader.mapping(fields["steps"], "steps")
    slots = reader.mapping(fields["slots"], "slots") if "slots" in fields else {}
    try:
        return Flow(
            name=reader.text(fields["name"]) if "name" in fields else source,
            steps=tuple(_step(reader, name, node) for name, node in steps.items()),
            slots=tuple(Slot(name, reader.text(node)) for name, node in slots.items()),
            start=reader.text(fields["start"], "start") if "start" in fields else "",
            fallback=reader.text(fields["fallback"], "fallback") if "fallback" in fields else "",
            anywhere=_ways(reader, fields["anywhere"], "anywhere") if "anywhere" in fields else (),
        )
    except FlowError as error:
        told = "; ".join(f"{source}, line {reader.line(fault)}: {fault.message}" for fault in error.faults)
        raise SetupError(told) from None


def _step(reader: _Reader, name: str, node: yaml.Node) -> Step:
    where = f"steps.{name}"
    fields = reader.mapping(node, where, STEP_KEYS)
    return Step(
        name=name,
        prompts=reader.texts(fields["say"], f"{where}.prompts") if "say" in fields else (),
        collects=reader.texts(fields["collects"], f"{where}.collects") if "collects" in fields else (),
        transitions=_ways(reader, fields["next"], f"{where}.transitions") if "next" in fields else (),
        retries=reader.whole(fields["retries"], f"{where}.retries") if "retries" in fields else 2,
    )


def _ways(reader: _Reader, node: yaml.Node, where: str) -> tuple[Transition, ...]:
    ways = []
    for number, one in enumerate(reader.sequence(node, where)):
        if isinstance(one, yaml.ScalarNode):
            ways.append(Transition(reader.text(one, f"{where}.{number}")))
            continue
        fields = reader.mapping(one, f"{where}.{number}", WAY_KEYS)
        if "to" not in fields:
            raise reader.wrong(one, "it does not say where `to`")
        # YAML 1.1 reads a bare `on` as true; as a key its text is kept.
        ways.append(
            Transition(
                to=reader.text(fields["to"]),
                on=reader.text(fields["on"]) if "on" in fields else "",
                needs=reader.texts(fields["needs"]) if "needs" in fields else (),
                clears=reader.texts(fields["clears"]) if "clears" in fields else (),
            )
        )
    return tuple(ways)


class _Reader:
    """Reads nodes, and remembers on which line everything was."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: dict[str, int] = {}

    def wrong(self, node: yaml.Node, message: str) -> SetupError:
        return SetupError(f"{self._source}, line {node.start_mark.line + 1}: {message}")

    def line(self, fault: Fault) -> int:
        """The line that the fault is about: of its place, or of the nearest that was written down."""
        where = fault.where
        while where and where not in self._lines:
            where = where.rpartition(".")[0]
        return self._lines.get(where, 1)

    def mapping(
        self, node: yaml.Node, where: str, known: tuple[str, ...] | None = None
    ) -> dict[str, yaml.Node]:
        self._note(node, where)
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(node, f"{where or 'a flow'} is a mapping of names")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key)
            if name in found:
                raise self.wrong(key, f"{name!r} is there twice")
            if known is not None and name not in known:
                raise self.wrong(key, f"there is no {name!r} here; there are: {', '.join(known)}")
            if known is None:
                self._lines[f"{where}.{name}"] = key.start_mark.line + 1
            found[name] = value
        return found

    def sequence(self, node: yaml.Node, where: str) -> list[yaml.Node]:
        """The nodes of a list; one that is no list is its only one."""
        self._note(node, where)
        return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]

    def text(self, node: yaml.Node, where: str = "") -> str:
        self._note(node, where)
        if not isinstance(node, yaml.ScalarNode):
            raise self.wrong(node, "a text is expected here")
        return str(node.value)

    def texts(self, node: yaml.Node, where: str = "") -> tuple[str, ...]:
        return tuple(self.text(one) for one in self.sequence(node, where))

    def whole(self, node: yaml.Node, where: str) -> int:
        try:
            return int(self.text(node, where))
        except ValueError:
            raise self.wrong(node, "a whole number is expected here") from None

    def _note(self, node: yaml.Node, where: str) -> None:
        if where:
            self._lines.setdefault(where, node.start_mark.line + 1)
