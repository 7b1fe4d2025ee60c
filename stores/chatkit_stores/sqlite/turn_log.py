"""`SQLiteTurnLog`: the contract of a turn log, over a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec, TypeVar

from chatkit_core.turn_log import Entry, Fence, Taken, TurnLog, TurnQuery, TurnRecord
from chatkit_core.turn_log.codec import encode_entries
from chatkit_core.types.turns import OnBusy, TurnMetadata, TurnSummary
from chatkit_stores.sqlite import lease_statements, turn_queries, turn_rows, turn_statements
from chatkit_stores.sqlite.database import Database
from chatkit_stores.sqlite.url import path_of

P = ParamSpec("P")
T = TypeVar("T")

PURGED_AT_ONCE = 50
"""Turns that are purged in one transaction, so that nobody who writes waits for long."""


class SQLiteTurnLog(TurnLog):
    """Keeps turns in a SQLite file, which several processes may share, and a `SQLiteStore` too.

    Args:
        file: the file; it is made if it is missing, its folder is not. Or a database that somebody else closes.
        synchronous: as for `SQLiteStore`; not for a database.

    Raises, from whatever opens it first:
        UnreadableDatabaseError: the file cannot be opened, is not ours, or is of a newer version.
    """

    def __init__(self, file: str | Path | Database, *, synchronous: Literal["NORMAL", "FULL"] = "NORMAL") -> None:
        self._shares = isinstance(file, Database)
        self._database = file if isinstance(file, Database) else Database(file, synchronous)

    @classmethod
    def from_url(cls, url: str) -> SQLiteTurnLog:
        """Return the log for `sqlite:///relative.db` or `sqlite:////absolute.db`.

        Raises:
            ValueError: the URL is not one of these.
        """
        return cls(path_of(url))

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        if not self._shares:
            await self._database.close()

    # Leases

    async def acquire_lease(self, seconds: float) -> str:
        return await self._write(lease_statements.acquire_lease, seconds)

    async def renew_lease(self, lease: str, seconds: float) -> bool:
        return await self._write(lease_statements.renew_lease, lease, seconds)

    async def release_lease(self, lease: str) -> None:
        await self._write(lease_statements.release_lease, lease)

    # A turn's way

    async def create(
        self,
        record: TurnRecord,
        lease: str,
        *,
        on_busy: OnBusy = "enqueue",
        beside_waiting: bool = False,
        max_queued: int = 20,
    ) -> Taken | TurnRecord:
        record = replace(record, turn=record.turn.model_copy())
        return await self._write(turn_statements.create, record, lease, on_busy, beside_waiting, max_queued)

    async def start(self, fence: Fence, *, beside_waiting: bool = False) -> Taken | None:
        return await self._write(turn_statements.start, fence, beside_waiting)

    async def take(self, turn_id: str, lease: str) -> Taken | None:
        return await self._write(turn_statements.take, turn_id, lease)

    async def update(
        self, record: TurnRecord, fence: Fence, entries: Sequence[Entry] = (), *, release: bool = False
    ) -> None:
        batches = [batch_of(record.turn.id, entries)] if entries else []
        await self._write(turn_statements.update, turn_rows.row_of(record), fence, batches, release)

    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        await self._write(turn_statements.append, lease, [batch_of(*batch) for batch in batches.items() if batch[1]])

    async def discard(self, turn_id: str) -> None:
        await self._write(turn_statements.discard, turn_id)

    # What processes ask of each other

    async def request_cancel(self, turn_id: str, reason: str) -> None:
        await self._write(turn_statements.request_cancel, turn_id, reason)

    async def cancel_requests(self, lease: str) -> dict[str, str]:
        return await self._read(turn_queries.cancel_requests, lease)

    async def list_lost(self) -> list[str]:
        return await self._read(turn_queries.list_lost)

    # Reading

    async def load(self, turn_id: str) -> TurnRecord:
        return await self._read(turn_queries.load, turn_id)

    async def read(self, turn_id: str, after: int) -> list[Entry]:
        return await self._read(turn_queries.read, turn_id, after)

    async def turns_of_thread(self, thread_id: str, *, after: str | None = None) -> list[TurnRecord]:
        return await self._read(turn_queries.turns_of_thread, thread_id, after)

    async def list_turns(
        self, query: TurnQuery, *, limit: int, after: str | None = None, order: Literal["asc", "desc"] = "desc"
    ) -> list[TurnRecord]:
        return await self._read(turn_queries.list_turns, query, limit, after, order == "desc")

    async def summarize(self, query: TurnQuery) -> TurnSummary:
        return await self._read(turn_queries.summarize, query)

    # Forgetting

    async def delete_thread(self, thread_id: str) -> None:
        await self._write(turn_statements.delete_thread, thread_id)

    async def purge(self, ended_before: datetime) -> int:
        purged = 0
        while True:
            count = await self._write(turn_statements.purge, ended_before.timestamp(), PURGED_AT_ONCE)
            purged += count
            if count < PURGED_AT_ONCE:
                return purged

    async def _read(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        TurnMetadata.model_rebuild()  # here, because two threads must not build its validator at the same time
        return await self._database.read(lambda connection: statement(connection, *args, **kwargs))

    async def _write(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        TurnMetadata.model_rebuild()
        return await self._database.write(lambda connection: statement(connection, *args, **kwargs))


def batch_of(turn_id: str, entries: Sequence[Entry]) -> turn_statements.Batch:
    """Return the entries, of which there are some, as they are written."""
    return turn_statements.Batch(turn_id, entries[0].first_seq, entries[-1].seq, encode_entries(entries))
