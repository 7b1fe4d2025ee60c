"""Clients of a thread: each applies what it hears, and remembers where it was."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter

from chatkit_core import sse
from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.reducer import PendingItem, pending_item
from chatkit_core.server import StreamingResult
from chatkit_core.types import (
    ErrorEvent,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

ENDS = ("turn.completed", "turn.failed", "turn.cancelled")
WITHOUT_ID = ("thread.updated", "turn.queued", "turn.cancelled")
"""What those who follow a thread hear besides what its turns say; the decoder gives it the id of the event before."""
_adapter: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)


class View:
    """What a client makes of one turn's events."""

    def __init__(self) -> None:
        self.ended = ""
        """The last event that said how it ended."""
        self.open: set[str] = set()
        self.removed: set[str] = set()
        """What was removed, even if it came back."""
        self._items: dict[str, PendingItem] = {}
        self._progress: str | None = None
        self._errors: list[str | None] = []

    @property
    def items(self) -> dict[str, Any]:
        return {id: json.loads(to_json(item.snapshot())) for id, item in self._items.items()}

    @property
    def state(self) -> dict[str, Any]:
        return {"items": self.items, "progress": self._progress, "errors": [*self._errors]}

    def hear(self, data: dict[str, Any]) -> None:
        assert not self.ended, f"{data['type']} after {self.ended}"
        if data["type"].startswith("turn."):
            self.ended = data["type"] if data["type"] in ENDS else ""
            return
        event: Any = _adapter.validate_python(data)
        match event:
            case ThreadItemUpdatedEvent():
                self._items[event.item_id].apply(event.update)
            case ThreadItemAddedEvent() | ThreadItemDoneEvent() | ThreadItemReplacedEvent():
                self._items[event.item.id] = pending_item(event.item)
                self._progress = None
                self.open.discard(event.item.id)
                if isinstance(event, ThreadItemAddedEvent):
                    self.open.add(event.item.id)
            case ThreadItemRemovedEvent():
                self._items.pop(event.item_id, None)
                self.open.discard(event.item_id)
                self.removed.add(event.item_id)
            case ProgressUpdateEvent():
                self._progress = event.text
            case ErrorEvent():
                self._errors.append(event.message)


class Client:
    """Reads a stream while it may, and has a view of each turn that it hears of.

    Args:
        turn_id: the turn that it reads; None if it follows a thread.
        history: what it heard in earlier connections: turn, seq, event.
        on_heard: called with each item that is said to be saved, and when there is news.
    """

    def __init__(
        self,
        result: StreamingResult,
        turn_id: str | None,
        on_heard: Callable[[str | None], Awaitable[None]],
        *,
        turns: bool = True,
        posted: bool = False,
        history: tuple[tuple[str, int, dict[str, Any]], ...] = (),
    ) -> None:
        self.turn_id = turn_id
        self.turns = turns
        self.posted = posted
        self.server = 0
        """Which server it is connected to."""
        self.waits = False
        """Whether it follows a thread also while no turn is active."""
        self.history = list(history)
        self.views: dict[str, View] = {}
        self.last: dict[str, int] = {}
        """By turn the last seq."""
        self.over = asyncio.Event()
        self.was_slow = False
        """Whether it has ever stopped reading."""
        self.may_read = asyncio.Event()
        self.may_read.set()
        self._last_id = ""
        self._stream = result.json_events
        self._on_heard = on_heard
        for turn, seq, event in history:
            self._apply(turn, seq, event)
        self._task = asyncio.create_task(self._read())

    def __repr__(self) -> str:
        kind = "posted" if self.posted else "follows"
        return f"<Client {kind} {self.turn_id} turns={self.turns} slow={self.was_slow} {self.last}>"

    def stop_reading(self) -> None:
        self.may_read.clear()
        self.was_slow = True

    @property
    def ended(self) -> bool:
        return self.over.is_set()

    @property
    def failure(self) -> BaseException | None:
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task
        await self._stream.aclose()

    async def _read(self) -> None:
        decoder = sse.Decoder()
        async for frames in self._stream:
            for frame in decoder.feed(frames):
                await self._hear(frame)
            await self._on_heard(None)
            await self.may_read.wait()
        self.over.set()
        await self._on_heard(None)

    async def _hear(self, frame: sse.ServerSentEvent) -> None:
        event = json.loads(frame.data)
        if not self.turns:
            assert frame.id == ""
            assert not event["type"].startswith("turn.")
            assert self.turn_id is not None
            turn, seq = self.turn_id, self.last.get(self.turn_id, 0) + 1
        elif frame.id == self._last_id and event["type"] in WITHOUT_ID:
            return
        else:
            self._last_id = frame.id
            turn, _, number = frame.id.rpartition(":")
            seq = int(number)
            assert self.turn_id in (None, turn)
        self.history.append((turn, seq, event))
        self._apply(turn, seq, event)
        if event["type"] in ("thread.item.done", "thread.item.replaced"):
            await self._on_heard(event["item"]["id"])

    def _apply(self, turn: str, seq: int, event: dict[str, Any]) -> None:
        assert seq > self.last.get(turn, 0), f"{turn}:{seq} after {self.last[turn]}"
        self.last[turn] = seq
        self.views.setdefault(turn, View()).hear(event)


def view_of(events: list[dict[str, Any]]) -> View:
    """Return the view of a client that has polled all of a turn's events."""
    assert all(before["seq"] < after["seq"] for before, after in pairwise(events))
    view = View()
    for one in events:
        view.hear(one["event"])
    return view
