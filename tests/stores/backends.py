"""Every backend by name. A new one is a line here, and runs the whole suite."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from minimal import MinimalStore

from chatkit_core.store import Store
from chatkit_core.turn_log import TurnLog
from chatkit_stores.memory import MemoryStore, MemoryTurnLog
from chatkit_stores.sqlite import SQLiteStore, SQLiteTurnLog

FULL_STORES: dict[str, Callable[[Path], Store[Any]]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: SQLiteStore(folder / "chat.db"),
}
STORES: dict[str, Callable[[Path], Store[Any]]] = {"minimal": lambda folder: MinimalStore(), **FULL_STORES}
TURN_LOGS: dict[str, Callable[[Path], TurnLog]] = {
    "memory": cache(lambda folder: MemoryTurnLog()),
    "sqlite": lambda folder: SQLiteTurnLog(folder / "chat.db"),
}
"""Logs of one folder have the same turns."""
