"""The client of a chat server: `AsyncChatClient`, and the same for code that is not async, `ChatClient`."""

from chatkit_core.client.async_client import AsyncChatClient
from chatkit_core.client.events import RunEvent

__all__ = ["AsyncChatClient", "RunEvent"]
