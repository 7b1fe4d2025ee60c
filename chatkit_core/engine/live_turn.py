"""A turn that is alive in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.feed import Feed
from chatkit_core.engine.turn_state import TurnState
from chatkit_core.engine.usage import added, limit_reached
from chatkit_core.store import Store, StoreItemType
from chatkit_core.turn import Turn
from chatkit_core.turn_log import Entry, Fence, Taken, TurnRecord, Writer
from chatkit_core.types import StreamOptions, StructuredInput, StructuredInputItem, ThreadItem, ThreadMetadata
from chatkit_core.types.times import utc_now
from chatkit_core.types.turns import (
    TurnCancelledEvent,
    TurnCompletedEvent,
    TurnError,
    TurnEvent,
    TurnFailedEvent,
    TurnQuestion,
    TurnQueuedEvent,
    TurnStartedEvent,
    TurnStatus,
    TurnUsage,
    TurnUsageEvent,
    TurnWaitingEvent,
)

_EVENTS: dict[TurnStatus, Callable[..., TurnEvent]] = {
    "queued": TurnQueuedEvent,
    "running": TurnStartedEvent,
    "waiting": TurnWaitingEvent,
    "completed": TurnCompletedEvent,
    "failed": TurnFailedEvent,
    "cancelled": TurnCancelledEvent,
}


class LiveTurn(Turn):
    """The state of a turn while this process has it, and the feed of what it says.

    Args:
        record: the turn's row.
        writer: under which fence of the log it writes.
        state: the engine's notes on it; by default as the row has them.
        known: what the turn said before, if it goes on here.
        last_seq: the last number that was used for it.
    """

    def __init__(
        self,
        record: TurnRecord,
        thread: ThreadMetadata,
        context: Any,
        store: Store[Any],
        writer: Writer,
        *,
        state: TurnState | None = None,
        known: Iterable[Entry] = (),
        last_seq: int = 0,
    ) -> None:
        self.id = record.turn.id
        self.state = state or TurnState.from_bytes(record.state)
        self.owner = record.owner
        self.thread = thread
        self.context = context
        self.message = self.state.message
        self.sender = record.turn.sender
        self.answered: list[ThreadItem] = []
        self.cancel_reason = None
        self.metadata = record.turn
        self.writer = writer
        self.feed = Feed(self.id, known, last_seq=last_seq)
        self.options = StreamOptions(allow_cancel=True)
        self.connection: object | None = None
        """Stands for the connection of the request that started the turn, or last continued it."""
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the turn has ended or rests: everything is said, and what is kept of it is in the store."""
        self.on_settled: Callable[[], None] = _nothing
        self.usage_due = False
        """Whether the turn has used more than it has said."""
        self.on_limit: Callable[[str], None] = _nothing
        self.asker: Callable[[Sequence[StructuredInput], str | None], Awaitable[StructuredInputItem]] | None = None
        self._input, self._key, self._digest = record.input, record.key, record.digest
        self._store = store

    @property
    def record(self) -> TurnRecord:
        """The turn's row as it is now."""
        return TurnRecord(self.metadata, self.owner, self._input, self.state.to_bytes(), self._key, self._digest)

    @property
    def fence(self) -> Fence:
        """What writes for the turn name."""
        return self.writer.fence

    @property
    def usage(self) -> TurnUsage:
        return self.metadata.usage or TurnUsage()

    def new_id(self, item_type: StoreItemType) -> str:
        return self._store.generate_item_id(item_type, self.thread, self.context)

    def report_usage(
        self,
        *,
        input_tokens: int = 0,
        output_tokens: int = 0,
        cost_usd: float = 0,
        steps: int = 0,
        tool_calls: int = 0,
    ) -> None:
        more = TurnUsage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=cost_usd,
            steps=steps,
            tool_calls=tool_calls,
        )
        self.metadata = self.metadata.model_copy(update={"usage": added(self.usage, more)})
        self.usage_due = True
        limit = limit_reached(self.state.limits, self.usage)
        if limit is not None:
            self.on_limit(limit)

    async def ask(self, inputs: Sequence[StructuredInput], *, key: str | None = None) -> StructuredInputItem:
        if self.asker is None:
            raise LookupError("Nobody can be asked here: ask in respond or action.")
        return await self.asker(inputs, key)

    def go_on(self) -> None:
        """Get on, after the turn has rested here."""
        self.feed.go_on()
        if self.settled.done():
            self.settled = asyncio.get_running_loop().create_future()

    def taken(self, taken: Taken) -> None:
        """Write under a new fence."""
        self.metadata = taken.record.turn
        self.writer.fence = taken.fence

    def become(self, status: TurnStatus, **changes: Any) -> None:
        """Enter a status, and say so."""
        self.feed.say(*self.entering(status, **changes))

    def entering(self, status: TurnStatus, **changes: Any) -> tuple[str, bytes]:
        """Enter a status; return the type and the JSON of the event that says so."""
        if changes or status != self.metadata.status:
            self.metadata = self.metadata.model_copy(update={"status": status, **changes})
        event = _EVENTS[status](turn=self.metadata)
        return event.type, to_json(event)

    def ending(self, status: TurnStatus, error: TurnError | None = None) -> tuple[str, bytes]:
        """Enter a status from which none leads away; return the type and the JSON of the event that says so."""
        self.state = TurnState()
        reason = self.cancel_reason if status == "cancelled" else None
        return self.entering(status, ended_at=utc_now(), error=error, cancel_reason=reason, waiting_for=None)

    def waiting(self, questions: list[TurnQuestion]) -> tuple[str, bytes]:
        """Begin to wait for answers; return the type and the JSON of the event that says so."""
        return self.entering("waiting", waiting_for=questions)

    def settle(self) -> None:
        """Tell those who wait that the turn has ended, or rests."""
        if not self.settled.done():
            self.settled.set_result(None)
            self.on_settled()

    def say_usage(self) -> None:
        """Say what the turn has used."""
        self.usage_due = False
        event = TurnUsageEvent(turn=self.metadata)
        self.feed.say(event.type, to_json(event))


def _nothing(*_: object) -> None:
    """What happens before somebody looks after the turn."""
