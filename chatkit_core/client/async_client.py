"""The client of a chat server, for async code."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from chatkit_core.client.link import Form, Link, Tool
from chatkit_core.client.threads import AsyncThreads
from chatkit_core.client.transport import Transport
from chatkit_core.client.turns import AsyncTurns

ASGIApp = Callable[..., Any]
IN_PROCESS = "http://chatkit.local/"
"""The URL of an app that is called in this process."""


class AsyncChatClient:
    """A client of a chat server.

        async with AsyncChatClient("https://example.com/chatkit", headers={"Authorization": "…"}) as chat:
            thread = await chat.threads.start()
            result = await thread.run("Hello")
            print(result.text)

    Args:
        url: the endpoint; for an app in this process its path is what counts, and without one it is at `/`.
        app: an ASGI app to call in this process, such as a `ChatServer`, instead of the network.
        headers: sent with every request.
        timeout: seconds to connect, to send, and to get an answer that is not a stream.

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
        self._link = Link(_transport(url, app, headers, timeout))
        self.threads = AsyncThreads(self._link)
        self.turns = AsyncTurns(self._link)

    def on_tool(self, name: str, function: Tool) -> None:
        """Have client tool calls of this name answered by a function, which takes their arguments by name.

        It may be async. What it raises ends the run, and the turn waits on. A call without a function leaves the turn
        waiting too, and the run returns.
        """
        self._link.functions.tools[name] = function

    def on_input(self, function: Form) -> None:
        """Have forms answered by a function.

        Args:
            function: takes the `StructuredInputItem`; returns the answers by the id of the question: a text, a list of
                choices, or None to skip it; None skips the form. It may be async.
        """
        self._link.functions.form = function

    async def aclose(self) -> None:
        """Close the connections, and stop to read. Turns go on."""
        await self._link.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _transport(url: str | None, app: ASGIApp | None, headers: Mapping[str, str] | None, timeout: float) -> Transport:
    if url is None and app is None:
        raise ValueError("a client needs the url of a server, or an app")
    from chatkit_core.client.http import HTTPTransport

    if app is None:
        return HTTPTransport(url or "", headers=headers, timeout=timeout)
    from chatkit_core.client.asgi_transport import AppTransport

    return HTTPTransport(url or IN_PROCESS, headers=headers, timeout=timeout, app=AppTransport(app))
