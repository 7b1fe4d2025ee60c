"""Leases and fences, inside a transaction: functions of a connection, in the connection's thread.

A lease is over once the machine's clock has reached its end.
"""

import sqlite3
import time
from secrets import token_hex

from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Fence

Connection = sqlite3.Connection


def acquire_lease(connection: Connection, seconds: float) -> str:
    """Return a new lease, and forget those that are over and hold nothing."""
    now = time.time()
    connection.execute(
        "DELETE FROM leases WHERE expires_at <= ? AND NOT EXISTS (SELECT 1 FROM turns WHERE lease = leases.id)", (now,)
    )
    lease = f"lease_{token_hex(16)}"
    connection.execute("INSERT INTO leases (id, expires_at) VALUES (?, ?)", (lease, now + seconds))
    return lease


def renew_lease(connection: Connection, lease: str, seconds: float) -> bool:
    """Let the lease run on; return False if it is over."""
    now = time.time()
    renewed = connection.execute(
        "UPDATE leases SET expires_at = ? WHERE id = ? AND expires_at > ?", (now + seconds, lease, now)
    )
    return renewed.rowcount == 1


def release_lease(connection: Connection, lease: str) -> None:
    """Let the lease be over now."""
    connection.execute("UPDATE leases SET expires_at = 0 WHERE id = ?", (lease,))


def check_lease(connection: Connection, lease: str, turn_id: str) -> None:
    """Raise `LeaseLostError` for the turn if the lease is over."""
    if not is_held(connection, lease):
        raise LeaseLostError(turn_id)


def is_held(connection: Connection, lease: str) -> bool:
    """Return whether the lease is not over."""
    sql = "SELECT 1 FROM leases WHERE id = ? AND expires_at > ?"
    return connection.execute(sql, (lease, time.time())).fetchone() is not None


FENCED = "turns JOIN leases ON leases.id = lease WHERE turns.id = ? AND lease = ? AND fence = ? AND expires_at > ?"
"""A turn, if a fence holds; `fenced` are the values for it."""


def fenced(fence: Fence) -> tuple[str, str, int, float]:
    """Return what `FENCED` asks for."""
    return fence.turn_id, fence.lease, fence.number, time.time()


def check_fence(connection: Connection, fence: Fence) -> int:
    """Return the turn's row; raise `LeaseLostError` if the fence does not hold."""
    row = connection.execute(f"SELECT number FROM {FENCED}", fenced(fence)).fetchone()
    if row is None:
        raise LeaseLostError(fence.turn_id)
    return int(row[0])


def next_fence(connection: Connection) -> int:
    """Return a number that is greater than all before."""
    return int(connection.execute("UPDATE fences SET last = last + 1 WHERE rowid = 1 RETURNING last").fetchone()[0])
