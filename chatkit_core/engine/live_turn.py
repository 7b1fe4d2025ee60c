"""A turn that is alive in this process."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.feed import Feed
from chatkit_core.store import Store, StoreItemType
from chatkit_core.turn import Turn
from chatkit_core.turn_log import TurnRecord
from chatkit_core.types import StreamOptions, ThreadMetadata
from chatkit_core.types.times import utc_now
from chatkit_core.types.turns import (
    TurnCancelledEvent,
    TurnCompletedEvent,
    TurnError,
    TurnEvent,
    TurnFailedEvent,
    TurnQueuedEvent,
    TurnStartedEvent,
)

LiveStatus = Literal["queued", "running", "completed", "failed", "cancelled"]
"""The statuses that a turn enters here."""

_EVENTS: dict[LiveStatus, Callable[..., TurnEvent]] = {
    "queued": TurnQueuedEvent,
    "running": TurnStartedEvent,
    "completed": TurnCompletedEvent,
    "failed": TurnFailedEvent,
    "cancelled": TurnCancelledEvent,
}


class LiveTurn(Turn):
    """The state of a turn, from its creation to its end, and the feed of what it says."""

    def __init__(self, record: TurnRecord, thread: ThreadMetadata, context: Any, store: Store[Any]) -> None:
        self.id = record.turn.id
        self.owner = record.owner
        self.thread = thread
        self.context = context
        self.cancel_reason = None
        self.record = record
        self.feed = Feed(self.id)
        self.options = StreamOptions(allow_cancel=True)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the turn has ended: everything is said, and what is kept of it is in the store."""
        self._store = store

    def new_id(self, item_type: StoreItemType) -> str:
        return self._store.generate_item_id(item_type, self.thread, self.context)

    def become(self, status: LiveStatus, *, error: TurnError | None = None) -> None:
        """Enter a status, and say so."""
        changes: dict[str, Any] = {"status": status}
        if status == "running":
            changes["started_at"] = utc_now()
        elif status in ("completed", "failed", "cancelled"):
            reason = self.cancel_reason if status == "cancelled" else None
            changes |= {"ended_at": utc_now(), "error": error, "cancel_reason": reason}
        self.record = replace(self.record, turn=self.record.turn.model_copy(update=changes))
        event = _EVENTS[status](turn=self.record.turn)
        self.feed.say(self.feed.next_entry(event.type, to_json(event)))
