"""A turn that is alive in this process."""

import asyncio
from dataclasses import replace
from typing import Any

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
    TurnMetadata,
    TurnQueuedEvent,
    TurnStartedEvent,
    TurnStatus,
)


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
        """Done when the turn has ended and everything about it is written."""
        self._store = store

    def new_id(self, item_type: StoreItemType) -> str:
        return self._store.generate_item_id(item_type, self.thread, self.context)

    @property
    def status(self) -> TurnStatus:
        return self.record.turn.status

    def become(self, status: TurnStatus, *, error: TurnError | None = None) -> None:
        """Enter a status, and say so."""
        changes: dict[str, Any] = {"status": status}
        if status == "running":
            changes["started_at"] = utc_now()
        elif status in ("completed", "failed", "cancelled"):
            reason = self.cancel_reason if status == "cancelled" else None
            changes |= {"ended_at": utc_now(), "error": error, "cancel_reason": reason}
        self.record = replace(self.record, turn=self.record.turn.model_copy(update=changes))
        event = _event(self.record.turn)
        self.feed.say(self.feed.next_entry(event.type, to_json(event)))


def _event(turn: TurnMetadata) -> TurnEvent:
    match turn.status:
        case "queued":
            return TurnQueuedEvent(turn=turn)
        case "running":
            return TurnStartedEvent(turn=turn)
        case "completed":
            return TurnCompletedEvent(turn=turn)
        case "failed":
            return TurnFailedEvent(turn=turn)
        case "cancelled":
            return TurnCancelledEvent(turn=turn)
        case "waiting":
            raise NotImplementedError
