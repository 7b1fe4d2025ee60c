"""HTTP: the endpoint, streams, errors, uploads, and when the server opens and shuts down."""

from chatkit_core.asgi.errors import not_found
from chatkit_core.asgi.lifecycle import Lifecycle
from chatkit_core.asgi.routes import chat_routes

__all__ = ["Lifecycle", "chat_routes", "not_found"]
