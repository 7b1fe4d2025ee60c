"""A reader of what follows a cursor, for responses: as `Reader` reads a live turn."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

from pydantic import BaseModel

from chatkit_core import sse
from chatkit_core.engine.encoding import to_json

_log = logging.getLogger("chatkit_core")

_closing: set[asyncio.Task[None]] = set()


class Follow:
    """Reads frames as they come, and no faster than they are taken.

    Args:
        frames: where they come from.
        on_close: called with this once nobody reads any more.
    """

    def __init__(self, frames: AsyncGenerator[bytes, None], on_close: Callable[["Follow"], None]) -> None:
        self._frames = frames
        self._on_close = on_close
        self._notices: list[bytes] = []
        self._next: asyncio.Task[bytes | None] | None = None
        self._interrupted = asyncio.Event()
        self.at_end = False

    def notify(self, frame: bytes) -> None:
        """Send a frame that has no place in any turn."""
        self._notices.append(frame)
        self._interrupted.set()

    def end(self) -> None:
        """Nothing more is read; what is ready is still taken."""
        self.at_end = True
        self._interrupted.set()

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""
        if self._next is not None and self._next.done():
            frames = self._next.result()
            self._next = None
            if frames is None:
                self.at_end = True
            else:
                self._notices.append(frames)
        taken = b"".join(self._notices)
        self._notices.clear()
        return taken

    async def wait(self) -> None:
        """Return when there is more to take, when there is no more, or when `interrupt` is called."""
        if self.at_end or self._notices:
            return
        self._interrupted.clear()
        if self._next is None:
            self._next = asyncio.create_task(self._read())
        interrupted = asyncio.create_task(self._interrupted.wait())
        try:
            await asyncio.wait({self._next, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interrupted.cancel()

    def then(self) -> None:
        """That was all."""

    def interrupt(self) -> None:
        """Let `wait` return now."""
        self._interrupted.set()

    def close(self) -> None:
        """Stop reading."""
        if self._next is not None and not self._next.done():
            self._next.cancel()
        else:  # between two frames
            closing = asyncio.create_task(self._frames.aclose())
            _closing.add(closing)
            closing.add_done_callback(_closing.discard)
        self._on_close(self)

    async def _read(self) -> bytes | None:
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

    def open(self, frames: AsyncGenerator[bytes, None], thread_id: str | None = None) -> Follow:
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
