"""A reader of what follows a cursor, for responses: as `Reader` reads a live turn."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

from pydantic import BaseModel

from chatkit_core import sse
from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.feed import Reader

_log = logging.getLogger("chatkit_core")

Frames = AsyncGenerator[bytes | Reader, None]
"""Frames, and readers of turns that are alive here: the next is asked for once the reader is at its end."""

_closing: set[asyncio.Task[None]] = set()


class Follow:
    """Reads frames as they come, and no faster than they are taken.

    A turn that is alive here is read without a detour: a hot path, when many follow it.

    Args:
        frames: where they come from.
        on_close: called with this once nobody reads any more.
    """

    def __init__(self, frames: Frames, on_close: Callable[["Follow"], None]) -> None:
        self._frames = frames
        self._on_close = on_close
        self._ready: list[bytes] = []
        self._reader: Reader | None = None
        self._next: asyncio.Task[bytes | Reader | None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.at_end = False

    def notify(self, frame: bytes) -> None:
        """Send a frame that has no place in any turn."""
        self._ready.append(frame)
        self.interrupt()

    def end(self) -> None:
        """Nothing more is read; what is ready is still taken."""
        self.at_end = True
        self.interrupt()

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""
        if self._reader is not None:
            if frames := self._reader.take():
                self._ready.append(frames)
            elif self._reader.at_end:
                self._reader = None
        if not self._ready:
            return b""
        ready, self._ready = self._ready, []
        return ready[0] if len(ready) == 1 else b"".join(ready)

    def wait(self) -> Awaitable[None]:
        """Wait until there is more to take, there is no more, or `interrupt` is called."""
        if self._reader is not None:
            return self._reader.wait()
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        if self.at_end or self._ready:
            waiter.set_result(None)
        elif self._next is None:
            self._next = asyncio.create_task(self._read())
            self._next.add_done_callback(self._take_next)
        return waiter

    def then(self) -> None:
        """That was all."""

    def interrupt(self) -> None:
        """Let `wait` return now."""
        if self._reader is not None:
            self._reader.interrupt()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Stop reading."""
        if self._next is not None and not self._next.done():
            self._next.cancel()
        else:  # between two frames
            closing = asyncio.create_task(self._frames.aclose())
            _closing.add(closing)
            closing.add_done_callback(_closing.discard)
        self.interrupt()
        self._on_close(self)

    def _take_next(self, read: asyncio.Task[bytes | Reader | None]) -> None:
        if read.cancelled():
            return
        self._next = None
        match read.result():
            case None:
                self.at_end = True
            case bytes() as frames:
                self._ready.append(frames)
            case reader:
                self._reader = reader
        self.interrupt()

    async def _read(self) -> bytes | Reader | None:
        try:
            return await anext(self._frames, None)
        except Exception:
            _log.exception("What a client follows could not be read; it is left to ask again.")
            return None


class Follows:
    """All who follow in this process."""

    def __init__(self) -> None:
        self._ended = False
        self._all: dict[Follow, str | None] = {}
        self._by_thread: dict[str, set[Follow]] = {}

    def begin(self) -> None:
        """Let those stay who come from now on."""
        self._ended = False

    def open(self, frames: Frames, thread_id: str | None = None) -> Follow:
        """Return a new one.

        Args:
            thread_id: the thread that it follows; None for a single turn.
        """
        follow = Follow(frames, self._forget)
        self._all[follow] = thread_id
        if thread_id is not None:
            self._by_thread.setdefault(thread_id, set()).add(follow)
        if self._ended:
            follow.end()
        return follow

    def tell(self, thread_id: str, event: BaseModel) -> None:
        """Send an event without an id to those who follow the thread."""
        followers = self._by_thread.get(thread_id)
        if followers:
            frame = sse.encode(to_json(event))
            for follow in followers:
                follow.notify(frame)

    def end(self) -> None:
        """Send all away, also those who come later."""
        self._ended = True
        for follow in self._all:
            follow.end()

    def _forget(self, follow: Follow) -> None:
        thread_id = self._all.pop(follow, None)
        followers = self._by_thread.get(thread_id or "")
        if thread_id is not None and followers is not None:
            followers.discard(follow)
            if not followers:
                del self._by_thread[thread_id]
