"""The tables, and how a file of an older version becomes one of this version."""

import sqlite3

APPLICATION_ID = 0x43484B54
""""CHKT", in the file's header: what says that a database is ours."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
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
        "CREATE INDEX threads_of_owner ON threads (owner, archived, number)",
        "CREATE UNIQUE INDEX threads_by_key ON threads (owner, key) WHERE key IS NOT NULL",
        """
        CREATE TABLE items (
            thread INTEGER NOT NULL REFERENCES threads (number) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            id TEXT NOT NULL,
            text TEXT,
            feedback TEXT,
            data BLOB NOT NULL,
            PRIMARY KEY (thread, place)
        ) STRICT, WITHOUT ROWID
        """,
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
)
"""The statements that lead from each version to the next, the first from an empty file to version 1."""


class UnreadableDatabaseError(Exception):
    """The file cannot be used as a store; the message says which file, and why, in one line."""


def migrate(connection: sqlite3.Connection, path: object) -> None:
    """Bring the tables to this version, in one transaction.

    Raises:
        UnreadableDatabaseError: the database is not ours, or is of a newer version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        _check(connection, path, version)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(MIGRATIONS):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check(connection: sqlite3.Connection, path: object, version: int) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and version == 0):
        raise UnreadableDatabaseError(f"{path} is a database of something else.")
    if version > len(MIGRATIONS):
        raise UnreadableDatabaseError(
            f"{path} is of version {version}; this package knows versions up to {len(MIGRATIONS)}."
        )
