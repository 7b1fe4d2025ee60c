"""The one module that imports httpx2; it is loaded when a client is made."""

from chatkit_core.errors import MissingExtraError

try:
    import httpx2
except ModuleNotFoundError:
    raise MissingExtraError("The client", "client") from None

__all__ = ["httpx2"]
