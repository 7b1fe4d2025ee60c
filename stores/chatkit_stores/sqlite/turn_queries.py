"""What is read of the turn log: functions of a connection, in the connection's thread."""

import sqlite3
import time
from typing import Any

from chatkit_core.errors import GoneError, NotFoundError
from chatkit_core.turn_log import Entry, Outcome, TurnQuery, TurnRecord, summary
from chatkit_core.turn_log.codec import decode_entries
from chatkit_core.types.turns import TurnSummary
from chatkit_stores.sqlite.turn_rows import COLUMNS, IS_ACTIVE, record_of

Connection = sqlite3.Connection
_MAX_INTEGER = 2**63 - 1


def load(connection: Connection, turn_id: str) -> TurnRecord:
    """Return the turn; `NotFoundError` if there is none."""
    row = connection.execute(f"SELECT {COLUMNS} FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is None:
        raise NotFoundError("turn", turn_id)
    return record_of(row)


def read(connection: Connection, turn_id: str, after: int) -> list[Entry]:
    """Return the turn's later entries; `NotFoundError` if there is no such turn, `GoneError` if they are purged."""
    row = connection.execute("SELECT number, input IS NULL FROM turns WHERE id = ?", (turn_id,)).fetchone()
    if row is None:
        raise NotFoundError("turn", turn_id)
    number, purged = row
    if purged:
        raise GoneError("turn")
    blobs = connection.execute(
        "SELECT data FROM batches WHERE turn = ? AND seq > ? ORDER BY seq", (number, min(after, _MAX_INTEGER))
    )
    return [entry for (blob,) in blobs for entry in decode_entries(blob) if entry.seq > after]


def cancel_requests(connection: Connection, lease: str) -> dict[str, str]:
    """Return the reasons by turn id, of the turns of the lease that are to end."""
    sql = "SELECT id, cancel FROM turns INDEXED BY turns_to_cancel WHERE lease = ? AND cancel IS NOT NULL"
    return dict(connection.execute(sql, (lease,)).fetchall())


def list_lost(connection: Connection) -> list[str]:
    """Return the ids of the active turns whose lease is over."""
    sql = "SELECT turns.id FROM leases CROSS JOIN turns ON lease = leases.id WHERE expires_at <= ?"
    return [row[0] for row in connection.execute(sql, (time.time(),))]


def turns_of_thread(connection: Connection, thread_id: str, after: str | None) -> list[TurnRecord]:
    """Return the thread's turns that are active or have a place after that of a turn, by their places."""
    place = connection.execute("SELECT place FROM turns WHERE id = ? AND thread_id = ?", (after, thread_id)).fetchone()
    rows = connection.execute(
        f"SELECT place, {COLUMNS} FROM turns WHERE thread_id = ? AND {IS_ACTIVE} ORDER BY place",
        (thread_id,),
    ).fetchall()
    if place is not None:
        later = connection.execute(
            f"SELECT place, {COLUMNS} FROM turns WHERE thread_id = ? AND place > ? ORDER BY place",
            (thread_id, place[0]),
        )
        rows = [row for row in rows if row[0] <= place[0]] + later.fetchall()
    return [record_of(row[1:]) for row in rows]


def list_turns(
    connection: Connection, query: TurnQuery, limit: int, after: str | None, descending: bool
) -> list[TurnRecord]:
    """Return a page of turns; `NotFoundError` if `after` is not a turn of the owner."""
    where, values = _matching(query)
    if after is not None:
        edge = connection.execute(
            "SELECT created_at, number FROM turns WHERE id = ? AND owner = ?", (after, query.owner)
        ).fetchone()
        if edge is None:
            raise NotFoundError("turn", after)
        where += f" AND (created_at, number) {'<' if descending else '>'} (?, ?)"
        values += edge
    direction = "DESC" if descending else "ASC"
    sql = f"SELECT {COLUMNS} FROM turns WHERE {where} ORDER BY created_at {direction}, number {direction} LIMIT ?"
    return [record_of(row) for row in connection.execute(sql, (*values, limit)).fetchall()]


def summarize(connection: Connection, query: TurnQuery) -> TurnSummary:
    """Count the turns."""
    where, values = _matching(query)
    rows = connection.execute(f"SELECT status, seconds, error_code FROM turns WHERE {where}", values)
    return summary(Outcome(*row) for row in rows)


def _matching(query: TurnQuery) -> tuple[str, list[Any]]:
    """Return the condition that the query says, and its values."""
    conditions, values = ["owner = ?"], list[Any]([query.owner])
    if query.thread_id is not None:
        conditions.append("thread_id = ?")
        values.append(query.thread_id)
    if query.statuses:
        conditions.append(f"status IN ({', '.join('?' * len(query.statuses))})")
        values += sorted(query.statuses)
    if query.since is not None:
        conditions.append("created_at >= ?")
        values.append(query.since.timestamp())
    if query.until is not None:
        conditions.append("created_at < ?")
        values.append(query.until.timestamp())
    return " AND ".join(conditions), values
