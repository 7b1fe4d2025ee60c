"""A SQLite file: one connection that writes, some that read, and a commit that those who write together share."""

import asyncio
import sqlite3
from collections import deque
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from chatkit_stores.sqlite.connection import WorkerConnection, settle_soon
from chatkit_stores.sqlite.schema import connect_reader, connect_writer
from chatkit_stores.sqlite.transaction import Work, do_together

T = TypeVar("T")

READERS = 2
"""So that a search through everything does not hold up all pages."""


class _Connections(NamedTuple):
    writer: WorkerConnection
    readers: list[WorkerConnection]


class Database:
    """A database, which opens with its first use.

    Work is a function of the connection, and runs in the connection's thread. What waits belongs to that thread and not
    to a task, so whoever is cancelled, and whichever loop ends, takes nobody else's write along.

    Args:
        path: the file; it is made if it is missing, its folder is not.
        synchronous: "NORMAL" survives the death of the process, "FULL" also a power cut.

    Raises:
        ValueError: it is neither, or the path names no file.
    """

    def __init__(self, path: str | Path, synchronous: Literal["NORMAL", "FULL"]) -> None:
        if synchronous not in ("NORMAL", "FULL"):
            raise ValueError(f"synchronous is NORMAL or FULL, not {synchronous!r}.")
        if str(path) == ":memory:":
            raise ValueError("SQLite needs a file here; what chatkit_stores.memory has needs none.")
        self._path = Path(path)
        self._synchronous = synchronous
        self._connections: _Connections | None = None
        self._changing: asyncio.Lock | None = None
        self._waiting: deque[tuple[Work[Any], asyncio.Future[Any]]] = deque()
        self._writer_will_look = False
        """Whether the writer has been told of what waits, and has not taken it yet."""

    async def open(self) -> None:
        """Open the file and bring its tables to this version; nothing if it is open.

        Raises:
            UnreadableDatabaseError: the file cannot be opened, is not ours, or is of a newer version.
        """
        await self._open()

    async def close(self) -> None:
        """Write what waits, and close the file; nothing if it is closed."""
        async with self._lock():
            connections, self._connections = self._connections, None
            if connections is not None:
                await _close(*connections.readers, connections.writer)
        self._changing = None  # the next to open it may be in another loop

    async def read(self, work: Work[T]) -> T:
        """Do the work on one snapshot of the database; it does not wait for writers."""
        connections = self._connections or await self._open()
        reader = min(connections.readers, key=lambda reader: reader.unanswered)
        return await reader.run(partial(_on_a_snapshot, work))

    async def write(self, work: Work[T]) -> T:
        """Do the work in a transaction; return when it is committed.

        All that wait at a time share one commit. Work that raises is undone by itself.
        """
        connections = self._connections or await self._open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if not self._writer_will_look:  # to tell it wakes its thread, which costs more than all else here
            self._writer_will_look = True
            connections.writer.post(self._commit_waiting)
        return await future

    async def _open(self) -> _Connections:
        async with self._lock():
            if self._connections is None:
                writer = await WorkerConnection.open(partial(connect_writer, self._path, self._synchronous))
                readers: list[WorkerConnection] = []
                try:
                    for _ in range(READERS):
                        readers.append(await WorkerConnection.open(partial(connect_reader, self._path)))
                except BaseException:
                    await _close(*readers, writer)
                    raise
                self._connections = _Connections(writer, readers)
            return self._connections

    def _lock(self) -> asyncio.Lock:
        if self._changing is None:
            self._changing = asyncio.Lock()
        return self._changing

    def _commit_waiting(self, connection: sqlite3.Connection) -> None:
        """Commit all that wait; nothing if an earlier call has taken them."""
        self._writer_will_look = False  # before it looks: what comes later tells it again
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not taken:
            return
        outcomes: list[Any]
        try:
            outcomes = do_together(connection, [work for work, _ in taken])
        except BaseException as error:
            outcomes = [error] * len(taken)
        answers = [(future, outcome) for (_, future), outcome in zip(taken, outcomes, strict=True)]
        for _, of_one_loop in groupby(answers, key=lambda answer: answer[0].get_loop()):
            settle_soon(list(of_one_loop))


async def _close(*connections: WorkerConnection) -> None:
    for connection in connections:
        await connection.close()


def _on_a_snapshot(work: Work[T], connection: sqlite3.Connection) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("COMMIT")
