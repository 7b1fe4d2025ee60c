"""Writes what turns say to the turn log: all turns of the process in one transaction, every so often."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from chatkit_core.engine.feed import Feed
from chatkit_core.turn_log import Entry, EventEntry, TurnLog

_log = logging.getLogger("chatkit_core")


class LogWriter:
    """Batches the entries of the feeds that it is given.

    Args:
        interval: seconds between two batches; a crash costs at most the text of so much time.
    """

    def __init__(self, log: TurnLog, *, interval: float = 0.1) -> None:
        self._log = log
        self._interval = interval
        self._feeds: dict[str, Feed] = {}
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    def add(self, feed: Feed) -> None:
        """Write what the feed says, from now on."""
        self._feeds[feed.turn_id] = feed
        if self._task is None:
            self._task = asyncio.create_task(self._write_regularly())

    async def remove(self, feed: Feed) -> None:
        """Write the rest of what the feed has said, and nothing more of it."""
        self._feeds.pop(feed.turn_id, None)
        await self._write([feed])
        if not self._feeds and self._task is not None:
            self._task.cancel()
            self._task = None

    async def write_before_saying(self, feed: Feed, entry: EventEntry) -> bool:
        """Write what the feed has said, and then the entry, which it is about to say; return whether it is written."""
        return await self._write([feed], {feed.turn_id: entry})

    async def _write_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self._write(self._feeds.values())

    async def _write(
        self, feeds: Iterable[Feed], about_to_say: Mapping[str, EventEntry] = MappingProxyType({})
    ) -> bool:
        async with self._lock:
            taken = [(feed, feed.take_unlogged()) for feed in feeds]
            batches: dict[str, list[Entry]] = {feed.turn_id: entries[:] for feed, entries in taken if entries}
            for turn_id, entry in about_to_say.items():
                batches.setdefault(turn_id, []).append(entry)
            if not batches:
                return True
            written = False
            try:
                await self._log.append(batches)
                written = True
            except Exception:
                _log.exception("The turn log could not be written; it is tried again with the next batch of the turn.")
            finally:
                if not written:
                    for feed, entries in taken:
                        feed.put_back_unlogged(entries)
            return written
