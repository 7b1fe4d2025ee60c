"""`MemoryTurnLog`: the contract of a turn log, over dicts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from secrets import token_hex
from typing import Literal

from chatkit_core.errors import GoneError, LeaseLostError, NotFoundError, QueueFullError, ThreadBusyError
from chatkit_core.turn_log import (
    Entries,
    Entry,
    Fence,
    Taken,
    TextEntry,
    TurnLog,
    TurnQuery,
    TurnRecord,
    outcome_of,
    summary,
)
from chatkit_core.types.times import utc_now
from chatkit_core.types.turns import OnBusy, TurnMetadata, TurnSummary
from chatkit_stores.memory.turns import KeptTurn, ThreadTurns
from chatkit_stores.memory.url import check_url


class MemoryTurnLog(TurnLog):
    """A turn log for one process, which forgets everything when it ends. What it keeps and hands out are copies.

    Nobody outlives the process, to take its turns over. So a lease that ran out, because the process was busy, can
    still be renewed, unless another lease has taken one of its turns meanwhile.

    Args:
        clock: the time in seconds, by which leases run out.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadlines: dict[str, float] = {}
        self._numbers = count()
        self._turns: dict[str, KeptTurn] = {}
        self._active: dict[str, KeptTurn] = {}
        self._threads: dict[str, ThreadTurns] = {}
        self._keys: dict[tuple[str, str], KeptTurn] = {}
        self._entries: dict[str, Entries] = {}
        self._cancels: dict[str, str] = {}

    @classmethod
    def from_url(cls, url: str) -> MemoryTurnLog:
        """Return an empty log for `memory://`.

        Raises:
            ValueError: the URL says more than that.
        """
        check_url(url)
        return cls()

    # Leases

    async def acquire_lease(self, seconds: float) -> str:
        lease = f"lease_{token_hex(16)}"
        self._deadlines[lease] = self._clock() + seconds
        return lease

    async def renew_lease(self, lease: str, seconds: float) -> bool:
        """Let the lease run out so many seconds from now; return False if it was released or has lost a turn."""
        if lease not in self._deadlines:
            return False
        self._deadlines[lease] = self._clock() + seconds
        return True

    async def release_lease(self, lease: str) -> None:
        self._deadlines.pop(lease, None)

    # A turn's way

    async def create(
        self,
        record: TurnRecord,
        lease: str,
        *,
        on_busy: OnBusy = "enqueue",
        beside_waiting: bool = False,
        max_queued: int = 20,
    ) -> Taken | TurnRecord:
        if record.key is not None and (known := self._keys.get((record.owner, record.key))):
            return known.copied()
        self._check_lease(lease, record.turn.id)
        thread = self._threads.get(record.turn.thread_id) or ThreadTurns()
        running, queued = thread.of_status("running"), thread.of_status("queued")
        if on_busy == "reject" and (running or queued):
            raise ThreadBusyError((running or queued)[0].id)
        first = queued[0] if queued and on_busy == "interrupt" else None
        if thread.is_free(beside_waiting=beside_waiting) and (first or not queued):
            turn = _running(record.turn)
        elif on_busy == "interrupt" or len(queued) < max_queued:
            turn = record.turn.model_copy(update={"status": "queued"})
        else:
            raise QueueFullError(record.turn.thread_id, max_queued)
        kept = KeptTurn(next(self._numbers), replace(record, turn=turn))
        thread.insert(kept, before=first)
        self._threads[turn.thread_id] = thread
        self._turns[turn.id] = self._active[turn.id] = kept
        self._entries[turn.id] = Entries()
        if record.key is not None:
            self._keys[record.owner, record.key] = kept
        return self._take(kept, lease)

    async def start(self, fence: Fence, *, beside_waiting: bool = False) -> Taken | None:
        kept = self._taken(fence)
        thread = self._threads[kept.record.turn.thread_id]
        waits = kept.status == "waiting"
        if not thread.is_free(beside_waiting=beside_waiting or waits):
            return None
        if not waits and thread.of_status("queued")[0] is not kept:
            return None
        kept.record = replace(kept.record, turn=_running(kept.record.turn))
        return self._take(kept, fence.lease)

    async def take(self, turn_id: str, lease: str) -> Taken | None:
        self._check_lease(lease, turn_id)
        kept = self._active.get(turn_id)
        if kept is None or (kept.lease is not None and self._is_held(kept.lease)):
            return None
        if kept.lease is not None:
            self._deadlines.pop(kept.lease, None)
        return self._take(kept, lease)

    async def update(
        self, record: TurnRecord, fence: Fence, entries: Sequence[Entry] = (), *, release: bool = False
    ) -> None:
        kept = self._taken(fence)
        kept.record = replace(record, turn=record.turn.model_copy())
        self._entries[kept.id].extend(entries)
        if not kept.is_active:
            self._threads[record.turn.thread_id].active.remove(kept)
            del self._active[kept.id]
            self._cancels.pop(kept.id, None)
        if release or not kept.is_active:
            kept.lease = None

    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        if batches:
            self._check_lease(lease, next(iter(batches)))
        for turn_id, entries in batches.items():
            kept = self._active.get(turn_id)
            if kept is not None and kept.lease == lease:
                self._entries[turn_id].extend(entries)

    async def discard(self, turn_id: str) -> None:
        if turn_id not in self._turns:
            return
        kept = self._turns.pop(turn_id)
        self._active.pop(turn_id, None)
        self._cancels.pop(turn_id, None)
        thread_id = kept.record.turn.thread_id
        self._threads[thread_id].remove(kept)
        if not self._threads[thread_id].turns:
            del self._threads[thread_id]
        self._forget(kept)

    # What processes ask of each other

    async def request_cancel(self, turn_id: str, reason: str) -> None:
        if turn_id in self._active:
            self._cancels.setdefault(turn_id, reason)

    async def cancel_requests(self, lease: str) -> dict[str, str]:
        return {id: reason for id, reason in self._cancels.items() if self._active[id].lease == lease}

    async def list_lost(self) -> list[str]:
        return [id for id, kept in self._active.items() if kept.lease is not None and not self._is_held(kept.lease)]

    # Reading

    async def load(self, turn_id: str) -> TurnRecord:
        return self._known(turn_id).copied()

    async def read(self, turn_id: str, after: int) -> list[Entry]:
        self._known(turn_id)
        if turn_id not in self._entries:
            raise GoneError("turn")
        later = (entry for entry in self._entries[turn_id] if entry.seq > after)
        return [entry.copy() if isinstance(entry, TextEntry) else entry for entry in later]

    async def turns_of_thread(self, thread_id: str, *, after: str | None = None) -> list[TurnRecord]:
        thread = self._threads.get(thread_id)
        return [kept.copied() for kept in thread.active_and_after(after)] if thread else []

    async def list_turns(
        self, query: TurnQuery, *, limit: int, after: str | None = None, order: Literal["asc", "desc"] = "desc"
    ) -> list[TurnRecord]:
        turns = sorted(self._matching(query), key=KeptTurn.created)
        if after is not None:
            edge = self._turns.get(after)
            if edge is None or edge.record.owner != query.owner:
                raise NotFoundError("turn", after)
            at = edge.created()
            turns = [kept for kept in turns if (kept.created() < at if order == "desc" else kept.created() > at)]
        return [kept.copied() for kept in (turns[::-1] if order == "desc" else turns)[:limit]]

    async def summarize(self, query: TurnQuery) -> TurnSummary:
        return summary(outcome_of(kept.record.turn) for kept in self._matching(query))

    # Forgetting

    async def delete_thread(self, thread_id: str) -> None:
        thread = self._threads.get(thread_id)
        for kept in list(thread.turns) if thread else ():
            await self.discard(kept.id)

    async def purge(self, ended_before: datetime) -> int:
        turns = [self._turns[id] for id in self._entries]
        old = [kept for kept in turns if (end := kept.record.turn.ended_at) is not None and end < ended_before]
        for kept in old:
            self._forget(kept)
            kept.record = replace(kept.record, input=b"", state=b"", key=None, digest=None)
        return len(old)

    def _known(self, turn_id: str) -> KeptTurn:
        if turn_id not in self._turns:
            raise NotFoundError("turn", turn_id)
        return self._turns[turn_id]

    def _matching(self, query: TurnQuery) -> Iterator[KeptTurn]:
        if query.thread_id is None:
            candidates = list(self._turns.values())
        else:
            thread = self._threads.get(query.thread_id)
            candidates = thread.turns if thread else []
        return (kept for kept in candidates if _matches(kept.record, query))

    def _forget(self, kept: KeptTurn) -> None:
        self._entries.pop(kept.id, None)
        if kept.record.key is not None:
            del self._keys[kept.record.owner, kept.record.key]

    def _take(self, kept: KeptTurn, lease: str) -> Taken:
        thread = self._threads[kept.record.turn.thread_id]
        thread.fences += 1
        kept.lease, kept.fence = lease, thread.fences
        return Taken(kept.copied(), Fence(kept.id, lease, kept.fence))

    def _taken(self, fence: Fence) -> KeptTurn:
        kept = self._active.get(fence.turn_id)
        if kept is None or (kept.lease, kept.fence) != (fence.lease, fence.number) or not self._is_held(fence.lease):
            raise LeaseLostError(fence.turn_id)
        return kept

    def _check_lease(self, lease: str, turn_id: str) -> None:
        if not self._is_held(lease):
            raise LeaseLostError(turn_id)

    def _is_held(self, lease: str) -> bool:
        return self._deadlines.get(lease, -math.inf) > self._clock()


def _running(turn: TurnMetadata) -> TurnMetadata:
    started_at = turn.started_at or utc_now()
    return turn.model_copy(update={"status": "running", "started_at": started_at, "waiting_for": None})


def _matches(record: TurnRecord, query: TurnQuery) -> bool:
    turn = record.turn
    return (
        record.owner == query.owner
        and (not query.statuses or turn.status in query.statuses)
        and (query.since is None or turn.created_at >= query.since)
        and (query.until is None or turn.created_at < query.until)
    )
