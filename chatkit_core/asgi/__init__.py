"""HTTP: the endpoint, streams, errors, uploads, and when the server opens and shuts down."""

from .errors import not_found
from .lifecycle import Lifecycle
from .routes import chat_routes

__all__ = ["Lifecycle", "chat_routes", "not_found"]
