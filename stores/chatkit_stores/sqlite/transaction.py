"""Writes that share a transaction, and so a commit: together as long as none fails, each by itself once one does."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""What is done in a transaction, in the connection's thread.

It may be done a second time, after its first time was undone; so all that it changes is the database, and what it is
called with it leaves as it is.
"""


def do_together(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> list[Any]:
    """Do all works in one transaction; return for each its result, or the error for which it was undone.

    That all succeed is the rule, and a savepoint for each would be two calls more of the few that a write takes, each
    of which gives up the GIL. So they are done without; if one fails all are undone, and done again with savepoints.

    Raises:
        Exception: none of it is done.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            outcomes = [work(connection) for work in works]
        except Exception:
            if len(works) == 1:
                raise
            _undo(connection)
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [_undone_if_it_fails(connection, work) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        _undo(connection)
        raise
    return outcomes


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # SQLite may have undone everything itself, as when the disk is full
        connection.execute("ROLLBACK")


def _undone_if_it_fails(connection: sqlite3.Connection, work: Work[Any]) -> Any:
    connection.execute("SAVEPOINT work")
    try:
        result = work(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO work")
        result = error
    connection.execute("RELEASE work")
    return result
