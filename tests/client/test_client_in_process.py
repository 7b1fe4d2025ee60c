"""A server in the same process: no network, no web at all; and still it streams."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from chatting import Assistant, Gate, echo, said, until
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

from chatkit_core.client import AsyncChatClient, ConnectionLostError, TooManyTurnsError, TurnCancelledError, run_local


async def test_a_server_is_talked_to_without_a_network_and_opens_itself() -> None:
    async with AsyncChatClient(app=Assistant(echo)) as chat:
        thread = await chat.threads.start()
        assert (await thread.run("Hi")).text == "You said: Hi "


async def test_events_come_while_the_reply_is_made_and_leaving_it_does_nothing_to_it() -> None:
    gate = Gate()
    async with asyncio.timeout(10), AsyncChatClient(app=Assistant(gate.reply)) as chat:
        run = chat.turns.create_and_stream("Hi")
        await until(run, "agent_message_delta")
        await run.aclose()
        assert run.turn_id is not None
        assert (await chat.turns.get(run.turn_id)).status == "running"
        gate.open.set()
        assert (await chat.turns.wait(run.turn_id)).status == "completed"


async def test_the_app_around_a_server_is_started_and_stopped_with_the_client() -> None:
    told: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        told.append("start")
        yield
        told.append("stop")

    app = FastAPI(lifespan=lifespan)
    app.router.routes.extend(Assistant(echo).routes("/chat"))
    async with AsyncChatClient("http://test/chat", app=app, headers={"X-User": "ben"}) as chat:
        thread = await chat.threads.start()
        await asyncio.gather(thread.rename("Mine"), thread.set_mode("careful"))
        assert told == ["start"]
    assert told == ["start", "stop"]


async def test_an_app_that_does_not_start_says_why() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        raise OSError("no disk")
        yield

    async with AsyncChatClient(app=FastAPI(lifespan=lifespan)) as chat:
        for _ in range(2):
            with pytest.raises(ConnectionLostError, match="no disk"):
                await chat.threads.start()


async def test_an_app_is_told_of_a_connection_that_closes() -> None:
    told = asyncio.Event()

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"

        async def forever() -> AsyncIterator[bytes]:
            try:
                yield b'id: trn_1:1\ndata: {"type": "stream_options"}\n\n'
                await asyncio.Event().wait()
            finally:
                told.set()

        await StreamingResponse(forever(), media_type="text/event-stream")(scope, receive, send)

    async with asyncio.timeout(10), AsyncChatClient(app=endpoint) as chat:
        async with chat.turns.follow("trn_1") as events:
            assert (await anext(events)).cursor == "trn_1:1"
            assert not told.is_set()
        await told.wait()


@pytest.mark.parametrize("begun", [False, True])
async def test_an_app_that_fails_is_a_connection_that_breaks(begun: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("oh")

    with caplog.at_level(logging.CRITICAL, "chatkit_core"):
        async with AsyncChatClient(app=endpoint) as chat:
            with pytest.raises(ConnectionLostError, match="the app has ended before its answer was whole"):
                await chat.turns.get("trn_1")


async def test_an_answer_is_as_large_as_it_is() -> None:
    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body = await Request(scope, receive).body()
        await JSONResponse({"id": "x" * len(body), "created_at": "2026-01-01T00:00:00Z"})(scope, receive, send)

    async with AsyncChatClient(app=endpoint) as chat:
        assert len((await chat.threads.start(title="y" * 1_000_000)).id) > 1_000_000


async def test_a_client_needs_a_server() -> None:
    with pytest.raises(ValueError, match="a client needs the url of a server, or an app"):
        AsyncChatClient()


async def test_a_run_without_any_web_makes_a_thread_and_streams() -> None:
    server = Assistant(echo)
    async with server.lifespan():
        run = await run_local(server, message="one two", context={"user_id": "ada"})
        assert run.thread_id is not None
        assert said([event async for event in run]) == "You said: one two "
        again = await run_local(server, message="three", thread_id=run.thread_id, context={"user_id": "ada"})
        result = await again.result()
        assert (result.text, result.thread_id) == ("You said: three ", run.thread_id)


async def test_a_run_without_any_web_is_stopped_and_refused() -> None:
    server = Assistant(Gate().reply)
    async with server.lifespan():
        run = await run_local(server, message="Hi", context={})
        server.max_queued = 0
        with pytest.raises(TooManyTurnsError):
            await run_local(server, message="Hi", thread_id=run.thread_id, context={})
        await until(run, "agent_message_delta")
        await run.cancel()
        with pytest.raises(TurnCancelledError):
            await run.result()
