"""What our server never or hardly ever says, said by an endpoint that follows a script."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from chatting import types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatkit_core.client import AsyncChatClient, TurnExpiredError, backoff

Answer = dict[str, Any] | list[tuple[str | None, dict[str, Any]]]
"""JSON; or a stream: events, each with its cursor."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.001)


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[tuple[AsyncChatClient, list[dict[str, Any]]]]:
    """Yield a client of an endpoint that gives these answers, and the ops that it was asked for."""
    script, ops = list(answers), []

    async def endpoint(request: Request) -> Response:
        ops.append(await request.json())
        match script.pop(0):
            case {"error": {"status": status}} as refusal:
                return JSONResponse(refusal, status)
            case list(stream):
                frames = (frame(cursor, event) for cursor, event in stream)
                return Response("".join(frames), media_type="text/event-stream")
            case answer:
                return JSONResponse(answer)

    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    async with AsyncChatClient(app=app) as chat:
        yield chat, ops


def turn(status: str, id: str = "trn_1", **more: Any) -> dict[str, Any]:
    return {"id": id, "thread_id": "thr_1", "op": "x", "status": status, "created_at": "2026-01-01T00:00:00Z", **more}


def told(status: str, seq: int, id: str = "trn_1", **more: Any) -> tuple[str, dict[str, Any]]:
    return f"{id}:{seq}", {
        "type": f"turn.{status}",
        "turn": turn("running" if status == "started" else status, id, **more),
    }


def notice(text: str) -> dict[str, Any]:
    return {"type": "notice", "level": "info", "message": text}


def follow(**params: Any) -> dict[str, Any]:
    return {"type": "turns.follow", "params": params}


def frame(cursor: str | None, event: dict[str, Any]) -> str:
    return (f"id: {cursor}\n" if cursor else "") + f"data: {json.dumps(event)}\n\n"


async def test_events_that_come_again_are_told_once() -> None:
    again = [told("started", 1), ("trn_1:2", notice("a")), ("trn_1:3", notice("b")), told("completed", 4)]
    async with scripted([*again[:2], *again[1:2]], again) as (chat, ops):
        events = [event async for event in chat.turns.follow("trn_1")]
        assert [event.cursor for event in events] == ["trn_1:1", "trn_1:2", "trn_1:3", "trn_1:4"]
        assert ops == [follow(turn_id="trn_1"), follow(turn_id="trn_1", after="trn_1:2")]


async def test_events_of_another_turn_or_of_none_are_not_the_turns() -> None:
    others = [told("started", 1, "trn_2"), told("completed", 2, "trn_2")]
    stream = [(None, notice("the thread")), told("started", 1), *others, told("completed", 2)]
    async with scripted(stream) as (chat, _):
        events = [event async for event in chat.turns.follow("trn_1")]
        assert [event.cursor for event in events] == ["trn_1:1", "trn_1:2"]


async def test_an_event_without_an_id_has_no_cursor_and_moves_none() -> None:
    first = [told("started", 1), (None, notice("the thread"))]
    async with scripted(first, [told("completed", 2)]) as (chat, ops):
        events = chat.turns.follow(thread_id="thr_1")
        assert [event.cursor async for event in events] == ["trn_1:1", None, "trn_1:2"]
        assert ops[1] == follow(thread_id="thr_1", wait=False, after="trn_1:1")


async def test_who_waits_for_more_turns_comes_back_however_the_stream_ends() -> None:
    first, second = [told("completed", 1)], [told("completed", 1, "trn_2")]
    async with scripted(first, [], second, {"error": {"status": 403}}) as (chat, ops):
        events = chat.turns.follow(thread_id="thr_1", wait=True)
        assert [(await anext(events)).cursor for _ in range(2)] == ["trn_1:1", "trn_2:1"]
        assert [op["params"].get("after") for op in ops[:3]] == [None, "trn_1:1", "trn_1:1"]


async def test_a_thread_that_was_quiet_for_long_is_followed_on_without_the_cursor() -> None:
    expired = {"error": {"status": 410, "code": "turn.expired", "message": "This turn has expired."}}
    async with scripted(expired, [told("completed", 1, "trn_2")]) as (chat, ops):
        events = [event async for event in chat.turns.follow(thread_id="thr_1", after="trn_1:7")]
        assert [event.cursor for event in events] == ["trn_2:1"]
        assert "after" not in ops[1]["params"]
    async with scripted(expired) as (chat, _):
        with pytest.raises(TurnExpiredError):
            await anext(chat.turns.follow("trn_1", after="trn_1:7"))


async def test_a_run_whose_question_somebody_else_has_answered_meanwhile_goes_on() -> None:
    waiting = {"waiting_for": [{"item_id": "tc_1", "kind": "client_tool"}]}
    begun = [told("started", 1), told("waiting", 2, **waiting)]
    ended = [told("started", 3), told("completed", 4)]
    async with scripted(begun, turn("running"), ended) as (chat, ops):
        run = chat.turns.create_and_stream("Hi")
        assert types([event async for event in run]) == ["turn_started", "system_event", "turn_started", "completed"]
        assert [op["type"] for op in ops] == ["threads.create", "turns.get", "turns.follow"]
        assert (await run.result()).status == "completed"


async def test_lines_that_are_no_events_are_passed_over() -> None:
    async def endpoint(request: Request) -> Response:
        odd = "data: 7\n\ndata: {\n\n: ping\n\n"
        return Response(odd + "".join(frame(*end) for end in [told("completed", 1)]), media_type="text/event-stream")

    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    async with AsyncChatClient(app=app) as chat:
        assert types([event async for event in chat.turns.follow("trn_1")]) == ["completed"]


async def test_waiting_for_a_turn_lets_the_server_wait() -> None:
    async with scripted(turn("running"), turn("running"), turn("completed")) as (chat, ops):
        assert (await chat.turns.wait("trn_1")).status == "completed"
        assert [op["params"]["timeout"] for op in ops] == [30.0] * 3
    async with scripted(turn("running")) as (chat, ops):
        assert (await chat.turns.wait("trn_1", timeout=0)).status == "running"
        assert ops[0]["params"]["timeout"] == 0
