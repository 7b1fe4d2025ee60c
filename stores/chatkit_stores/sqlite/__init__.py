"""A store and a turn log in a SQLite file."""

from chatkit_stores.sqlite.schema import UnreadableDatabaseError
from chatkit_stores.sqlite.store import SQLiteStore
from chatkit_stores.sqlite.turn_log import SQLiteTurnLog

__all__ = ["SQLiteStore", "SQLiteTurnLog", "UnreadableDatabaseError"]
