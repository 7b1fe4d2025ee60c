"""What the turn log decides and writes inside a transaction: functions of a connection, in the connection's thread."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from chatkit_core.errors import LeaseLostError, QueueFullError, ThreadBusyError
from chatkit_core.turn_log import ACTIVE, Fence, Taken, TurnRecord
from chatkit_core.types.times import utc_now
from chatkit_core.types.turns import OnBusy, TurnMetadata
from chatkit_stores.sqlite.lease_statements import FENCED, check_fence, check_lease, fenced, is_held, next_fence
from chatkit_stores.sqlite.turn_rows import COLUMNS, IS_ACTIVE, record_of, row_of

Connection = sqlite3.Connection


class Batch(NamedTuple):
    """The next entries of a turn, as one blob."""

    turn_id: str
    first_seq: int
    last_seq: int
    data: bytes


def create(
    connection: Connection, record: TurnRecord, lease: str, on_busy: OnBusy, beside_waiting: bool, max_queued: int
) -> Taken | TurnRecord:
    """Insert the turn, running or queued; or return the one that has its key."""
    if record.key is not None:
        sql = f"SELECT {COLUMNS} FROM turns WHERE owner = ? AND key = ?"
        known = connection.execute(sql, (record.owner, record.key)).fetchone()
        if known is not None:
            return record_of(known)
    check_lease(connection, lease, record.turn.id)
    thread_id = record.turn.thread_id
    sql = f"SELECT id, status, place FROM turns WHERE thread_id = ? AND {IS_ACTIVE} ORDER BY place"
    active = connection.execute(sql, (thread_id,)).fetchall()
    running, queued, waiting = ([t for t in active if t[1] == status] for status in ("running", "queued", "waiting"))
    if on_busy == "reject" and (running or queued):
        raise ThreadBusyError((running or queued)[0][0])
    before = queued[0][2] if queued and on_busy == "interrupt" else None
    if running or (queued and before is None) or (waiting and not beside_waiting):
        if on_busy != "interrupt" and len(queued) >= max_queued:
            raise QueueFullError(thread_id, max_queued)
        turn = record.turn.model_copy(update={"status": "queued"})
    else:
        turn = _running(record.turn)
    return _insert(connection, replace(record, turn=turn), lease, _place(connection, thread_id, before))


def start(connection: Connection, fence: Fence, beside_waiting: bool) -> Taken | None:
    """Let the turn run, if it is its turn."""
    check_fence(connection, fence)
    sql = f"SELECT place, {COLUMNS} FROM turns WHERE id = ?"
    place, *columns = connection.execute(sql, (fence.turn_id,)).fetchone()
    record = record_of(columns)
    sql = f"SELECT id, status, place FROM turns WHERE thread_id = ? AND {IS_ACTIVE}"
    for other, status, other_place in connection.execute(sql, (record.turn.thread_id,)).fetchall():
        if other == fence.turn_id:
            continue
        if status == "running":
            return None
        if record.turn.status == "queued" and (other_place < place if status == "queued" else not beside_waiting):
            return None
    record = replace(record, turn=_running(record.turn))
    _update(connection, row_of(record))
    return _take(connection, record, fence.lease)


def take(connection: Connection, turn_id: str, lease: str) -> Taken | None:
    """Take the turn, if it is active and nobody holds it."""
    check_lease(connection, lease, turn_id)
    sql = f"SELECT lease, {COLUMNS} FROM turns WHERE id = ? AND {IS_ACTIVE}"
    row = connection.execute(sql, (turn_id,)).fetchone()
    if row is None or (row[0] is not None and is_held(connection, row[0])):
        return None
    return _take(connection, record_of(row[1:]), lease)


def update(connection: Connection, row: dict[str, Any], fence: Fence, batches: Sequence[Batch], release: bool) -> None:
    """Replace what changes of a turn's row, and append to its entries."""
    number = check_fence(connection, fence)
    _update(connection, row)
    _append(connection, "turns WHERE number = ?", [((number,), batch) for batch in batches])
    if release or row["status"] not in ACTIVE:
        connection.execute("UPDATE turns SET lease = NULL WHERE id = ?", (fence.turn_id,))


def append(connection: Connection, lease: str, batches: Sequence[Batch]) -> None:
    """Append to the entries of the turns that the lease holds."""
    if batches:
        check_lease(connection, lease, batches[0].turn_id)
        _append(connection, "turns WHERE id = ? AND lease = ?", [((batch.turn_id, lease), batch) for batch in batches])


def append_fenced(connection: Connection, fence: Fence, batch: Batch | None) -> None:
    """Append to the entries of the turn, if there is anything; it must still be taken under this fence."""
    if batch is None:
        check_fence(connection, fence)
    elif _append(connection, FENCED, [(fenced(fence), batch)]) == 0:
        raise LeaseLostError(fence.turn_id)


