"""The file: how it is connected to, its tables, and how one of an older version becomes one of this version."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT = 10.0
"""Seconds that one waits for another process that writes."""

WAL_PAGES = 4000
"""How many pages the file's WAL has when it is emptied into the file, by the one who commits at that moment.

A page that is written many times in between goes into the file once: with four times SQLite's default an item costs up
to a fifth less. It costs a WAL of 16 MiB, and a commit that empties it takes twice as long. With more than 4,000 or so
a reader would have to look in several places for each page.
"""

APPLICATION_ID = 0x43484B54
""""CHKT", in the file's header: what says that a database is ours."""

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """
        CREATE TABLE threads (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            title TEXT,
            archived INTEGER NOT NULL,
            key TEXT,
            data BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX threads_of_owner ON threads (owner, number)",
        "CREATE INDEX threads_archived ON threads (owner, archived, number)",
        "CREATE UNIQUE INDEX threads_by_key ON threads (owner, key) WHERE key IS NOT NULL",
        """
        CREATE TABLE items (
            place INTEGER PRIMARY KEY,
            thread INTEGER NOT NULL REFERENCES threads (number) ON DELETE CASCADE,
            id TEXT NOT NULL,
            text TEXT,
            feedback TEXT,
            data BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX items_of_thread ON items (thread, place)",
        "CREATE UNIQUE INDEX items_by_id ON items (thread, id)",
        """
        CREATE TABLE attachments (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            thread_id TEXT,
            created_at REAL NOT NULL,
            data BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX attachments_of_thread ON attachments (thread_id)",
        "CREATE INDEX attachments_unused ON attachments (created_at) WHERE thread_id IS NULL",
    ),
    (
        """
        CREATE TABLE leases (
            id TEXT PRIMARY KEY,
            expires_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX leases_by_end ON leases (expires_at)",
        "CREATE TABLE fences (last INTEGER NOT NULL) STRICT",
        "INSERT INTO fences VALUES (0)",
        """
        CREATE TABLE turns (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            thread_id TEXT NOT NULL,
            owner TEXT NOT NULL,
            status TEXT NOT NULL,
            place INTEGER NOT NULL,
            lease TEXT,
            fence INTEGER NOT NULL,
            cancel TEXT,
            key TEXT,
            digest TEXT,
            created_at REAL NOT NULL,
            ended_at REAL,
            seconds REAL,
            error_code TEXT,
            data BLOB NOT NULL,
            state BLOB NOT NULL,
            input BLOB
        ) STRICT
        """,
        "CREATE INDEX turns_of_thread ON turns (thread_id, place)",
        """
        CREATE INDEX turns_active ON turns (thread_id, place) WHERE status IN ('queued', 'running', 'waiting')
        """,
        "CREATE INDEX turns_by_creation ON turns (owner, created_at)",
        "CREATE INDEX turns_of_thread_by_creation ON turns (thread_id, created_at)",
        "CREATE UNIQUE INDEX turns_by_key ON turns (owner, key) WHERE key IS NOT NULL",
        "CREATE INDEX turns_held ON turns (lease) WHERE lease IS NOT NULL",
        "CREATE INDEX turns_to_cancel ON turns (lease) WHERE cancel IS NOT NULL AND lease IS NOT NULL",
        "CREATE INDEX turns_to_purge ON turns (ended_at) WHERE ended_at IS NOT NULL AND input IS NOT NULL",
        """
        CREATE TABLE batches (
            number INTEGER PRIMARY KEY,
            turn INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX batches_of_turn ON batches (turn, seq)",
    ),
)
"""The statements that lead from each version to the next, the first from an empty file to version 1.

Items of all threads, and batches of all turns, lie in the order of their insertion: what is written together lies
together, so a commit that many threads share writes half the pages that it would if each thread's items had a place of
their own; and one that many turns share costs a third.

Turns have no foreign key to their thread: they go by `TurnLog.delete_thread`. `fences` has one row, the last fence that
was given out; `turns.input` is NULL once the turn is purged; `batches.seq` is the last seq of the batch.
"""


class UnreadableDatabaseError(Exception):
    """The file cannot be used as a store; the message says which file, and why, in one line."""


def connect_writer(path: Path, synchronous: str) -> sqlite3.Connection:
    """Return a connection that writes, to a file that is ours and of this version.

    Raises:
        UnreadableDatabaseError: it cannot be made so.
    """
    if not path.parent.is_dir():
        raise UnreadableDatabaseError(f"{path} cannot be opened: there is no folder {path.parent}.")
    with _connecting(path) as connection:
        migrate(connection, path)
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # what a savepoint undoes; a file costs as much as the log
        return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads.

    Raises:
        UnreadableDatabaseError: it cannot be made.
    """
    with _connecting(path) as connection:
        connection.execute("PRAGMA query_only = ON")
        return connection


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the tables to the last version, in one transaction.

    Raises:
        UnreadableDatabaseError: the database is not ours, or is of a newer version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        _check(connection, path, version, len(migrations))
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(migrations):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _connecting(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect; if what follows fails, disconnect, and say which file it was."""
    connection = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT, cached_statements=256)
        yield connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise UnreadableDatabaseError(f"{path} cannot be used: {error}.") from None
        raise


def _check(connection: sqlite3.Connection, path: Path, version: int, newest: int) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and application == version == 0):
        raise UnreadableDatabaseError(f"{path} is a database of something else.")
    if version > newest:
        raise UnreadableDatabaseError(
            f"{path} is of version {version}, which a newer version of this package has written; "
            f"this one knows versions up to {newest}."
        )


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn WAL on. While another process does the same, SQLite answers at once that the file is locked."""
    give_up = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return
