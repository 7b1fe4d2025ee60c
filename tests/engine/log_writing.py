"""A turn log that can fail and be held up, and turns that are written to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from client_model import decoded

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.lease import Lease
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.turn_log import Entry, Fence, Taken, TurnRecord
from chatkit_core.types import TurnMetadata, TurnStatus, utc_now
from chatkit_stores.memory import MemoryTurnLog


class Log(MemoryTurnLog):
    """A log that fails as often as it is told to, and that can be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0
        self.appended: list[dict[str, list[int]]] = []
        self.entered = asyncio.Event()
        self.release = asyncio.Event()
        self.release.set()

    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        await self._pass()
        await super().append(lease, batches)
        self.appended.append({turn_id: [entry.seq for entry in entries] for turn_id, entries in batches.items()})

    async def update(
        self, record: TurnRecord, fence: Fence, entries: Sequence[Entry] = (), *, release: bool = False
    ) -> None:
        await self._pass()
        await super().update(record, fence, entries, release=release)

    async def _pass(self) -> None:
        self.entered.set()
        await self.release.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")


class Writing:
    """A writer, and the turns that it writes for."""

    def __init__(self, log: Log, interval: float) -> None:
        self.log = log
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.lease = Lease(log, 60, is_needed=lambda: True, on_lost=self.lost.set_result)
        self.writer = LogWriter(log, self.lease, interval=interval)

    async def begin(self, turn_id: str) -> "Turn":
        turn = TurnMetadata(id=turn_id, thread_id=turn_id, op="threads.create", status="queued", created_at=utc_now())
        taken = await self.log.create(TurnRecord(turn, "ada", b"{}"), await self.lease.acquire())
        assert isinstance(taken, Taken)
        return Turn(self, taken)


class Turn:
    """One turn, and its reader, who is there from the start."""

    def __init__(self, writing: Writing, taken: Taken) -> None:
        self.feed = Feed(taken.record.turn.id)
        self.reader = self.feed.reader(turns=True)
        self.fence = taken.fence
        self._writing = writing
        self._taken = taken

    def record(self, status: TurnStatus) -> TurnRecord:
        return replace(self._taken.record, turn=self._taken.record.turn.model_copy(update={"status": status}))

    def notice(self) -> None:
        self.feed.say("notice", b'"notice"')

    def text(self, said: str) -> None:
        self.feed.say_text(b'{"delta":', b"}", said)

    async def done(self, data: bytes = b'"done"') -> None:
        await self._writing.writer.say(self.feed, self.fence, "thread.item.done", data)

    async def finish(self, status: TurnStatus = "completed") -> None:
        event = f"turn.{status}", b"{}"
        await self._writing.writer.finish(self.feed, self.fence, self.record(status), event)

    async def logged(self) -> list[int]:
        return [entry.seq for entry in await self._writing.log.read(self.feed.turn_id, 0)]

    def heard(self) -> list[str]:
        return [event.data for event in decoded(self.reader.take())]


@asynccontextmanager
async def writing(interval: float = 60) -> AsyncIterator[Writing]:
    one = Writing(Log(), interval)
    try:
        yield one
    finally:
        await one.lease.release()
