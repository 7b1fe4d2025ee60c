"""`ChatServer`: subclass it, override `respond`, pick a store, and mount the instance as an ASGI app."""

import functools
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from chatkit_core.asgi import Lifecycle, chat_routes, not_found
from chatkit_core.backends import open_turn_log
from chatkit_core.engine import DEFAULT_ERROR_MESSAGE, DEFAULT_PAGE_SIZE, Engine, Hooks
from chatkit_core.engine.frames import Frames
from chatkit_core.engine.parse import parse_op
from chatkit_core.engine.reducer import is_empty
from chatkit_core.reply.widgets import diff_widget, stream_widget
from chatkit_core.store import AttachmentStore, Store, TContext
from chatkit_core.turn import current_turn
from chatkit_core.turn_log import TurnLog
from chatkit_core.types import FeedbackKind, SDKHiddenContextItem, ThreadItem, ThreadMetadata, TurnOptions
from chatkit_core.types.times import utc_now

if TYPE_CHECKING:
    from chatkit_core.client import AsyncRun
    from chatkit_core.client.inputs import Message

__all__ = [
    "DEFAULT_ERROR_MESSAGE",
    "DEFAULT_PAGE_SIZE",
    "ChatKitServer",
    "ChatServer",
    "NonStreamingResult",
    "StreamingResult",
    "diff_widget",
    "stream_widget",
]

_STOPPED = "The user stopped the reply. Do not go on with it unless the user asks for it."
_CUT_OFF = "The reply was cut off here."


class StreamingResult(AsyncIterable[bytes]):
    """A turn's events as frames of server-sent events. To close the iterator is to close the connection."""

    def __init__(self, stream: AsyncGenerator[bytes, None]) -> None:
        self.json_events = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.json_events


class NonStreamingResult:
    """An answer that is one JSON object."""

    def __init__(self, result: bytes) -> None:
        self.json = result


class ChatServer(Hooks[TContext]):
    """A chat assistant's server, and an ASGI app.

    Args:
        store: keeps the conversation.
        attachment_store: keeps what users upload; None if they cannot.
        turn_log: keeps the execution of turns; by default the store's own, else one in memory.
    """

    heartbeat: float | None = 15.0
    """Seconds of silence after which a stream says a comment, so that proxies keep it open; None for never."""
    max_body: int = 1024 * 1024
    """Bytes that the body of a request may have; one more is refused."""
    max_audio_body: int = 25 * 1024 * 1024
    """The same for `input.transcribe`."""

    def __init__(
        self,
        store: Store[TContext],
        attachment_store: AttachmentStore[TContext] | None = None,
        *,
        turn_log: TurnLog | None = None,
    ) -> None:
        self.store = store
        self.attachment_store = attachment_store
        self.turn_log = turn_log or store.turn_log() or open_turn_log("memory://")
        self._engine = Engine(self, store, attachment_store, self.turn_log)
        self._lifecycle = Lifecycle(self, store, self.turn_log, attachment_store, self._engine)

    async def get_context(self, request: Request) -> TContext:
        """Return the app's object for a request: authenticate here.

        By default an empty one, which stands for nobody in particular: everybody shares the same threads.

        Raises:
            UnauthorizedError, ForbiddenError: the request may not be answered.
        """
        return cast(TContext, {})

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: TContext
    ) -> None:
        await self.store.save_feedback(thread_id, item_ids, feedback, context=context)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: TContext
    ) -> None:
        for item in pending_items:
            if is_empty(item):
                continue
            await self.store.add_thread_item(thread.id, item, context=context)
        note = SDKHiddenContextItem(
            id=self.store.generate_item_id("sdk_hidden_context", thread, context),
            thread_id=thread.id,
            created_at=utc_now(),
            content=_STOPPED if current_turn().cancel_reason == "user" else _CUT_OFF,
        )
        await self.store.add_thread_item(thread.id, note, context=context)

    async def process(
        self, request: str | bytes | bytearray, context: TContext, *, turns: bool = False
    ) -> StreamingResult | NonStreamingResult:
        """Answer an op that came by an endpoint of the app's own.

        Args:
            request: the op as JSON.
            turns: whether the client knows turns: it gets cursors and `turn.*` events, and closing the iterator
                does nothing to the turn.

        Raises:
            ChatKitError: the op cannot be done. Nothing is raised while the result is iterated.
        """
        op = parse_op(request)
        await self._lifecycle.ensure_open()
        answer = await self._engine.answer(op, context, turns=turns)
        if isinstance(answer, bytes):
            return NonStreamingResult(answer)
        return StreamingResult(Frames(answer.frames, answer.on_disconnect))

    async def run(
        self,
        message: "Message",
        *,
        context: TContext,
        thread_id: str | None = None,
        options: TurnOptions | None = None,
    ) -> "AsyncRun":
        """Send a message without any web, and return its run: iterate it for its events, or await its `result()`.

            run = await server.run("Hello", context={"user_id": "ada"})
            print((await run.result()).text, run.thread_id)

        Args:
            message: the text, or a list of content parts.
            thread_id: the thread; None for a new one.
            options: what a client may say of its turn.

        Raises:
            chatkit_core.client.RefusedError: the server refuses the message.
        """
        from chatkit_core.client.local import run_local

        turn = options or TurnOptions()
        return await run_local(
            self,
            message=message,
            thread_id=thread_id,
            context=context,
            sender=turn.sender,
            on_busy=turn.on_busy,
            idempotency_key=turn.idempotency_key,
            limits=turn.limits,
        )

    @property
    def is_open(self) -> bool:
        """Whether its stores are open: it is being served, or has been called."""
        return self._lifecycle.is_open

    @functools.cached_property
    def _app(self) -> Router:
        return Router(self.routes("/"), default=not_found, lifespan=self.lifespan)

    @functools.cached_property
    def _endpoint(self) -> ASGIApp:
        return cast("Route", self._app.routes[0]).app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as an ASGI app: the endpoint at the root, attachments below it."""
        if _is_for_endpoint(scope):  # past the router, which would stay in memory as long as the stream is open
            await self._endpoint(scope, receive, send)
        else:
            await self._app.app(scope, receive, send)

    def routes(self, path: str = "/") -> list[BaseRoute]:
        """Return the routes of the endpoint at `path` and of the attachments below it, for an app that exists:
        `app.router.routes.extend(server.routes("/chatkit"))`."""
        return chat_routes(path, self, self._engine, self._lifecycle)

    @asynccontextmanager
    async def lifespan(self, app: Any = None) -> AsyncIterator[None]:
        """Open the stores, and shut down in the end; for a parent app: `FastAPI(lifespan=server.lifespan)`."""
        async with self._lifecycle.running():
            yield


def _is_for_endpoint(scope: Scope) -> bool:
    """Return whether the router would say so; it may also where this does not, as below another app."""
    return (
        scope["type"] == "http"
        and scope["path"] == "/"
        and scope["method"] in ("GET", "POST")
        and not scope.get("root_path")
    )


ChatKitServer = ChatServer
