"""Writes that a cancellation must not cut in two."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_its_end(writing: Coroutine[Any, Any, None]) -> None:
    """Await the writing to its end also when this task is cancelled meanwhile; then raise the cancellation."""
    task = asyncio.ensure_future(writing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        task.result()
        raise
