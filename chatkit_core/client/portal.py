"""Async code for code that is not: an event loop in a thread of its own."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from typing import ParamSpec, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

P = ParamSpec("P")
T = TypeVar("T")


class Portal:
    """Runs async functions, and waits for them."""

    def __init__(self) -> None:
        self._thread: AbstractContextManager[BlockingPortal] = start_blocking_portal()
        self._portal = self._thread.__enter__()

    def wait(self, function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns. An interrupt (Ctrl-C) cancels it, and is raised once it has cleaned up."""
        scopes: list[anyio.CancelScope] = []

        async def call() -> T:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                return await function(*args, **kwargs)
            raise AssertionError("only an interrupt cancels this")

        def cancel() -> None:
            for scope in scopes:
                scope.cancel()

        future = self._portal.start_task_soon(call)
        try:
            return future.result()
        except BaseException:
            if not future.done():
                self._portal.call(cancel)
                future.exception()
            raise

    def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function returns that has to run in the loop, though it waits for nothing."""
        return self._portal.call(functools.partial(function, *args, **kwargs))

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Yield what the async iterator yields."""
        while True:
            try:
                item = self.wait(items.__anext__)
            except StopAsyncIteration:
                return
            yield item

    def close(self) -> None:
        """End the thread."""
        self._thread.__exit__(None, None, None)
