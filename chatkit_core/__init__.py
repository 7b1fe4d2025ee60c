"""A server framework for chat assistants: subclass `ChatServer`, override `respond`, mount the instance."""

from chatkit_core.backends import open_store
from chatkit_core.server import ChatServer
from chatkit_core.turn import Turn, current_turn

__all__ = ["ChatServer", "Turn", "current_turn", "open_store"]
