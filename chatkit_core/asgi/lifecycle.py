"""When the server opens its stores, and how it shuts down.

uvicorn waits for open responses before it tells the app that it is to end; but a response ends with its turn. So the
server listens to the signals itself, and hands them on to whoever listened before.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from chatkit_core.engine import Engine, Hooks
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import TurnLog
from chatkit_core.types.times import utc_now

_log = logging.getLogger("chatkit_core")

UNUSED_ATTACHMENT = timedelta(days=1)
"""How old an upload that no message names may grow."""
CLEANING_INTERVAL = 300.0
"""Seconds between two cleanings."""


class Lifecycle:
    """Opens a server once, cleans up while it runs, and closes it."""

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        log: TurnLog,
        attachments: AttachmentStore[Any] | None,
        engine: Engine,
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._turn_log = log
        self._attachments = attachments
        self._engine = engine
        self._opening: asyncio.Lock | None = None
        self._open = False
        self._cleaner: asyncio.Task[None] | None = None
        self._shutdown: asyncio.Task[None] | None = None
        self._signals = contextlib.ExitStack()

    @property
    def is_open(self) -> bool:
        """Whether the stores are open."""
        return self._open

    async def ensure_open(self) -> None:
        """Open the stores if they are not, and listen to the signals that end the process."""
        if self._open:
            return
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if not self._open:
                await self._store.open()
                await self._turn_log.open()
                self._engine.open()
                self._cleaner = asyncio.create_task(self._clean_regularly())
                self._signals.enter_context(_chained_signals(self._begin_shutdown))
                self._open = True

    async def close(self) -> None:
        """End all turns and close the stores."""
        if not self._open:
            return
        self._signals.close()
        await self._engine.close()
        if self._cleaner is not None:
            self._cleaner.cancel()
            await asyncio.wait({self._cleaner})
        await self._turn_log.close()
        await self._store.close()
        self._open = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Be open inside."""
        await self.ensure_open()
        try:
            yield
        finally:
            await self.close()

    async def clean(self, now: datetime) -> None:
        """Forget what turns said that ended long before now, and uploads that no message has named by now."""
        await self._turn_log.purge(now - self._hooks.retention)
        stale = await self._store.drop_stale_attachments(now - UNUSED_ATTACHMENT)
        if self._attachments is not None:
            await self._attachments.discard(stale)

    def _begin_shutdown(self) -> None:
        self._shutdown = asyncio.create_task(self._engine.runner.shut_down())

    async def _clean_regularly(self) -> None:
        while True:
            try:
                await self.clean(utc_now())
            except Exception:
                _log.exception("Cleaning up has failed; it is tried again later.")
            await asyncio.sleep(CLEANING_INTERVAL)


@contextlib.contextmanager
def _chained_signals(begin_shutdown: Any) -> Iterator[None]:
    """Call back in the loop on SIGINT and SIGTERM, besides whoever handles them; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def chain(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(begin_shutdown)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)
        elif earlier is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in before:
        signal.signal(number, chain)
    try:
        yield
    finally:
        for number, earlier in before.items():
            if signal.getsignal(number) is chain:
                signal.signal(number, earlier)
