"""Tasks in which an app's code runs, which may not stop when it is told to."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds that a cancelled task has to end."""


def abandon(task: asyncio.Task[Any]) -> None:
    """Wait for the task no more, not even at the end of the process, where asyncio waits for all that it knows.

    (asyncio documents this function for those who extend it.)
    """
    asyncio._unregister_task(task)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks, and abandon those that do not end."""
    running = {task for task in tasks if not task.done()}
    for task in running:
        task.cancel()
    if running:
        _, stuck = await asyncio.wait(running, timeout=PATIENCE)
        for task in stuck:
            abandon(task)


async def bounded(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Return what the work returns, or raise what it raises.

    Raises:
        TimeoutError: it has not ended in so many seconds, whatever it does about it.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            await end([task])
    if not task.done() or task.cancelled():
        raise TimeoutError
    return task.result()
