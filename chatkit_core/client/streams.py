"""Events that are read in a task of their own, so that whoever takes them may stop and come back."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from chatkit_core.client.errors import ChatClientError
from chatkit_core.client.events import RunEvent
from chatkit_core.client.follow import Reader, Reconnecting
from chatkit_core.client.frames import Frame, Op
from chatkit_core.client.link import Link
from chatkit_core.client.normalize import Normalizer


class EventStream(ABC):
    """Events to iterate over, each of which is given once. Reading begins with the first wait for one."""

    def __init__(self, link: Link, reader: Reader) -> None:
        self._link = link
        self._reader = reader
        self._normalizer = Normalizer()
        self._unread: deque[RunEvent] = deque()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    @property
    def cursor(self) -> str | None:
        """Of the last event that came."""
        return self._reader.cursor

    @property
    def turn_id(self) -> str | None:
        """The turn; None as long as the server has not named it, or if this follows a thread."""
        return self._reader.turn_id

    def __aiter__(self) -> AsyncIterator[RunEvent]:
        return self

    async def __anext__(self) -> RunEvent:
        task = self._begin()
        while not self._unread:
            if task.done():
                self._raise_error()
                raise StopAsyncIteration
            await self._change()
        return self._unread.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Wait until the server has answered; from then on nothing is missed.

        Raises:
            RefusedError: the server refuses.
            ConnectionLostError: the server cannot be reached.
        """
        task = self._begin()
        await _first(self._reader.answered, task)
        if not self._reader.answered.is_set():
            self._raise_error()

    async def aclose(self) -> None:
        """Read no further. The turn goes on."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    @abstractmethod
    async def _read(self) -> None:
        """Read to the end; `_take` what comes."""

    def _take(self, frame: Frame) -> None:
        for event in self._normalizer.take(frame):
            self._keep(event)
        self._changed.set()

    def _keep(self, event: RunEvent) -> None:
        self._unread.append(event)

    def _begin(self) -> asyncio.Task[None]:
        if self._task is None:
            self._task = self._link.spawn(self._run())
        return self._task

    async def _run(self) -> None:
        try:
            await self._read()
        except asyncio.CancelledError:
            self._error = ChatClientError("The stream was closed.")
            raise
        except Exception as error:
            self._error = error

    async def _change(self) -> None:
        """Wait for an event, or the end."""
        assert self._task is not None
        self._changed.clear()
        await _first(self._changed, self._task)

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error


class AsyncFollow(EventStream):
    """What a turn says, or the turns of a thread, from a cursor on."""

    def __init__(self, link: Link, target: Op, after: str | None, reconnecting: Reconnecting) -> None:
        reader = Reader(link.transport, target, after=after, reconnecting=reconnecting)
        super().__init__(link, reader)

    async def _read(self) -> None:
        async for frame in self._reader.frames():
            self._take(frame)


async def _first(event: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Wait for an event, or for the end of a task."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
