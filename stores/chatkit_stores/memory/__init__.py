"""A store and a turn log in memory: for tests, for trying things out, and for servers that need not remember."""

from chatkit_stores.memory.store import MemoryStore
from chatkit_stores.memory.turn_log import MemoryTurnLog

__all__ = ["MemoryStore", "MemoryTurnLog"]
