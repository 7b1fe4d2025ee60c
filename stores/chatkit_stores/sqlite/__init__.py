"""A store in a SQLite file."""

from chatkit_stores.sqlite.schema import UnreadableDatabaseError
from chatkit_stores.sqlite.store import SQLiteStore

__all__ = ["SQLiteStore", "UnreadableDatabaseError"]
