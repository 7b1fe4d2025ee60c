"""A chat server that is called without any web, in the process that it runs in."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Protocol

from chatkit_core.client.errors import refused
from chatkit_core.client.frames import Op
from chatkit_core.client.inputs import Message
from chatkit_core.client.link import Functions, Link
from chatkit_core.client.ops import message_op
from chatkit_core.client.run import AsyncRun
from chatkit_core.client.transport import Stream
from chatkit_core.errors import ChatKitError
from chatkit_core.sse import Decoder, ServerSentEvent
from chatkit_core.types import OnBusy, TurnLimits


class Processor(Protocol):
    """What a chat server has of this: `ChatServer.process`. Its result has `json`, or yields frames."""

    async def process(self, request: bytes, context: Any, *, turns: bool = False) -> Any: ...


class LocalTransport:
    """Hands ops to a server, with a context of the app's own."""

    def __init__(self, server: Processor, context: Any) -> None:
        self._server = server
        self._context = context

    async def call(self, op: Op, *, takes: float = 0.0) -> Any:
        return json.loads((await self._process(op)).json)

    @asynccontextmanager
    async def stream(self, op: Op) -> AsyncIterator[Stream]:
        result = await self._process(op)
        async with aclosing(aiter(result)) as frames:
            yield Stream(None, _events(frames))  # the frames name their turn

    async def upload(self, url: str, method: str, headers: Mapping[str, str], data: bytes) -> None:
        raise NotImplementedError("files are uploaded over HTTP; call the attachment store itself")

    async def aclose(self) -> None:
        return None

    async def _process(self, op: Op) -> Any:
        try:
            return await self._server.process(json.dumps(op, allow_nan=False).encode(), self._context, turns=True)
        except ChatKitError as error:
            details = {"code": error.code, "message": error.message, **error.details}
            raise refused(error.status, details) from error


async def _events(frames: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
    decoder = Decoder()
    async for chunk in frames:
        for event in decoder.feed(chunk):
            yield event


async def run_local(
    server: Processor,
    *,
    message: Message,
    thread_id: str | None = None,
    context: Any,
    functions: Functions | None = None,
    sender: dict[str, Any] | None = None,
    on_busy: OnBusy | None = None,
    idempotency_key: str | None = None,
    limits: TurnLimits | None = None,
) -> AsyncRun:
    """Send a message, and return its run once the turn is there.

    Args:
        thread_id: the thread; None for a new one.
        context: the app's own object for the request, as hooks get it.
        functions: answer client tool calls and forms.
        sender, on_busy, idempotency_key, limits: as in `chat.turns.create_and_stream`.

    Raises:
        RefusedError: the server refuses the message.
    """
    options = {"on_busy": on_busy, "idempotency_key": idempotency_key, "limits": limits}
    link = Link(LocalTransport(server, context), functions or Functions())
    run = AsyncRun(link, message_op(thread_id, message, sender, **options))
    await run.start()
    return run
