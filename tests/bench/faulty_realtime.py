"""A server that is faulty on purpose: everything passes through to a good one, and some of it comes back changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import websockets

Event = dict[str, object]
Fault = Callable[[Event], Iterable[Event]]
"What is sent in place of an event of the good server: nothing, or one or more events."


@asynccontextmanager
async def faulty(address: str, fault: Fault) -> AsyncIterator[str]:
    """The address (host:port) of a server between its client and the good one at `address`."""

    async def carry(client: websockets.ServerConnection) -> None:
        assert client.request is not None
        path, auth = client.request.path, client.request.headers.get("Authorization", "")
        headers = {"Authorization": auth}
        async with websockets.connect(
            f"ws://{address}{path}", additional_headers=headers, max_size=None, max_queue=None
        ) as good:

            async def there() -> None:
                async for message in client:
                    await good.send(message)

            async def back() -> None:
                async for message in good:
                    for event in fault(json.loads(message)):
                        await client.send(json.dumps(event))

            ways = [asyncio.create_task(there()), asyncio.create_task(back())]
            with suppress(websockets.ConnectionClosed):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async with websockets.serve(carry, "127.0.0.1", 0, max_size=None, max_queue=None) as server:
        yield f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def nulls(event: Event) -> Iterable[Event]:
    """Items say that their status is null, where it is to be left out."""
    if isinstance(item := event.get("item"), dict):
        event = {**event, "item": {**item, "name": None}}
    return [event]


class LateCreated:
    """response.created comes after what is said first in the response."""

    def __init__(self) -> None:
        self._held: list[Event] = []

    def __call__(self, event: Event) -> Iterable[Event]:
        if event["type"] == "response.created":
            self._held = [event]
            return []
        if event["type"] != "response.output_item.added":
            return [event]
        held, self._held = self._held, []
        return [event, *held]


class DeadTruncate:
    """Truncation is acknowledged, and nothing is forgotten: items are retrieved as they were done."""

    def __init__(self) -> None:
        self._done: dict[object, object] = {}

    def __call__(self, event: Event) -> Iterable[Event]:
        item = event.get("item")
        if event["type"] == "response.output_item.done" and isinstance(item, dict):
            self._done[item["id"]] = item
        if event["type"] == "conversation.item.retrieved" and isinstance(item, dict):
            event = {**event, "item": self._done.get(item["id"], item)}
        return [event]


def anonymous_errors(event: Event) -> Iterable[Event]:
    """Errors do not say which event they are about, and have codes of their own."""
    if event["type"] == "error" and isinstance(error := event["error"], dict):
        kept = {name: value for name, value in error.items() if name != "event_id"}
        event = {**event, "error": {**kept, "code": "oops"}}
    return [event]
