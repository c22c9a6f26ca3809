"""Draws docs/design/conversation.md from the tables that are the machine, so that the page cannot differ from it.

python scripts/draw_conversation.py           writes the page
python scripts/draw_conversation.py --check   fails when the page is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from antiphon.core.phases import AGENT_MOVES, PHASE, Agent, Move, Phase, User

PAGE = Path(__file__).resolve().parents[1] / "docs" / "design" / "conversation.md"
COMMAND = "python scripts/draw_conversation.py"

USER_MEANS = {
    User.SILENT: "nothing is said, and nothing waits for an answer",
    User.WAITING: "silent, with words that nobody has answered or that are still being made out",
    User.SPEAKING: "making speech-like sound",
}
AGENT_MEANS = {
    Agent.IDLE: "has nothing in hand",
    Agent.SPECULATING: "makes a reply that nobody may hear yet: the user may go on",
    Agent.THINKING: "makes a reply, or more of it; the user's turn is over and no sound is left to play",
    Agent.SPEAKING: "has sound to play, or a sentence on its way to sound",
    Agent.HELD: "is paused at a sample, because the user made a sound",
    Agent.LEAVING: "was told to stop and waits for the player's last word on what was heard",
}
INTRODUCTION = f"""# The conversation as states
<!-- Written by `{COMMAND}`. Change src/antiphon/core/phases.py instead. -->

Two small machines run side by side, one for the user and one for the agent. `AGENT_MOVES` is the agent's: a move
that is not in it is a bug and raises. The user's state follows from what the ears have told. `PHASE` derives from
the two the one word that a screen shows; it is never stored. All three live in `src/antiphon/core/phases.py`,
and the rules that choose the moves in `src/antiphon/core/conversation.py`."""


def page() -> str:
    """The whole page."""
    return (
        "\n\n".join(
            [
                INTRODUCTION,
                "## The agent",
                agent_diagram(),
                table(("state", "the agent"), ((f"`{a}`", AGENT_MEANS[a]) for a in Agent)),
                "### Moves",
                "The text on an arrow says why the agent moves. A state without an entry cannot make the move.",
                moves_table(),
                "## The user",
                table(("state", "the user is"), ((f"`{u}`", USER_MEANS[u]) for u in User)),
                "## What people see",
                "The phase for each pair of states: the agent's down, the user's across.",
                phase_table(),
                "Which phase can follow which when the agent moves, whatever the user is doing; arrows name the moves. "
                "What the user changes alone stands below the picture.",
                phase_diagram(),
                user_changes(),
            ]
        )
        + "\n"
    )


def agent_diagram() -> str:
    arrows = [f"    {a} --> {b}: {move.value}" for (a, move), b in AGENT_MOVES.items()]
    return mermaid(["    direction LR", f"    [*] --> {Agent.IDLE}", *arrows])


def moves_table() -> str:
    moves = [move for move in Move if any(made is move for _, made in AGENT_MOVES)]
    rows = [
        (
            f"`{move.name}`",
            move.value,
            *(f"`{AGENT_MOVES[a, move]}`" if (a, move) in AGENT_MOVES else "" for a in Agent),
        )
        for move in moves
    ]
    return table(("move", "why", *(f"from `{a}`" for a in Agent)), rows)


def phase_table() -> str:
    rows = [(f"`{a}`", *(f"**{PHASE[u, a]}**" for u in User)) for a in Agent]
    return table(("", *(f"`{u}`" for u in User)), rows)


def phase_diagram() -> str:
    """Phases joined by the agent's moves, whatever the user is doing meanwhile."""
    names: dict[tuple[Phase, Phase], list[str]] = {}
    for (a, move), b in AGENT_MOVES.items():
        for u in User:
            ends = PHASE[u, a], PHASE[u, b]
            if ends[0] is not ends[1] and move.name not in names.setdefault(ends, []):
                names[ends].append(move.name)
    arrows = [f"    {before} --> {after}: {', '.join(moves)}" for (before, after), moves in names.items()]
    return mermaid([f"    [*] --> {Phase.IDLE}", *arrows])


def user_changes() -> str:
    """The phases that the user changes alone."""
    rows = []
    for a in Agent:
        for before in User:
            for after in User:
                if PHASE[before, a] is not PHASE[after, a]:
                    rows.append(
                        (f"`{a}`", f"`{before}` → `{after}`", f"{PHASE[before, a]} → {PHASE[after, a]}")
                    )
    return table(("while the agent is", "the user goes", "and the phase"), rows)


def mermaid(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main(arguments: Sequence[str]) -> int:
    """Writes the page, or with --check tells by the exit code whether it is current."""
    wanted = page()
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        sys.stderr.write(f"{PAGE.name} does not match core/phases.py; run: {COMMAND}\n")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
