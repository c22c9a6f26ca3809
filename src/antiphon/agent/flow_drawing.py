"""A flow as a picture: Mermaid for a page, plain text for a terminal."""

from __future__ import annotations

from antiphon.agent.flow_definition import EXHAUSTED, Flow, Step, Transition


def diagram(flow: Flow) -> str:
    """The flow as a Mermaid flowchart."""
    ids = {step.name: f"s{number}" for number, step in enumerate(flow.steps)}
    lines = ["flowchart TD"]
    for step in flow.steps:
        label = _quoted(step.name + (f"<br/>asks {', '.join(step.collects)}" if step.collects else ""))
        lines.append(f"  {ids[step.name]}" + (f'(["{label}"])' if step.is_terminal else f'["{label}"]'))
    lines.insert(1, f"  begin(( )) --> {ids[flow.first]}")
    for step in flow.steps:
        for way in step.transitions:
            label = _quoted(_label(way))
            lines.append(
                f"  {ids[step.name]} -->{f'|{chr(34)}{label}{chr(34)}|' if label else ''} {ids[way.to]}"
            )
    if flow.fallback:
        name = ids[flow.fallback]
        lines += [f"  {ids[s.name]} -.-> {name}" for s in flow.steps if _falls_back(flow, s)]
        lines += [f"  {name} -.->|back| {ids[s.name]}" for s in flow.steps if _falls_back(flow, s)]
    if flow.anywhere:
        lines.append('  any(["any step"])')
        lines += [f'  any -->|"{_quoted(_label(way))}"| {ids[way.to]}' for way in flow.anywhere]
    return "\n".join(lines) + "\n"


def drawing(flow: Flow) -> str:
    """The flow for a terminal: each step with the ways that lead from it."""
    rows = [flow.name, ""]
    for step in flow.steps:
        marks = " ".join(
            mark
            for mark, holds in (
                ("start", step.name == flow.first),
                ("fallback", step.name == flow.fallback),
                ("end", step.is_terminal),
            )
            if holds
        )
        asks = f"asks {', '.join(step.collects)}" if step.collects else ""
        told = ", ".join(part for part in (marks, asks) if part)
        rows.append(f"{'◆' if step.is_terminal else '●'} {step.name}" + (f"  ({told})" if told else ""))
        ways = [(_label(way), way.to) for way in step.transitions]
        if _falls_back(flow, step):
            ways.append((f"after {step.retries + 1} turns in vain", f"{flow.fallback} and back"))
        for number, (label, to) in enumerate(ways):
            branch = "└" if number == len(ways) - 1 else "├"
            rows.append(f"  {branch}─▶ {to}" + (f"  ({label})" if label else ""))
    if flow.anywhere:
        rows += ["", "from any step"]
        rows += [f"  ─▶ {way.to}  ({_label(way)})" for way in flow.anywhere]
    return "\n".join(rows) + "\n"


def _label(way: Transition) -> str:
    needs = f"with {' and '.join(way.needs)}" if way.needs else ""
    return ", ".join(part for part in (way.on, needs) if part)


def _falls_back(flow: Flow, step: Step) -> bool:
    is_handled = any(way.on == EXHAUSTED for way in flow.ways(step))
    is_passed = any(not way.on and not way.needs for way in step.transitions)
    return (
        bool(flow.fallback)
        and step.name != flow.fallback
        and not (step.is_terminal or is_handled or is_passed)
    )


def _quoted(label: str) -> str:
    return label.replace('"', "'")
