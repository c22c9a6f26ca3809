"""`antiphon flow`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from antiphon.agent.flow_definition import Flow, FlowError
from antiphon.agent.flow_drawing import diagram, drawing
from antiphon.agent.flow_yaml import read_flow
from antiphon.core.errors import CallerError

flow = typer.Typer(no_args_is_help=True, add_completion=False, help="Look at the steps of a conversation.")


class Form(StrEnum):
    """How a flow is drawn."""

    TEXT = "text"
    MERMAID = "mermaid"


@flow.callback()
def about() -> None:
    """Look at the steps of a conversation."""


@flow.command()
def draw(
    what: Annotated[
        str, typer.Argument(help="booking, or a YAML file with a flow of yours.", metavar="FLOW")
    ] = "booking",
    form: Annotated[Form, typer.Option(help="text, or mermaid for a page.")] = Form.TEXT,
) -> None:
    """Draw a flow. One that cannot work is told of, line by line."""
    found = _found(what)
    print(drawing(found) if form is Form.TEXT else diagram(found))


def _found(what: str) -> Flow:
    if what == "booking":
        from antiphon.agents.booking.steps import BOOKING

        return BOOKING
    path = Path(what)
    if not path.is_file():
        raise CallerError(f"there is no file {what}: name a YAML file, or booking")
    try:
        return read_flow(path.read_text(encoding="utf-8"), what)
    except FlowError as error:
        raise CallerError(str(error)) from None
