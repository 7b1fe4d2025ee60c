"""An ASGI app in place of the network: answers come as they are made, and closing one is a disconnect."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio

from chatkit_core.client.httpx import httpx2
from chatkit_core.client.lifespan import Lifespan

_log = logging.getLogger("chatkit_core")

ASGIApp = Callable[..., Any]
Message = dict[str, Any]
Head = tuple[int, list[tuple[bytes, bytes]]]
PATIENCE = 5.0
"""Seconds in which an app has to notice that its client has gone."""


class AppTransport(httpx2.AsyncBaseTransport):
    """Calls an app for each request. The app's lifespan begins with the first one, unless it is open already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lifespan = Lifespan(app)
        self._calls: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            await self._lifespan.begin()
        except RuntimeError as error:
            raise httpx2.ConnectError(str(error)) from error
        call = _Call(await request.aread())
        task = asyncio.create_task(call.run(self._app, _scope(request)))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        try:
            status, headers = await call.head
        except BaseException:
            await call.aclose()
            raise
        return httpx2.Response(status, headers=headers, stream=call)

    async def aclose(self) -> None:
        calls = set(self._calls)
        if calls:
            _, stuck = await asyncio.wait(calls, timeout=PATIENCE)
            for task in stuck:
                task.cancel()
        await self._lifespan.end()


class _Call(httpx2.AsyncByteStream):
    """One request; it is the body of its answer."""

    def __init__(self, body: bytes) -> None:
        self._request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._sink, self._chunks = anyio.create_memory_object_stream[bytes]()
        self._gone = asyncio.Event()
        self._whole = False
        self.head: asyncio.Future[Head] = asyncio.get_running_loop().create_future()

    async def run(self, app: ASGIApp, scope: Message) -> None:
        try:
            with self._sink:
                await app(scope, self._receive, self._send)
        except Exception:
            _log.exception("The app has failed.")
        finally:
            if not self.head.done():
                self.head.set_exception(_broken())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk
        if not self._whole:
            raise _broken()

    async def aclose(self) -> None:
        self._gone.set()
        self._chunks.close()

    async def _receive(self) -> Message:
        if self._request:
            return self._request.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self.head.done():
            self.head.set_result((message["status"], [(name, value) for name, value in message.get("headers", ())]))
        elif message["type"] == "http.response.body":
            self._whole = not message.get("more_body", False)
            if chunk := message.get("body"):
                try:
                    await self._sink.send(bytes(chunk))
                except anyio.BrokenResourceError:
                    return  # the client has gone, which is what `_receive` says
            if self._whole:
                self._sink.close()
                self._gone.set()


def _broken() -> httpx2.RemoteProtocolError:
    return httpx2.RemoteProtocolError("the app has ended before its answer was whole")


def _scope(request: httpx2.Request) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port or 80),
        "client": ("127.0.0.1", 0),
    }
