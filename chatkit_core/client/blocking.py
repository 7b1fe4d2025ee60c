"""The client for code that is not async. Its methods do what those of the same name of the async client do."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from chatkit_core.client.async_client import ASGIApp, AsyncChatClient
from chatkit_core.client.events import RunEvent
from chatkit_core.client.link import Form, Tool
from chatkit_core.client.portal import Portal
from chatkit_core.client.run import AsyncRun
from chatkit_core.client.streams import AsyncFollow, EventStream
from chatkit_core.client.threads import AsyncChatThread, AsyncThreads
from chatkit_core.client.turns import AsyncTurns
from chatkit_core.client.twin import Twin, iterates, makes, waits, waits_for
from chatkit_core.types import ThreadMetadata

S = TypeVar("S", bound=EventStream)


class _Stream(Twin[S]):
    """Events to iterate over."""

    start = waits(EventStream.start)
    close = waits(EventStream.aclose)

    @property
    def cursor(self) -> str | None:
        """Of the last event that came."""
        return self._original.cursor

    @property
    def turn_id(self) -> str | None:
        """The turn; None as long as the server has not named it, or if this follows a thread."""
        return self._original.turn_id

    def __iter__(self) -> Iterator[RunEvent]:
        return self._portal.iterate(self._original)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Follow(_Stream[AsyncFollow]):
    """`AsyncFollow` for code that is not async."""


class Run(_Stream[AsyncRun]):
    """`AsyncRun` for code that is not async."""

    start = waits(AsyncRun.start)
    result = waits(AsyncRun.result)
    complete = waits(AsyncRun.complete)
    cancel = waits(AsyncRun.cancel)

    @property
    def thread_id(self) -> str | None:
        """The thread; None as long as the server has not made it."""
        return self._original.thread_id


class ChatThread(Twin[AsyncChatThread]):
    """`AsyncChatThread` for code that is not async."""

    @property
    def id(self) -> str:
        """The thread's id."""
        return self._original.id

    @property
    def metadata(self) -> ThreadMetadata:
        """The thread as the server told it last."""
        return self._original.metadata

    run = waits(AsyncChatThread.run)
    run_streamed = makes(Run, AsyncChatThread.run_streamed)
    enqueue = waits(AsyncChatThread.enqueue)
    interrupt = waits(AsyncChatThread.interrupt)
    retry = waits(AsyncChatThread.retry)
    retry_streamed = makes(Run, AsyncChatThread.retry_streamed)
    answer = waits(AsyncChatThread.answer)
    answer_streamed = waits_for(Run, AsyncChatThread.answer_streamed)
    subscribe = waits(AsyncChatThread.subscribe)
    unsubscribe = waits(AsyncChatThread.unsubscribe)
    items = iterates(AsyncChatThread.items)
    active_turn = waits(AsyncChatThread.active_turn)
    rename = waits(AsyncChatThread.rename)
    archive = waits(AsyncChatThread.archive)
    unarchive = waits(AsyncChatThread.unarchive)
    set_mode = waits(AsyncChatThread.set_mode)
    delete = waits(AsyncChatThread.delete)
    feedback = waits(AsyncChatThread.feedback)
    upload = waits(AsyncChatThread.upload)


class Threads(Twin[AsyncThreads]):
    """`chat.threads` for code that is not async."""

    start = waits_for(ChatThread, AsyncThreads.start)
    get_or_create = waits_for(ChatThread, AsyncThreads.get_or_create)
    resume = waits_for(ChatThread, AsyncThreads.resume)
    list = waits(AsyncThreads.list)


class Turns(Twin[AsyncTurns]):
    """`chat.turns` for code that is not async."""

    get = waits(AsyncTurns.get)
    list = waits(AsyncTurns.list)
    iterate = iterates(AsyncTurns.iterate)
    wait = waits(AsyncTurns.wait)
    wait_for = waits(AsyncTurns.wait_for)
    cancel = waits(AsyncTurns.cancel)
    events = waits(AsyncTurns.events)
    summary = waits(AsyncTurns.summary)
    follow = makes(Follow, AsyncTurns.follow)
    create_and_stream = makes(Run, AsyncTurns.create_and_stream)


class ChatClient:
    """`AsyncChatClient` for code that is not async; its event loop runs in a thread of its own.

        with ChatClient("https://example.com/chatkit") as chat:
            print(chat.threads.start().run("Hello").text)

    Args:
        url, app, headers, timeout: as there.

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
        self._client = AsyncChatClient(url, app=app, headers=headers, timeout=timeout)
        self._portal = Portal()
        self.threads = Threads(self._portal, self._client.threads)
        self.turns = Turns(self._portal, self._client.turns)

    def on_tool(self, name: str, function: Tool) -> None:
        """Have client tool calls of this name answered by a function."""
        self._client.on_tool(name, function)

    def on_input(self, function: Form) -> None:
        """Have forms answered by a function."""
        self._client.on_input(function)

    def close(self) -> None:
        """Close the connections, and end the thread. Turns go on."""
        try:
            self._portal.wait(self._client.aclose)
        finally:
            self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
