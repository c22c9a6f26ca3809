"""What holds of every event of every connection, looked for when the other checks have been run."""

from __future__ import annotations

from collections import Counter

from antiphon.bench.conformance.checking import Level, audit, demand
from antiphon.bench.conformance.connection import Connection
from antiphon.wire import openai_realtime as rt


@audit(Level.P0)
def events_are_valid(seen: list[Connection]) -> None:
    """Every event is one that strict clients read: known type, all fields of their types, nothing null that is to be
    left out, and as openai-python's models have it where that package is installed."""
    found = Counter(fault for connection in seen for fault in connection.faults)
    worst = "; ".join(f"{fault} (×{count})" for fault, count in found.most_common(3))
    demand(not found, f"{sum(found.values())} faults: {worst}")


@audit(Level.P0)
def event_ids_are_unique(seen: list[Connection]) -> None:
    """No two events of a connection have the same event_id."""
    for connection in seen:
        ids = Counter(getattr(event, "event_id", "") for event in connection.events)
        twice = [id for id, count in ids.items() if id and count > 1]
        demand(not twice, f"{twice[:1]} is of more than one event")


@audit(Level.P0)
def responses_keep_their_order(seen: list[Connection]) -> None:
    """Of every response: created, its items added before anything is said of them and done after, and done is last,
    once. LiveKit raises where a delta comes before its item."""
    for connection in seen:
        created: set[str] = set()
        done: set[str] = set()
        is_open: set[str] = set()
        for event in connection.events:
            match event:
                case rt.ResponseCreated(response=response):
                    demand(response.id not in created, f"{response.id} is created twice")
                    created.add(response.id)
                case rt.ResponseDone(response=response):
                    demand(response.id in created, "response.done comes without response.created")
                    demand(response.id not in done, f"{response.id} is done twice")
                    demand(
                        not is_open or response.id not in {o.split("/")[0] for o in is_open},
                        "an item is not done",
                    )
                    done.add(response.id)
                case rt.OutputItemAdded(response_id=id, item=item):
                    demand(id in created, "response.output_item.added comes before response.created")
                    is_open.add(f"{id}/{item.id}")
                case rt.OutputItemDone(response_id=id, item=item):
                    demand(f"{id}/{item.id}" in is_open, "response.output_item.done comes without .added")
                    is_open.discard(f"{id}/{item.id}")
                case (
                    rt.AudioDelta(response_id=id, item_id=of)
                    | rt.AudioTranscriptDelta(response_id=id, item_id=of)
                    | rt.TextDelta(response_id=id, item_id=of)
                    | rt.ArgumentsDelta(response_id=id, item_id=of)
                ):
                    demand(f"{id}/{of}" in is_open, f"{event.type} comes outside of its item")
                    demand(id not in done, f"{event.type} comes after response.done")
                case _:
                    pass


@audit(Level.P0)
def items_are_added_once(seen: list[Connection]) -> None:
    """An item is added once, behind one that is known, and done after."""
    for connection in seen:
        added: set[str] = set()
        for event in connection.events:
            match event:
                case rt.ItemAdded(item=item, previous_item_id=behind):
                    demand(item.id not in added, f"{item.id} is added twice")
                    demand(
                        behind in added or behind in (None, rt.ROOT),
                        f"{item.id} stands behind {behind}, unknown",
                    )
                    added.add(item.id or "")
                case rt.ItemDone(item=item):
                    demand(item.id in added, f"{item.id} is done and was not added")
                case rt.ItemDeleted(item_id=id):
                    added.discard(id)
                case _:
                    pass
