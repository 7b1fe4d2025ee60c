"""Writes what turns say to the turn log: all turns of the process in one transaction, every so often."""

import asyncio
import logging
from contextlib import AsyncExitStack

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.lease import Lease
from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Entry, Fence, TurnLog, TurnRecord

_log = logging.getLogger("chatkit_core")

RETRY_SECONDS = 1.0
"""Between two tries to write the end of a turn to a log that cannot be written."""


class LogWriter:
    """Batches the entries of the feeds that it is given.

    What one feed says is written in order: whoever writes for it holds `feed.writing`.

    Args:
        lease: what the turns run under.
        interval: seconds between two batches; a crash costs at most the text of so much time.
    """

    def __init__(self, log: TurnLog, lease: Lease, *, interval: float = 0.1) -> None:
        self._log = log
        self._lease = lease
        self._interval = interval
        self._feeds: dict[str, Feed] = {}
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

    async def say(self, feed: Feed, fence: Fence, type: str, data: bytes) -> None:
        """Write what the feed has said so far and a new event, and then say the event.

        It is said also if the log cannot be written, which is tried again with the next batch.

        Raises:
            LeaseLostError: the turn is not this process's any more; the event is not said.
        """
        async with feed.writing:
            entry = feed.about_to_say(type, data)
            said = False
            try:
                logged = await self._append(fence.lease, [feed], {feed.turn_id: entry})
                feed.say_written(entry, logged=logged)
                said = True
            finally:
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
            unlogged: list[Entry] = [*feed.take_unlogged()]
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
            if lease is None:
                continue
            free = [feed for feed in self._feeds.values() if not feed.writing.locked()]
            async with AsyncExitStack() as stack:
                for feed in free:
                    await stack.enter_async_context(feed.writing)
                try:
                    await self._append(lease, free, {})
                except LeaseLostError:
                    self._lease.lose(lease)

    async def _append(self, lease: str, feeds: list[Feed], about_to_say: dict[str, Entry]) -> bool:
        taken = [(feed, feed.take_unlogged()) for feed in feeds]
        batches: dict[str, list[Entry]] = {feed.turn_id: entries[:] for feed, entries in taken if entries}
        for turn_id, entry in about_to_say.items():
            batches.setdefault(turn_id, []).append(entry)
        if not batches:
            return True
        written = False
        try:
            await self._log.append(lease, batches)
            written = True
        except LeaseLostError:
            raise
        except Exception:
            _log.exception("The turn log could not be written; it is tried again with the next batch of the turn.")
        finally:
            if not written:
                for feed, entries in taken:
                    feed.put_back_unlogged(entries)
        return written
