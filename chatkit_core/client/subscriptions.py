"""Functions that are told what happens in a thread."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from chatkit_core.client.errors import ChatClientError
from chatkit_core.client.events import RunEvent
from chatkit_core.client.follow import Reconnecting
from chatkit_core.client.link import Link, call_function
from chatkit_core.client.streams import AsyncFollow

_log = logging.getLogger("chatkit_core")

Listener = Callable[[RunEvent], Any]


class Subscriptions:
    """The functions of one thread, each with a stream of its own."""

    def __init__(self, link: Link, thread_id: str) -> None:
        self._link = link
        self._thread_id = thread_id
        self._told: dict[Listener, tuple[AsyncFollow, asyncio.Task[None]]] = {}

    async def add(self, listener: Listener) -> None:
        """Tell the function of every event from now on. Nothing changes if it is told already."""
        if listener in self._told:
            return
        target = {"thread_id": self._thread_id, "wait": True}
        stream = AsyncFollow(self._link, target, None, Reconnecting())
        await stream.start()
        self._told[listener] = stream, self._link.spawn(_tell(stream, listener))

    async def remove(self, listener: Listener) -> None:
        """Tell the function no more. Nothing changes if it was not told."""
        if listener in self._told:
            stream, telling = self._told.pop(listener)
            telling.cancel()
            await stream.aclose()


async def _tell(stream: AsyncFollow, listener: Listener) -> None:
    try:
        async for event in stream:
            try:
                await call_function(listener, event)
            except Exception:
                _log.exception("A subscriber has failed; it is told the next event all the same.")
    except ChatClientError as error:
        _log.error("A subscriber is told no more: %s", error)
