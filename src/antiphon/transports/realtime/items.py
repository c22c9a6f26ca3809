"""The items of one conversation, in their order, as its client knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from antiphon.wire import openai_realtime as rt

MOST = 5000
"Items of one conversation: more than a day of talk."


class Items:
    """Every method raises `EventRefused`, with OpenAI's code, for what cannot be done."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._order: list[str] = []
        self._items: dict[str, rt.Item] = {}

    @property
    def last(self) -> str | None:
        """The id of the last item."""
        return self._order[-1] if self._order else None

    def add(self, item: rt.Item, behind: str | None = None) -> tuple[rt.Item, str | None]:
        """The item is in its place: behind that one, or last. Returns it with its id, and whom it stands behind."""
        id = item.id or self._new_id("item")
        if id in self._items:
            raise rt.EventRefused(
                f"Error adding item: an item with id '{id}' already exists.",
                code="item_create_duplicate_item_id",
                param="item.id",
            )
        if len(self._order) >= MOST:
            raise rt.EventRefused(f"A conversation holds at most {MOST} items.", code="too_many_items")
        place = len(self._order) if behind is None else 0 if behind == rt.ROOT else self._place(behind) + 1
        item = replace(item, id=id)
        self._order.insert(place, id)
        self._items[id] = item
        return item, self._order[place - 1] if place else None

    def put(self, item: rt.Item) -> None:
        """The item stands for the one with its id, if that is still there."""
        if item.id in self._items:
            self._items[item.id] = item

    def __iter__(self) -> Iterator[rt.Item]:
        """In their order."""
        return iter([self._items[id] for id in self._order])

    def find(self, id: str) -> rt.Item | None:
        """The item, if it is there."""
        return self._items.get(id)

    def get(self, id: str, code: str = "item_retrieve_invalid_item_id") -> rt.Item:
        if (item := self._items.get(id)) is None:
            raise rt.EventRefused(f"Item with item_id not found: {id[:80]}", code=code, param="item_id")
        return item

    def drop(self, id: str) -> rt.Item:
        """The item is gone. Returns what it was."""
        item = self.get(id, "item_delete_invalid_item_id")
        self._order.remove(id)
        del self._items[id]
        return item

    def _place(self, id: str) -> int:
        try:
            return self._order.index(id)
        except ValueError:
            raise rt.EventRefused(
                f"Previous item with id '{id[:80]}' not found.",
                code="item_create_invalid_previous_item_id",
                param="previous_item_id",
            ) from None