def discard(connection: Connection, turn_id: str) -> None:
    """Delete the turn and its entries."""
    connection.execute("DELETE FROM batches WHERE turn = (SELECT number FROM turns WHERE id = ?)", (turn_id,))
    connection.execute("DELETE FROM turns WHERE id = ?", (turn_id,))


def request_cancel(connection: Connection, turn_id: str, reason: str) -> None:
    """Keep the reason why an active turn is to end, if there is none yet."""
    sql = f"UPDATE turns SET cancel = ? WHERE id = ? AND cancel IS NULL AND {IS_ACTIVE}"
    connection.execute(sql, (reason, turn_id))


def delete_thread(connection: Connection, thread_id: str) -> None:
    """Delete the thread's turns and their entries."""
    sql = "DELETE FROM batches WHERE turn IN (SELECT number FROM turns WHERE thread_id = ?)"
    connection.execute(sql, (thread_id,))
    connection.execute("DELETE FROM turns WHERE thread_id = ?", (thread_id,))


def purge(connection: Connection, ended_before: float, limit: int) -> int:
    """Purge so many of the turns that ended before then; return how many there were."""
    sql = "SELECT number FROM turns WHERE ended_at < ? AND input IS NOT NULL ORDER BY ended_at LIMIT ?"
    numbers = connection.execute(sql, (ended_before, limit)).fetchall()
    connection.executemany("DELETE FROM batches WHERE turn = ?", numbers)
    sql = "UPDATE turns SET input = NULL, state = x'', key = NULL, digest = NULL WHERE number = ?"
    connection.executemany(sql, numbers)
    return len(numbers)


def _running(turn: TurnMetadata) -> TurnMetadata:
    started_at = turn.started_at or utc_now()
    return turn.model_copy(update={"status": "running", "started_at": started_at, "waiting_for": None})


def _place(connection: Connection, thread_id: str, before: int | None) -> int:
    """Return a place that is free: this one, from which on all are moved, or the last."""
    if before is not None:
        sql = "UPDATE turns SET place = place + 1 WHERE thread_id = ? AND place >= ?"
        connection.execute(sql, (thread_id, before))
        return before
    sql = "SELECT coalesce(max(place), 0) + 1 FROM turns WHERE thread_id = ?"
    return int(connection.execute(sql, (thread_id,)).fetchone()[0])


def _insert(connection: Connection, record: TurnRecord, lease: str, place: int) -> Taken:
    fence = Fence(record.turn.id, lease, next_fence(connection))
    connection.execute(
        """
        INSERT INTO turns (id, thread_id, owner, status, place, lease, fence, key, digest, created_at, ended_at,
            seconds, error_code, data, state, input)
        VALUES (:id, :thread_id, :owner, :status, :place, :lease, :fence, :key, :digest, :created_at, :ended_at,
            :seconds, :error_code, :data, :state, :input)
        """,
        {**row_of(record), "place": place, "lease": lease, "fence": fence.number},
    )
    return Taken(record, fence)


def _take(connection: Connection, record: TurnRecord, lease: str) -> Taken:
    fence = Fence(record.turn.id, lease, next_fence(connection))
    sql = "UPDATE turns SET lease = ?, fence = ? WHERE id = ?"
    connection.execute(sql, (lease, fence.number, fence.turn_id))
    return Taken(record, fence)


def _update(connection: Connection, row: dict[str, Any]) -> None:
    """Replace what changes in a turn's life. Its thread, its owner and its key do not, nor the indexes of these."""
    connection.execute(
        """
        UPDATE turns SET status = :status, ended_at = :ended_at, seconds = :seconds, error_code = :error_code,
            data = :data, state = :state, input = :input
        WHERE id = :id
        """,
        row,
    )


def _append(connection: Connection, turn: str, batches: Sequence[tuple[tuple[Any, ...], Batch]]) -> int:
    """Append to the entries of turns; return how many there were.

    What a turn has from a batch's first seq on, the batch replaces: one who is cancelled while they append does not
    know that it was written all the same, and appends it again. (The statements look for the turn themselves: another
    one that does would cost as much again, as each gives up the GIL.)

    Args:
        turn: the table, and the condition that finds a turn.
        batches: each with the values for the condition.
    """
    delete = f"DELETE FROM batches WHERE turn = (SELECT number FROM {turn}) AND seq >= ?"
    connection.executemany(delete, [(*values, batch.first_seq) for values, batch in batches])
    insert = f"INSERT INTO batches (turn, seq, data) SELECT number, ?, ? FROM {turn}"
    return connection.executemany(insert, [(batch.last_seq, batch.data, *values) for values, batch in batches]).rowcount
