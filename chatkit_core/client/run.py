"""A turn that the client has started, or answers: its events, and its result."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import anyio

from chatkit_core.client.errors import ChatClientError, ConnectionLostError, TurnCancelledError, TurnFailedError
from chatkit_core.client.events import ApprovalResolved, Cancelled, Completed, Failed, ItemCompleted, RunEvent
from chatkit_core.client.follow import Reader
from chatkit_core.client.frames import Frame, Op
from chatkit_core.client.link import Link
from chatkit_core.client.results import RunResult
from chatkit_core.client.streams import EventStream
from chatkit_core.types import ClientToolCallItem, StructuredInputItem, ThreadItem, TurnMetadata, UserMessageItem

CANCEL_PATIENCE = 5.0
"""Seconds in which a turn has to be told to stop, when the one who runs it has been cancelled."""


class AsyncRun(EventStream):
    """The events of one turn, over broken connections, until it ends or waits for an answer that nobody here gives.

    `async for` takes the events, each once; `result` waits for the end; the two do not hinder each other.
    """

    def __init__(self, link: Link, op: Op) -> None:
        super().__init__(link, Reader(link.transport, {}))
        self._op = op
        self._items: dict[str, ThreadItem] = {}
        self._turn: TurnMetadata | None = None
        """The turn as it ended, or came to rest."""
        self.thread_id: str | None = op["params"].get("thread_id")
        """The thread; None as long as the server has not made it."""

    async def start(self) -> None:
        """Send the op, and wait until the turn and its thread are there.

        Raises:
            RefusedError: the server refuses the op.
            ConnectionLostError: the server cannot be reached.
        """
        await super().start()
        while None in (self.turn_id, self.thread_id) and not self._begin().done():
            await self._change()

    async def result(self) -> RunResult:
        """Wait until the turn has ended, or waits for an answer that nobody here gives; return what it has brought.

        Raises:
            TurnFailedError, TurnCancelledError: it has ended so.
            RefusedError: the server refuses the op.
            ConnectionLostError: connections broke too often.
        """
        task = self._begin()
        await asyncio.wait({task})
        self._raise_error()
        if self._turn is None:
            raise ChatClientError("The turn has ended in a way that this version of the client cannot read.")
        result = RunResult(self._turn, list(self._items.values()))
        if result.status == "failed":
            raise TurnFailedError(result)
        if result.status == "cancelled":
            raise TurnCancelledError(result)
        return result

    async def complete(self, timeout: float | None = None) -> RunResult:
        """Do as `result`; but if the task that waits is cancelled, or the time is over, the turn is stopped.

        Args:
            timeout: seconds.

        Raises:
            TimeoutError: the time is over.
        """
        async with asyncio.timeout(timeout):
            try:
                return await self.result()
            except asyncio.CancelledError:
                with anyio.move_on_after(CANCEL_PATIENCE, shield=True), suppress(ChatClientError):
                    await self.cancel()
                await self.aclose()
                raise

    async def cancel(self, reason: str = "user") -> None:
        """Stop the turn. What it has said so far is kept; its last event says that it was cancelled."""
        if self._task is not None and self._task.done():
            return
        await self.start()
        await self._link.call("turns.cancel", turn_id=self.turn_id, reason=reason)

    async def _read(self) -> None:
        op: Op | None = self._op
        while True:
            waiting = await self._read_on(op)
            if waiting is None:
                return
            op = await self._answer(waiting)
            if op is None and await self._still_waits(waiting):
                return

    async def _still_waits(self, turn: TurnMetadata) -> bool:
        """Return whether nobody has answered since the turn said that it waits, which may be long ago."""
        with suppress(ConnectionLostError):
            turn = TurnMetadata.model_validate(await self._link.call("turns.get", turn_id=turn.id))
        if turn.status == "waiting":
            self._turn = turn
        return turn.status == "waiting"

    async def _read_on(self, op: Op | None) -> TurnMetadata | None:
        """Read until the turn has ended, or waits; return it if it waits."""
        async with aclosing(self._reader.frames(op)) as frames:
            async for frame in frames:
                self._take(frame)
                if frame.type == "turn.waiting":
                    return TurnMetadata.model_validate(frame.event["turn"])
        return None

    async def _answer(self, turn: TurnMetadata) -> Op | None:
        """Return an op that answers something that the turn waits for; None if nobody here knows an answer."""
        for question in turn.waiting_for or ():
            item = self._items.get(question.item_id)
            if isinstance(item, ClientToolCallItem | StructuredInputItem) and item.status == "pending":
                op = await self._link.functions.answer(item)
                if op is not None:
                    return op
        return None

    def _take(self, frame: Frame) -> None:
        if self.thread_id is None:
            self.thread_id = _thread_of(frame.event)
        if frame.type == "thread.item.removed":
            self._items.pop(str(frame.event.get("item_id")), None)
        super()._take(frame)

    def _keep(self, event: RunEvent) -> None:
        match event:
            case ItemCompleted(item=item) if not isinstance(item, UserMessageItem):
                self._items[item.id] = item
            case ApprovalResolved(item=item) if item.id in {*self._items, self._op["params"].get("item_id")}:
                self._items[item.id] = item  # others are questions of an earlier turn, which this one has closed
            case Completed(turn=turn) | Failed(turn=turn) | Cancelled(turn=turn):
                self._turn = turn
        super()._keep(event)


def _thread_of(event: dict[str, Any]) -> str | None:
    thread_id = (event.get("thread") or {}).get("id") or (event.get("turn") or {}).get("thread_id")
    return None if thread_id is None else str(thread_id)
