"""A thread of a server: what it must be, what it is, and who reads it."""

from dataclasses import dataclass, field
from typing import Any

from thread_clients import Client, View
from thread_model import Thread
from turn_model import Turn

from chatkit_core.types import ThreadItem, TurnMetadata


@dataclass(eq=False)
class Place:
    """A thread of the server, and what it must be."""

    id: str
    model: Thread
    turns: list[TurnMetadata] = field(default_factory=list)
    """As the model's turns, in the same order."""
    items: list[ThreadItem] = field(default_factory=list)
    """As the model's items, in the same order."""
    heard: dict[str, tuple[tuple[str, int, dict[str, Any]], ...]] = field(default_factory=dict)
    """By turn: what a client has heard that asks for all its events."""
    views: dict[str, View] = field(default_factory=dict)
    seqs: dict[str, range] = field(default_factory=dict)
    """By turn: what may be the last seq that a client has heard; who joins late hears of no client effects."""
    clients: list[Client] = field(default_factory=list)
    gone: list[Client] = field(default_factory=list)
    """Clients whose connection is closed."""
    skipped: dict[Client, set[str]] = field(default_factory=dict)
    """By who follows the thread: the turns that it needs not hear of."""
    posts: dict[str, Client] = field(default_factory=dict)
    """By turn: the connection that it belongs to."""
    unsaved: set[str] = field(default_factory=set)
    """Items that were said to be saved when they were not in the store."""

    def id_of(self, turn: Turn) -> str:
        return self.turns[self.model.turns.index(turn)].id
