"""The client for code that is not async. Its methods do what those of the same name in `AsyncChatClient` do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from chatkit_core.client.async_client import ASGIApp, AsyncChatClient
from chatkit_core.client.blocking_streams import Follow, Run
from chatkit_core.client.errors import ChatClientError
from chatkit_core.client.events import RunEvent
from chatkit_core.client.follow import MAX_RECONNECTS
from chatkit_core.client.inputs import Message
from chatkit_core.client.link import Form, Tool
from chatkit_core.client.portal import Portal
from chatkit_core.client.results import RunResult
from chatkit_core.client.threads import AsyncChatThread, AsyncThreads
from chatkit_core.client.turns import AsyncTurns
from chatkit_core.types import (
    Attachment,
    FeedbackKind,
    OnBusy,
    Page,
    ThreadItem,
    ThreadMetadata,
    TurnEvents,
    TurnLimits,
    TurnMetadata,
    TurnStatus,
    TurnSummary,
)


class ChatClient:
    """A client of a chat server, for code that is not async.

        with ChatClient("https://example.com/chatkit") as chat:
            print(chat.threads.start().run("Hello").text)

    Args:
        url, app, headers, timeout: as in `AsyncChatClient`.

    Raises:
        MissingExtraError: the extra `client` is not installed.
        ValueError: neither `url` nor `app` is given.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        app: ASGIApp | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._portal = Portal()
        try:
            self._client = self._portal.run(AsyncChatClient, url, app=app, headers=headers, timeout=timeout)
        except BaseException:
            self._portal.close()
            raise
        self.threads = Threads(self._portal, self._client.threads)
        self.turns = Turns(self._portal, self._client.turns)

    def on_tool(self, name: str, function: Tool) -> None:
        self._client.on_tool(name, function)

    def on_input(self, function: Form) -> None:
        self._client.on_input(function)

    def close(self) -> None:
        """Close the connections, and end the thread. Turns go on."""
        self._portal.wait(self._client.aclose)
        self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
