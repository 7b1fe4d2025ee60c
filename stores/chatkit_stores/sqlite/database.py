"""A SQLite file: one connection that writes, one that reads, and a commit that those who write together share."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiosqlite

from .schema import UnreadableDatabaseError, migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT = 10.0
"""Seconds that a writer waits for another process."""


class Database:
    """An open database.

    Args:
        path: the file; it is made if it is missing, its folder is not.
        synchronous: "NORMAL" survives the death of the process, "FULL" also a power cut.
    """

    def __init__(self, path: Path, synchronous: Literal["NORMAL", "FULL"]) -> None:
        self.path = path
        self._synchronous = synchronous
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._opening: asyncio.Lock | None = None
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the file and bring its tables to this version; nothing if it is open.

        Raises:
            UnreadableDatabaseError: the file cannot be opened, is not ours, or is of a newer version.
        """
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._writer is not None:
                return
            try:
                writer = await _connect(self.path)
            except sqlite3.Error as error:
                raise UnreadableDatabaseError(f"{self.path} cannot be opened: {error}.") from None
            try:
                await _run(writer, self._prepare)
                self._reader = await _connect(self.path)
                await _run(self._reader, lambda connection: connection.execute("PRAGMA query_only = ON"))
            except sqlite3.Error as error:
                await self._abandon(writer)
                raise UnreadableDatabaseError(f"{self.path} cannot be used: {error}.") from None
            except BaseException:
                await self._abandon(writer)
                raise
            self._writer = writer

    async def close(self) -> None:
        """Write what waits, and close the file; nothing if it is closed."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
        reader, self._reader = self._reader, None
        writer, self._writer = self._writer, None
        self._opening = None
        for connection in (reader, writer):
            if connection is not None:
                await connection.close()

    async def read(self, work: Work[T]) -> T:
        """Run the work on the reading connection, in its thread; it does not wait for writers."""
        if self._reader is None or self._writer is None:
            await self.open()
        assert self._reader is not None
        return await _run(self._reader, work)

    async def write(self, work: Work[T]) -> T:
        """Run the work in a transaction; return when it is committed.

        All that wait at a time share one commit. Work that raises is undone by itself.
        """
        if self._writer is None:
            await self.open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await future

    async def write_one(self, sql: str, values: Sequence[Any]) -> None:
        """Run one statement as `write` does."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql, values)

        await self.write(work)

    async def _write_all(self) -> None:
        assert self._writer is not None
        while self._waiting:
            batch, self._waiting = self._waiting, []
            works = [work for work, _ in batch]
            try:
                outcomes = await _run(self._writer, partial(_commit, works))
            except BaseException as error:
                outcomes = [error] * len(batch)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, BaseException):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
        self._writing = None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        migrate(connection, self.path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")

    async def _abandon(self, writer: aiosqlite.Connection) -> None:
        reader, self._reader = self._reader, None
        for connection in (reader, writer):
            if connection is not None:
                await connection.close()


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT, cached_statements=256)
    # An app that never closes its store must still be able to end.
    connection._thread.daemon = True
    return await connection


async def _run(connection: aiosqlite.Connection, work: Work[T]) -> T:
    """Run a whole function in the connection's thread: a hop a statement would cost more than the statements do."""
    result: T = await connection._execute(lambda: work(connection._conn))  # type: ignore[no-untyped-call]
    return result


def _commit(works: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
    """Run all work in one transaction; return for each its result, or the error that undid it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_attempt(connection, work) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcomes


def _attempt(connection: sqlite3.Connection, work: Work[Any]) -> Any:
    connection.execute("SAVEPOINT work")
    try:
        result = work(connection)
    except Exception as error:
        if not connection.in_transaction:  # SQLite has undone everything, as it may when the disk is full
            raise
        connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")
        return error
    connection.execute("RELEASE work")
    return result
