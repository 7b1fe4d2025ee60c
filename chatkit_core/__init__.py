"""A server framework for chat assistants: subclass `ChatServer`, override `respond`, mount the instance."""

from .backends import open_store
from .server import ChatServer
from .turn import Turn, current_turn

__all__ = ["ChatServer", "Turn", "current_turn", "open_store"]
