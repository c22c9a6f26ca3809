"""Tools in use: for whom, for how long, and not before they may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from antiphon.agent.tools import MAX_RESULT, Person, Tool, ToolResult
from antiphon.core.events import TurnId
from antiphon.core.notes import ToolUsed


class Toolbox:
    """The tools of one reply."""

    def __init__(
        self,
        tools: Sequence[Tool],
        caller: Person,
        turn: TurnId,
        confirmed: Callable[[], Awaitable[object]],
        emit: Callable[[ToolUsed], None],
    ) -> None:
        """`confirmed` returns once the caller's turn is certain to be over."""
        self._tools = {tool.name: tool for tool in tools}
        self._caller = caller
        self._turn = turn
        self._confirmed = confirmed
        self._emit = emit
        self._clock = asyncio.get_running_loop().time

    async def use(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """The tool has been used, or has failed, which is told. Raises only when cancelled.

        A tool that writes is begun after the turn is confirmed, and is then not cut short by a caller who
        speaks: what it did is known.
        """
        if (tool := self._tools.get(name)) is None:
            known = ", ".join(sorted(self._tools)) or "none"
            return ToolResult(error=f"there is no tool {name}; there are: {known}")
        if tool.writes:
            await self._confirmed()
        begun = self._clock()
        running = asyncio.ensure_future(self._run(tool, arguments))
        try:
            result, outcome = await (asyncio.shield(running) if tool.writes else running)
        except asyncio.CancelledError:
            if tool.writes:
                _, outcome = await running
                self._emit(ToolUsed(self._turn, name, outcome, _ms(self._clock() - begun)))
            raise
        self._emit(ToolUsed(self._turn, name, outcome, _ms(self._clock() - begun)))
        return result

    async def _run(self, tool: Tool, arguments: Mapping[str, object]) -> tuple[ToolResult, str]:
        try:
            async with asyncio.timeout(tool.timeout_s):
                value = await tool.run(self._caller, arguments)
            size = len(json.dumps(value))
        except TimeoutError:
            return ToolResult(error=f"{tool.name} took longer than {tool.timeout_s:g} seconds"), "timed_out"
        except Exception as error:  # noqa: BLE001 - whatever a tool raises, the call goes on
            return ToolResult(error=f"{tool.name} failed: {error}"), "failed"
        if size > MAX_RESULT:
            return ToolResult(error=f"{tool.name} answered with {size} characters, too many to use"), "failed"
        return ToolResult(value), "done"


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
