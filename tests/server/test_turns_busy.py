"""What a client may say of its turn: what happens if the thread is busy, a key, a sender, limits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from talking import DELTA, Assistant, Gate, message, over_http, said, saying, talking, types

from chatkit_core import current_turn
from chatkit_core.errors import KeyReusedError, ThreadBusyError
from chatkit_core.types import TurnLimits
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "chat.db")


async def test_a_message_can_be_refused_while_the_thread_is_busy_and_is_told_by_which_turn(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create("one", turns=True)
        turn_id = first.seen[0]["turn"]["id"]
        with pytest.raises(ThreadBusyError) as refused:
            await talk.say("two", turn={"on_busy": "reject"})
        assert (refused.value.status, refused.value.details) == (409, {"turn_id": turn_id})
        gate.open.set()
        await first.rest()
        talk.server.reply = saying("Now.")
        await (await talk.say("three", turn={"on_busy": "reject"})).rest()
        assert await talk.texts() == ["one", "Once upon", "three", "Now."]


async def test_the_error_of_a_refused_message_names_the_turn_over_http() -> None:
    gate = Gate()
    server = Assistant(gate.reply)
    async with over_http(server) as client:
        create = {"type": "threads.create", "params": {"input": message("one")}}
        async with client.stream("POST", "/", json=create, headers={"ChatKit-Turns": "1"}) as running:
            turn_id = running.headers["chatkit-turn-id"]
            [turn] = (await client.post("/", json={"type": "turns.list"})).json()["data"]
            params = {"thread_id": turn["thread_id"], "input": message("two"), "turn": {"on_busy": "reject"}}
            refused = await client.post("/", json={"type": "threads.add_user_message", "params": params})
            error = refused.json()["error"]
            assert (refused.status_code, error["code"], error["turn_id"]) == (409, "turn.in_progress", turn_id)
            gate.open.set()


async def test_a_message_can_interrupt_and_goes_ahead_of_those_that_wait(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create("one", turns=True)
        await first.until(DELTA)
        talk.server.reply = saying("Yes.")
        second = await talk.say("two", turns=True)
        third = await talk.say("three", turns=True, turn={"on_busy": "interrupt"})
        await asyncio.gather(second.rest(), third.rest())
        cancelled = (await first.rest())[-1]
        assert (cancelled["type"], cancelled["turn"]["cancel_reason"]) == ("turn.cancelled", "interrupted")
        assert await talk.texts() == ["one", "Once ", "three", "Yes.", "two", "Yes."]


async def test_queued_turns_are_listed_in_order_and_can_be_withdrawn(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create("one")
        await first.until(DELTA)
        waiting = [await talk.say(text, turns=True) for text in ("two", "three", "four")]
        listed = await talk.ask("turns.list", thread_id=talk.thread_id, status="queued", order="asc")
        ids = [turn["id"] for turn in listed["data"]]
        assert [turn["status"] for turn in listed["data"]] == ["queued"] * 3
        talk.server.reply = saying("Yes.")
        await talk.ask("turns.cancel", turn_id=ids[1])
        assert types(await waiting[1].rest()) == ["turn.queued", "turn.cancelled"]
        gate.open.set()
        for stream in (first, waiting[0], waiting[2]):
            await stream.rest()
        assert (await talk.texts())[::2] == ["one", "two", "four"]


async def test_the_same_key_gives_the_same_turn_from_its_start(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        await talk.ask("threads.start")
        once = await talk.create("one", turns=True, turn={"idempotency_key": "k"})
        again = await talk.start("threads.create", input=message("one"), turn={"idempotency_key": "k"}, turns=True)
        gate.open.set()
        assert said(await once.rest()) == said(await again.rest())
        later = await talk.start("threads.create", input=message("one"), turn={"idempotency_key": "k"}, turns=True)
        assert said(await later.rest()) == said(once.seen)
        assert await talk.texts() == ["one", "Once upon"]
        plain = await talk.start("threads.create", input=message("one"), turn={"idempotency_key": "k"})
        assert {event["type"].partition(".")[0] for event in await plain.rest()} == {"thread", "stream_options"}


async def test_the_same_key_with_another_body_or_another_owner_is_not_the_same(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        await (await talk.create("one", turn={"idempotency_key": "k"})).rest()
        with pytest.raises(KeyReusedError) as refused:
            await talk.start("threads.create", input=message("two"), turn={"idempotency_key": "k"})
        assert (refused.value.status, refused.value.code) == (409, "idempotency_key.reused")
        talk.context = {"user_id": "bob"}
        await (await talk.create("one", turn={"idempotency_key": "k"})).rest()
        assert await talk.texts() == ["one", "Hello."]


async def test_a_refused_request_keeps_no_key(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create("one")
        await first.until(DELTA)
        options = {"idempotency_key": "k", "on_busy": "reject"}
        with pytest.raises(ThreadBusyError):
            await talk.say("two", turn=options)
        gate.open.set()
        await first.rest()
        await (await talk.say("two", turn=options)).rest()
        assert (await talk.texts())[2:] == ["two", "Once upon"]


async def test_the_header_gives_a_key_and_the_bodys_key_wins() -> None:
    async with over_http(Assistant(saying("Hello."))) as client:

        async def send(header: str, **turn: Any) -> str:
            body = {"type": "threads.create", "params": {"input": message("one"), "turn": turn}}
            return str(
                (await client.post("/", json=body, headers={"Idempotency-Key": header})).headers["chatkit-turn-id"]
            )

        first = await send("h")
        assert await send("h") == first
        assert await send("other") != first
        assert await send("h", idempotency_key="other") != first
        refused = await client.post("/", json={"type": "threads.list"}, headers={"Idempotency-Key": "x" * 201})
        assert refused.status_code == 422


async def test_a_turn_knows_who_sent_it(store: Any) -> None:
    async def greet(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield f"Hello, {(current_turn().sender or {})['name']}."

    async with talking(Assistant(greet, store)) as talk:
        await (await talk.create(turn={"sender": {"name": "Scheduler"}})).rest()
        assert (await talk.texts())[-1] == "Hello, Scheduler."
        assert [turn.sender for turn in await talk.turns()] == [{"name": "Scheduler"}]


class Limited(Assistant):
    cancel_grace: ClassVar[float] = 1.0
    limits: ClassVar[TurnLimits] = TurnLimits(max_tokens=100, max_events=50, max_seconds=30)


async def test_reaching_a_limit_ends_the_turn_as_failed_with_a_notice_and_keeps_what_was_said(store: Any) -> None:
    async def spending(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield "Some "
        current_turn().report_usage(input_tokens=60, output_tokens=39, cost_usd=0.5, steps=1)
        yield "more "
        current_turn().report_usage(output_tokens=1)
        await asyncio.Event().wait()

    async with talking(Limited(spending, store)) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert [event["turn"]["usage"]["output_tokens"] for event in events if event["type"] == "turn.usage"] == [39]
        [notice], failed = [event for event in events if event["type"] == "notice"], events[-1]
        assert notice["level"] == "warning"
        assert failed["turn"]["error"] == {"code": "limit.max_tokens", "message": notice["message"]}
        assert failed["turn"]["usage"] == {
            "input_tokens": 60,
            "output_tokens": 40,
            "cost_usd": 0.5,
            "steps": 1,
            "tool_calls": 0,
        }
        assert await talk.texts() == ["Hi", "Some more "]


@pytest.mark.parametrize(
    ("wanted", "code"), [({"max_events": 3}, "limit.max_events"), ({"max_seconds": 0.01}, "limit.max_seconds")]
)
async def test_a_client_may_lower_the_limits(store: Any, wanted: dict[str, Any], code: str) -> None:
    async def endless(thread: Any, message: Any) -> AsyncIterator[Any]:
        while True:
            yield "x"
            await asyncio.sleep(0.001)

    async with talking(Limited(endless, store)) as talk:
        await (await talk.create(turn={"limits": wanted})).rest()
        [turn] = await talk.turns()
        assert turn.error is not None
        assert turn.error.code == code
        if "max_events" in wanted:
            assert (await talk.texts())[-1] == "xxx"


async def test_a_client_cannot_raise_the_limits(store: Any) -> None:
    async def endless(thread: Any, message: Any) -> AsyncIterator[Any]:
        while True:
            yield "x"

    async with talking(Limited(endless, store)) as talk:
        await (await talk.create(turn={"limits": {"max_events": 1000}})).rest()
        assert (await talk.texts())[-1] == "x" * 50


async def test_a_limit_counts_though_the_reply_ends_at_once() -> None:
    async def spending(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield "Dear."
        current_turn().report_usage(output_tokens=1000)

    async with talking(Limited(spending)) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert events[-1]["turn"]["error"]["code"] == "limit.max_tokens"
        assert await talk.texts() == ["Hi", "Dear."]


async def test_a_reply_that_swallows_its_limit_is_ended_all_the_same() -> None:
    async def deaf(thread: Any, message: Any) -> AsyncIterator[Any]:
        while True:
            try:
                yield "x"
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass

    async with talking(Limited(deaf)) as talk:
        events = await (await talk.create(turns=True, turn={"limits": {"max_seconds": 0.01}})).rest()
        assert events[-1]["turn"]["error"]["code"] == "limit.max_seconds"
