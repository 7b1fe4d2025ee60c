"""A store in a SQLite file."""

from .schema import UnreadableDatabaseError
from .store import SQLiteStore

__all__ = ["SQLiteStore", "UnreadableDatabaseError"]
