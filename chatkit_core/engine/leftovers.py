"""What a turn had said when its process died, from the log. No I/O."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter

from chatkit_core.engine.reducer import PendingItem, pending_item
from chatkit_core.turn_log import Entry
from chatkit_core.types import (
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    TurnUsage,
    TurnUsageEvent,
)

_ABOUT_ITEMS = frozenset(f"thread.item.{what}" for what in ("added", "updated", "done", "replaced", "removed"))


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a turn had said when its process died: its open items by id, and how many items were done or replaced."""

    pending: dict[str, PendingItem]
    items_done: int
    usage: TurnUsage | None


def leftovers(entries: Iterable[Entry]) -> Leftovers:
    """Return what a turn had open, and what it had done, after it had said this.

    Raises:
        ValidationError, InvalidEventError: this is not what a turn says.
    """
    pending: dict[str, PendingItem] = {}
    items_done = 0
    usage: TurnUsage | None = None
    for entry in entries:
        if entry.type == "turn.usage":
            usage = TurnUsageEvent.model_validate_json(entry.data).turn.usage
        if entry.type not in _ABOUT_ITEMS:
            continue
        match _events().validate_json(entry.data):
            case ThreadItemAddedEvent(item=item):
                pending[item.id] = pending_item(item)
            case ThreadItemUpdatedEvent(item_id=id, update=update) if id in pending:
                pending[id].apply(update)
            case ThreadItemDoneEvent(item=item):
                items_done += 1
                pending.pop(item.id, None)
            case ThreadItemReplacedEvent(item=item):
                items_done += 1
                pending.pop(item.id, None)
            case ThreadItemRemovedEvent(item_id=id):
                pending.pop(id, None)
    return Leftovers(pending, items_done, usage)


@functools.cache
def _events() -> TypeAdapter[ThreadStreamEvent]:
    return TypeAdapter(ThreadStreamEvent)
