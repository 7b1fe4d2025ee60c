"""Connections break, and the client goes on after the last event that it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from chatting import Assistant, echo, said, types
from faults import Fault, Faulty, after, at_once, before_it_arrives, before_the_answer, refusing, serving
from serving import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chatkit_core.client import (
    AsyncChatClient,
    ChatClientError,
    ConnectionLostError,
    NotAllowedError,
    NotSignedInError,
    RefusedError,
    TurnExpiredError,
    backoff,
    follow,
)

WHOLE = ["turn_started", "item_completed", "system_event", "item_started", "raw", "agent_message_delta", "raw"]
WHOLE += ["item_completed", "completed"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long before the next try."""
    monkeypatch.setattr(backoff, "FIRST", 0.001)
    monkeypatch.setattr(backoff, "LONGEST", 0.01)


@asynccontextmanager
async def chatting_over(*faults: Fault) -> AsyncIterator[tuple[AsyncChatClient, Faulty]]:
    app = Faulty(Assistant(echo), *faults)
    async with asyncio.timeout(20), serving(app) as url, AsyncChatClient(url) as chat:
        yield chat, app


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [before_it_arrives],
        [before_the_answer],
        [before_it_arrives, before_the_answer, before_the_answer],
        [at_once],
        [after("turn.started")],
        [after("said: ")],
        [after("said: ", cut=True)],
        [after("said: ", cut=True), before_it_arrives, after("one two "), at_once],
        [after("said: "), refusing(503, "server.shutting_down"), refusing(502, "?")],
        [after("thread.item.done"), after("one two"), after("turn.completed")],
    ],
)
async def test_every_event_comes_once_whatever_breaks(faults: list[Fault]) -> None:
    async with chatting_over(*faults) as (chat, app):
        thread = await chat.threads.start()
        run = thread.run_streamed("one two three")
        events = [event async for event in run]
        assert (types(events), said(events)) == (WHOLE, "You said: one two three ")
        seqs = [int(str(event.cursor).removeprefix(f"{run.turn_id}:")) for event in events]
        assert seqs == sorted(set(seqs))
        assert (await run.result()).text == "You said: one two three "
        assert [turn.id async for turn in chat.turns.iterate()] == [run.turn_id]
        assert app.faults == []


async def test_an_op_that_nobody_answers_is_sent_three_times_again_with_its_key() -> None:
    async with chatting_over(*[before_it_arrives] * 4) as (chat, app):
        thread = await chat.threads.start()
        with pytest.raises(ConnectionLostError):
            await thread.run("Hi")
        assert [op["type"] for op in app.ops] == ["threads.add_user_message"] * 4
        assert len({op["params"]["turn"]["idempotency_key"] for op in app.ops}) == 1
        assert (await chat.turns.list()).data == []


async def test_a_server_that_accepts_and_hangs_up_is_not_asked_for_ever() -> None:
    async with chatting_over(after("turn.started"), *[at_once] * 20) as (chat, app):
        thread = await chat.threads.start()
        run = thread.run_streamed("Hi")
        with pytest.raises(ConnectionLostError, match="closed the connection"):
            await run.result()
        follow = {"type": "turns.follow", "params": {"turn_id": run.turn_id, "after": f"{run.turn_id}:1"}}
        assert app.ops[1:] == [follow] * 10


async def test_a_turn_whose_end_is_known_is_over_though_the_server_is_gone() -> None:
    async with chatting_over(after("turn.completed"), *[before_it_arrives] * 20) as (chat, app):
        thread = await chat.threads.start()
        assert (await thread.run("Hi")).text == "You said: Hi "
        assert len(app.ops) == 1


async def test_a_connection_that_has_lived_for_a_while_was_a_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "STEADY", 0.0)
    async with chatting_over(after("turn.started"), *[at_once] * 20) as (chat, app):
        thread = await chat.threads.start()
        assert (await thread.run("Hi")).text == "You said: Hi "
        assert len(app.ops) == 22


async def test_each_new_event_gives_the_client_patience_again() -> None:
    async with chatting_over() as (chat, app):
        thread = await chat.threads.start()
        turn_id = (await thread.run("Hi")).turn_id
        app.faults += [after("turn.started"), at_once, after("user_message"), at_once, after("You"), at_once]
        events = [event async for event in chat.turns.follow(turn_id, max_reconnects=2)]
        assert said(events) == "You said: Hi "


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "auth.required", NotSignedInError),
        (403, "auth.forbidden", NotAllowedError),
        (410, "turn.expired", TurnExpiredError),
        (422, "request.invalid", RefusedError),
    ],
)
async def test_a_server_that_refuses_is_not_asked_again(status: int, code: str, error: type[RefusedError]) -> None:
    async with chatting_over(after("turn.started"), refusing(status, code)) as (chat, app):
        thread = await chat.threads.start()
        with pytest.raises(error, match=r"No\.") as caught:
            await thread.run("Hi")
        assert (caught.value.status, caught.value.code, caught.value.request_id) == (status, code, "req_1")
        assert len(app.ops) == 2


async def test_a_follow_tells_of_its_connections() -> None:
    async with chatting_over() as (chat, app):
        thread = await chat.threads.start()
        turn_id = (await thread.run("Hi")).turn_id
        app.faults += [after("turn.started"), before_it_arrives]
        told: list[str] = []

        def broke(error: ChatClientError) -> None:
            told.append(type(error).__name__)

        events = chat.turns.follow(
            turn_id,
            on_connect=lambda: told.append("connected"),
            on_reconnect=lambda: told.append("connected again"),
            on_disconnect=broke,
        )
        assert said([event async for event in events]) == "You said: Hi "
        assert told == ["connected", "ConnectionLostError", "ConnectionLostError", "connected again"]
        assert events.cursor is not None
        assert [event async for event in chat.turns.follow(turn_id, after=events.cursor)] == []


async def test_a_server_that_is_not_one_of_ours_is_told_apart() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        await PlainTextResponse("Hello")(scope, receive, send)  # type: ignore[arg-type]

    async with serve(app, lifespan="off") as url, AsyncChatClient(url) as chat:
        with pytest.raises(RefusedError, match="status 200 and text/plain, not as a ChatKit server does"):
            await chat.threads.start()
        with pytest.raises(RefusedError, match="not as a ChatKit server does"):
            await chat.turns.create_and_stream("Hi").result()


async def test_a_server_that_tells_of_no_turns_gets_a_message_only_once() -> None:
    ops: list[object] = []

    async def endpoint(request: Request) -> Response:
        ops.append(await request.json())
        return Response(
            'data: {"type": "notice", "level": "info", "message": "Hi"}\n\n', media_type="text/event-stream"
        )

    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    async with serve(app) as url, AsyncChatClient(url) as chat:
        with pytest.raises(ChatClientError, match="does not tell of its turns"):
            await chat.turns.create_and_stream("Hi").result()
    assert len(ops) == 1


def test_waiting_grows_and_is_spread() -> None:
    assert [backoff.delay(attempt, lambda: 1.0) for attempt in (1, 2, 3, 4)] == [0.001, 0.002, 0.004, 0.008]
    assert (backoff.delay(50, lambda: 0.0), backoff.delay(50, lambda: 1.0)) == (0.005, 0.01)
