"""Writes that a cancellation must not cut in two."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from chatkit_core.errors import LeaseLostError

_log = logging.getLogger("chatkit_core")


async def to_its_end(writing: Coroutine[Any, Any, None]) -> None:
    """Await the writing to its end also when this task is cancelled meanwhile; then raise the cancellation."""
    task = asyncio.ensure_future(writing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, LeaseLostError):
            _log.warning("A write has failed while its turn was being stopped.", exc_info=error)
        raise
