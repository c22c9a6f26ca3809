"""Tools in use: for whom, for how long, and not before they may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from antiphon.agent.signatures import WrongArgument
from antiphon.agent.tools import MAX_RESULT, Person, Tool, ToolResult
from antiphon.core.events import TurnId
from antiphon.core.notes import ToolUsed
from antiphon.ports import ToolSpec

MAX_TOLD = 400
"Characters of a use of a tool that are remembered after its reply."

Call = tuple[str, Mapping[str, object]]
"The name of a tool, and its arguments."


class Toolbox:
    """The tools of one reply."""

    def __init__(
        self,
        tools: Sequence[Tool],
        caller: Person,
        turn: TurnId,
        confirmed: Callable[[], Awaitable[object]],
        emit: Callable[[ToolUsed], None],
        told: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`confirmed` returns once the caller's turn is certain to be over. `told` is given each use that
        succeeded and what came of it, in a line that a model can read."""
        self._tools = {tool.name: tool for tool in tools}
        self._caller = caller
        self._turn = turn
        self._confirmed = confirmed
        self._emit = emit
        self._told = told
        self._written: dict[str, ToolResult] = {}
        "What a model had done in this reply."
        self._clock = asyncio.get_running_loop().time
        self.is_cut = False
        "The reply was given up while a tool wrote: who used it is told what came of it, and no tool is used any more."

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as they are offered to a model."""
        return tuple(
            ToolSpec(tool.name, tool.description, json.dumps(tool.parameters))
            for tool in self._tools.values()
        )

    async def use(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """The tool has been used, or has failed, which is told. Raises only when cancelled.

        A tool that writes is begun after the turn is confirmed, and is then not cut short by a caller who
        speaks: what it did is known, also to who used it, and can be remembered. See `is_cut`.
        """
        if self.is_cut:
            raise asyncio.CancelledError
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
            if not tool.writes:
                raise
            self.is_cut = True
            while not running.done():  # a reply may be given up more than once
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(running)
            result, outcome = running.result()
        self._record(name, arguments, result, outcome, begun)
        return result

    async def use_all(self, calls: Sequence[Call]) -> list[ToolResult]:
        """The results of a model's `calls`, in their order. Raises only when cancelled.

        Those that only read are used side by side, those that write one after the other, up to the first that
        fails. What was done once in this reply is not done again: models repeat themselves.
        """
        results = [ToolResult(error="nothing was done, as what was asked for before it had failed")] * len(
            calls
        )

        async def read(place: int) -> None:
            results[place] = await self.use(*calls[place])

        async def write(places: Sequence[int]) -> None:
            done: dict[str, ToolResult] = {}
            for place in places:
                key = json.dumps(calls[place], sort_keys=True)
                results[place] = self._written.get(key) or await self.use(*calls[place])
                if not results[place].is_ok:
                    break
                done[key] = results[place]
            self._written |= done

        writing = [place for place, call in enumerate(calls) if self._writes(call[0])]
        async with asyncio.TaskGroup() as tasks:
            for place in range(len(calls)):
                if place not in writing:
                    tasks.create_task(read(place), name=f"tool: {calls[place][0]}")
            tasks.create_task(write(writing), name="tools: write")
        return results

    def _writes(self, name: str) -> bool:
        return (tool := self._tools.get(name)) is not None and tool.writes and not tool.is_parallel

    def _record(
        self, name: str, arguments: Mapping[str, object], result: ToolResult, outcome: str, begun: float
    ) -> None:
        self._emit(ToolUsed(self._turn, name, outcome, _ms(self._clock() - begun)))
        if result.is_ok:
            asked = json.dumps(arguments, ensure_ascii=False, default=str)
            came = json.dumps(result.value, ensure_ascii=False)
            self._told(f"{name} {asked}: {came}"[:MAX_TOLD])

    async def _run(self, tool: Tool, arguments: Mapping[str, object]) -> tuple[ToolResult, str]:
        try:
            async with asyncio.timeout(tool.timeout_s):
                value = await tool.run(self._caller, arguments)
            size = len(json.dumps(value))
        except TimeoutError:
            return ToolResult(error=f"{tool.name} took longer than {tool.timeout_s:g} seconds"), "timed_out"
        except WrongArgument as error:
            return ToolResult(error=str(error)), "failed"
        except Exception as error:  # noqa: BLE001 - whatever a tool raises, the call goes on
            return ToolResult(error=f"{tool.name} failed: {error or type(error).__name__}"), "failed"
        if size > MAX_RESULT:
            return ToolResult(error=f"{tool.name} answered with {size} characters, too many to use"), "failed"
        return ToolResult(value), "done"


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
