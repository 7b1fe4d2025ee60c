"""Connections that break: an ASGI app between the client and the server, which does what a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from serving import Server, run_server
from starlette.responses import JSONResponse, Response

STREAMING = {"threads.create", "threads.add_user_message", "threads.add_client_tool_output", "turns.follow"}


class Faulty:
    """Passes requests on; but those for a stream meet the faults, one each, as long as there are any."""

    def __init__(self, app: Any, *faults: "Fault") -> None:
        self.app = app
        self.faults = list(faults)
        self.ops: list[dict[str, Any]] = []
        """The ops that asked for a stream."""
        self.server: Server | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        op = json.loads(b"".join(message["body"] for message in messages))

        async def receive_again() -> Any:
            return messages.pop(0) if messages else await receive()

        if op["type"] in STREAMING:
            self.ops.append(op)
            if self.faults:
                await self.faults.pop(0)(self, scope, receive_again, send)
                return
        await self.app(scope, receive_again, send)

    def hang_up(self) -> None:
        """Close the connections of the server."""
        assert self.server is not None
        for connection in self.server.server_state.connections:
            connection.transport.close()


Fault = Callable[[Faulty, Any, Any, Any], Awaitable[None]]
"""An ASGI app for one request; its first argument knows the app that is behind."""


@asynccontextmanager
async def serving(app: Faulty) -> AsyncIterator[str]:
    """Serve it; yield the URL."""
    async with run_server(app) as server:
        app.server = server
        yield server.url


async def before_it_arrives(faulty: Faulty, scope: Any, receive: Any, send: Any) -> None:
    """Hang up before the app has heard of the op."""
    faulty.hang_up()
    while (await receive())["type"] != "http.disconnect":
        pass


async def before_the_answer(faulty: Faulty, scope: Any, receive: Any, send: Any) -> None:
    """Hang up once the app has begun to answer."""
    began = asyncio.Event()

    async def send_nothing(message: Any) -> None:
        began.set()

    answering = asyncio.create_task(faulty.app(scope, receive, send_nothing))
    await began.wait()
    faulty.hang_up()
    await answering


def after(text: str, *, cut: bool = False) -> Fault:
    """Hang up after the frame with this text; or in the middle of it, to `cut` it."""

    async def fault(faulty: Faulty, scope: Any, receive: Any, send: Any) -> None:
        async def send_some(message: Any) -> None:
            body = message.get("body", b"")
            found = body.find(text.encode())
            if found < 0:
                await send(message)
                return
            end = found if cut else body.index(b"\n\n", found) + 2
            await send({**message, "body": body[:end]})
            faulty.hang_up()

        await faulty.app(scope, receive, send_some)

    return fault


async def at_once(faulty: Faulty, scope: Any, receive: Any, send: Any) -> None:
    """Accept, and hang up neatly without a word."""
    await Response(media_type="text/event-stream")(scope, receive, send)


def refusing(status: int, code: str) -> Fault:
    """Refuse."""

    async def fault(faulty: Faulty, scope: Any, receive: Any, send: Any) -> None:
        error = {"code": code, "message": "No.", "request_id": "req_1"}
        await JSONResponse({"error": error}, status)(scope, receive, send)

    return fault
