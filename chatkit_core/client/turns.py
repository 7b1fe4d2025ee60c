"""The turns of a server, as a client sees them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from chatkit_core.client.errors import ChatClientError
from chatkit_core.client.events import RunEvent
from chatkit_core.client.follow import MAX_RECONNECTS, Reconnecting
from chatkit_core.client.frames import Op
from chatkit_core.client.inputs import Message
from chatkit_core.client.link import Link
from chatkit_core.client.ops import message_op
from chatkit_core.client.run import AsyncRun
from chatkit_core.client.streams import AsyncFollow
from chatkit_core.types import OnBusy, Page, TurnEvents, TurnLimits, TurnMetadata, TurnStatus, TurnSummary, to_utc

LONGEST_WAIT = 30.0
"""Seconds that one `turns.wait` takes at most, so that no proxy finds it too long."""


class AsyncTurns:
    """`chat.turns`: look at turns, wait for them, stop them, follow them."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def get(self, turn_id: str) -> TurnMetadata:
        """Return a turn as it is now."""
        return TurnMetadata.model_validate(await self._link.call("turns.get", turn_id=turn_id))

    async def list(
        self,
        *,
        thread_id: str | None = None,
        status: TurnStatus | Sequence[TurnStatus] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
    ) -> Page[TurnMetadata]:
        """Return a page of turns, newest first.

        Args:
            thread_id: only this thread's.
            status: only turns of this status, or of one of these.
            since: only turns created then or later.
            until: only turns created before then.
            limit: turns a page, 100 at most.
            order: `asc` for oldest first.
            after: the `after` of the page before.
        """
        statuses = status if status is None or isinstance(status, str) else [*status]
        page = await self._link.call(
            "turns.list",
            thread_id=thread_id,
            status=statuses,
            since=_time(since),
            until=_time(until),
            limit=limit,
            order=order,
            after=after,
        )
        return Page[TurnMetadata].model_validate(page)

    async def iterate(
        self,
        *,
        thread_id: str | None = None,
        status: TurnStatus | Sequence[TurnStatus] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> AsyncIterator[TurnMetadata]:
        """Yield all turns that `list` would, page after page."""
        after: str | None = None
        while True:
            page = await self.list(
                thread_id=thread_id, status=status, since=since, until=until, order=order, limit=100, after=after
            )
            for turn in page.data:
                yield turn
            if not page.has_more:
                return
            after = page.after

    async def wait(self, turn_id: str, timeout: float | None = None) -> TurnMetadata:
        """Return the turn once it has ended or waits for an answer; or once the time is over: its status says which.

        Args:
            timeout: seconds; None for as long as it takes.
        """
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        while True:
            left = LONGEST_WAIT if deadline is None else max(0.0, min(LONGEST_WAIT, deadline - loop.time()))
            op = {"type": "turns.wait", "params": {"turn_id": turn_id, "timeout": left}}
            answer = await self._link.transport.call(op, takes=left)
            turn = TurnMetadata.model_validate(answer)
            if turn.status not in ("queued", "running") or (deadline is not None and loop.time() >= deadline):
                return turn

    async def cancel(self, turn_id: str, reason: str = "user") -> TurnMetadata:
        """Ask a turn to end; what it has said is kept. Nothing happens to one that has ended."""
        return TurnMetadata.model_validate(await self._link.call("turns.cancel", turn_id=turn_id, reason=reason))

    async def events(self, turn_id: str, after_seq: int = 0, limit: int | None = None) -> TurnEvents:
        """Return what a turn has said after an event, as the server sends it; for those who poll.

        Args:
            after_seq: the number of the last event that is known.
            limit: events, 100 by default and 1,000 at most.
        """
        page = await self._link.call("turns.events", turn_id=turn_id, after_seq=after_seq, limit=limit)
        return TurnEvents.model_validate(page)

    async def summary(
        self, *, thread_id: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> TurnSummary:
        """Return how many turns there are, how they ended, and how long they took."""
        answer = await self._link.call("turns.summary", thread_id=thread_id, since=_time(since), until=_time(until))
        return TurnSummary.model_validate(answer)

    def follow(
        self,
        turn_id: str | None = None,
        *,
        thread_id: str | None = None,
        after: str | None = None,
        wait: bool = False,
        max_reconnects: int = MAX_RECONNECTS,
        on_connect: Callable[[], object] | None = None,
        on_reconnect: Callable[[], object] | None = None,
        on_disconnect: Callable[[ChatClientError], object] | None = None,
    ) -> AsyncFollow:
        """Return what a turn says, or the turns of a thread, to iterate over. It comes back by itself if the connection
        breaks, and goes on after the last event.

        Args:
            turn_id: the turn; or else
            thread_id: the thread, whose active turns and those that come after are followed.
            after: the cursor of the last event that is known; None to begin at the start.
            wait: whether to go on when no turn of the thread is active.
            max_reconnects: how often in a row to come back without a new event.
            on_connect: called when the first connection stands.
            on_reconnect: called when a later one does.
            on_disconnect: called with the reason when one breaks.

        Raises:
            ValueError: both or neither of turn and thread are given.
        """
        if (turn_id is None) == (thread_id is None):
            raise ValueError("either turn_id or thread_id says what to follow")
        target: Op = {"turn_id": turn_id} if turn_id is not None else {"thread_id": thread_id, "wait": wait}
        plan = Reconnecting(max_reconnects, on_connect, on_reconnect, on_disconnect)
        return AsyncFollow(self._link, target, after, plan)

    async def wait_for(
        self, turn_id: str, predicate: Callable[[RunEvent], bool], timeout: float | None = None
    ) -> RunEvent:
        """Return the first event of a turn, from its start on, for which `predicate` is true.

        Args:
            timeout: seconds; None for as long as it takes.

        Raises:
            TimeoutError: the time is over.
            LookupError: the turn has ended without such an event.
        """
        async with asyncio.timeout(timeout), self.follow(turn_id) as events:
            async for event in events:
                if predicate(event):
                    return event
        raise LookupError(f"Turn {turn_id!r} has ended without such an event.")

    def create_and_stream(
        self,
        message: Message,
        *,
        thread_id: str | None = None,
        sender: dict[str, Any] | None = None,
        on_busy: OnBusy | None = None,
        idempotency_key: str | None = None,
        limits: TurnLimits | None = None,
    ) -> AsyncRun:
        """Return a run that sends a message, once it is iterated or waited for.

        Args:
            thread_id: the thread; None for a new one.
            sender: who sends it, in the app's own words.
            on_busy: what becomes of it if the thread has a running turn; None for what the server does by itself.
            idempotency_key: the same key with the same message gives the same turn.
            limits: what the turn may use, lower than the server's.
        """
        options = {"on_busy": on_busy, "idempotency_key": idempotency_key, "limits": limits}
        return AsyncRun(self._link, message_op(thread_id, message, sender, **options))


def _time(time: datetime | None) -> str | None:
    return None if time is None else to_utc(time).isoformat()
