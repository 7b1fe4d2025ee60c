"""Writes what turns say to the turn log: all turns of the process in one transaction, every so often."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.lease import Lease
from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Entry, Fence, TurnLog, TurnRecord, Writer, writing_as

_log = logging.getLogger("chatkit_core")

RETRY_SECONDS = 1.0
"""Between two tries to write the end of a turn to a log that cannot be written."""


class LogWriter:
    """Batches the entries of the feeds that it is given.

    What one feed says is written in order: whoever writes for it alone holds `feed.writing`, and waits until the batch
    is written in which the feed is.

    Args:
        lease: what the turns run under.
        interval: seconds between two batches; a crash costs at most the text of so much time.
    """

    def __init__(self, log: TurnLog, lease: Lease, *, interval: float = 0.1) -> None:
        self._log = log
        self._lease = lease
        self._interval = interval
        self._feeds: dict[str, Feed] = {}
        self._in_batch: set[Feed] = set()
        self._batch_written = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[None]] = set()

    def add(self, feed: Feed) -> None:
        """Write what the feed says, from now on."""
        self._feeds[feed.turn_id] = feed
        if self._task is None:
            self._task = asyncio.create_task(self._write_regularly())

    def remove(self, feed: Feed) -> None:
        """Write nothing more of the feed."""
        if self._feeds.get(feed.turn_id) is feed:
            del self._feeds[feed.turn_id]
        if not self._feeds and self._task is not None:
            self._task.cancel()
            self._task = None

    async def say(
        self, feed: Feed, fence: Fence, type: str, data: bytes, save: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Save what an event is about, write to the log what the feed has said so far and the event, and then say it.

        It is said also if the log cannot be written, which is tried again with the next batch.

        Args:
            save: writes to the store; what the log gets goes into the same transaction, if the store can do that.

        Raises:
            LeaseLostError: the turn is not this process's any more; the event is not said.
            Exception: it could not be saved; the event is not said.
        """
        async with feed.writing:
            await self._leave_batch(feed)
            unlogged = feed.take_unlogged()
            entry = feed.about_to_say(type, data)
            writer = Writer(self._log, fence, [*unlogged, entry])
            said = logged = False
            try:
                if save is not None:
                    await _save(save, writer)
                logged = writer.entries is None or await self._append(fence.lease, {feed.turn_id: writer.entries})
                feed.say_written(entry, logged=logged)
                said = True
            finally:
                if not logged:
                    feed.put_back_unlogged(unlogged)
                if not said:
                    feed.forgo()

    async def finish(self, feed: Feed, fence: Fence, record: TurnRecord, event: tuple[str, bytes] | None) -> None:
        """Write the turn's row, what the feed has said, and its last event for now, which is said then; nobody holds
        the turn any more.

        Args:
            event: its type and JSON; None if all is said.

        Raises:
            LeaseLostError: the turn is not this process's any more; the event is not said.
            Exception: the log cannot be written; the event is not said.
        """
        async with feed.writing:
            await self._leave_batch(feed)
            unlogged = feed.take_unlogged()
            last = [feed.about_to_say(*event)] if event else []
            said = False
            try:
                await self._log.update(record, fence, [*unlogged, *last], release=True)
                for entry in last:
                    feed.say_written(entry, logged=True)
                said = True
            finally:
                if not said:
                    feed.put_back_unlogged(unlogged)
                    feed.forgo()

    def finish_later(self, feed: Feed, fence: Fence, record: TurnRecord) -> None:
        """Do so as soon as the log can be written again; everything is said."""
        task = asyncio.create_task(self._finish_later(feed, fence, record))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def close(self, seconds: float) -> None:
        """Give what is still to be written so much time."""
        if self._late:
            await asyncio.wait(self._late, timeout=seconds)
        for task in self._late:
            task.cancel()

    async def _finish_later(self, feed: Feed, fence: Fence, record: TurnRecord) -> None:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                return await self.finish(feed, fence, record, None)
            except LeaseLostError:
                return None
            except Exception:
                _log.exception("The end of turn %s could not be written to the turn log.", feed.turn_id)

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            lease = self._lease.held
            if lease is not None:
                await self._write_batch(lease)

    async def _write_batch(self, lease: str) -> None:
        free = (feed for feed in self._feeds.values() if not feed.writing.locked())
        taken = {feed: entries for feed in free if (entries := feed.take_unlogged())}
        if not taken:
            return
        self._in_batch.update(taken)
        self._batch_written.clear()
        written = False
        try:
            written = await self._append(lease, {feed.turn_id: entries for feed, entries in taken.items()})
        except LeaseLostError:
            self._lease.lose(lease)
        finally:
            if not written:
                for feed, entries in taken.items():
                    feed.put_back_unlogged(entries)
            self._in_batch.clear()
            self._batch_written.set()

    async def _leave_batch(self, feed: Feed) -> None:
        """Wait until no batch is being written that the feed is in."""
        while feed in self._in_batch:
            await self._batch_written.wait()

    async def _append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> bool:
        """Append to the log; return whether that could be done."""
        try:
            await self._log.append(lease, batches)
        except LeaseLostError:
            raise
        except Exception:
            _log.exception("The turn log could not be written; it is tried again with the next batch of the turn.")
            return False
        return True


async def _save(save: Callable[[], Awaitable[None]], writer: Writer) -> None:
    """Save as this writer, and nobody else meanwhile."""
    token = writing_as.set(writer)
    try:
        await save()
    finally:
        writing_as.reset(token)
