"""A connection to SQLite in a thread of its own, as aiosqlite has it, that can run a whole function there."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class WorkerConnection(aiosqlite.Connection):
    """aiosqlite's connection, with a thread that does not keep the process alive.

    aiosqlite passes one statement at a time to its thread, which costs more than most statements do, and has no public
    way to pass a whole transaction; so `post` uses its queue, here and nowhere else. The queue is drained in order, and
    closing waits for what was posted before.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True
        self.unanswered = 0
        """How many calls of `run` are under way."""

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except Exception:  # aiosqlite has told the thread to end, and the thread still tells the loop that it did
            await asyncio.to_thread(self._thread.join)
            raise

    @classmethod
    async def open(cls, connect: Callable[[], sqlite3.Connection]) -> "WorkerConnection":
        """Connect in the new connection's thread."""
        connection = cls(connect)
        await connection
        return connection

    def post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Have the work done in the thread; it handles its own errors, and nothing waits for it."""
        connection = self._conn
        self._tx.put_nowait((None, lambda: work(connection)))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work in the thread, and return or raise what it does."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def answer(connection: sqlite3.Connection) -> None:
            try:
                settle_soon([(future, work(connection))])
            except BaseException as error:
                settle_soon([(future, error)])

        self.unanswered += 1
        try:
            self.post(answer)
            return await future
        finally:
            self.unanswered -= 1


def settle_soon(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    """From another thread, give each future its result, or raise its error there; all belong to one loop."""
    with suppress(RuntimeError):  # the loop is closed, so nobody waits any more
        outcomes[0][0].get_loop().call_soon_threadsafe(_settle, outcomes)


def _settle(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in outcomes:
        if future.done():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
