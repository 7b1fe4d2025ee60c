"""Work that a cancellation of whoever waits for it must not cut in two."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from chatkit_core.errors import LeaseLostError

T = TypeVar("T")

_log = logging.getLogger("chatkit_core")


async def telling(work: Coroutine[Any, Any, T], ended: asyncio.Future[None]) -> T:
    """Do the work in a task of its own, whose result is there as soon as `ended` wakes who awaits it.

    (`asyncio.shield` says the same one turn of the loop later, which is felt where each event waits for it.)
    """
    try:
        return await work
    finally:
        if not ended.done():
            ended.set_result(None)


async def to_its_end(writing: Coroutine[Any, Any, None]) -> None:
    """Await the writing to its end also when this task is cancelled meanwhile; then raise the cancellation."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(telling(writing, ended))
    try:
        await ended
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, LeaseLostError):
            _log.warning("A write has failed while its turn was being stopped.", exc_info=error)
        raise
    task.result()
