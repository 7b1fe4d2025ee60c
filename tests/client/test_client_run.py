"""A message is sent, and its turn followed to the end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from chatting import Gate, chatting, said, types, until

from chatkit_core import current_turn
from chatkit_core.client import (
    AsyncChatClient,
    Cancelled,
    Completed,
    Failed,
    ThreadNotFoundError,
    TurnCancelledError,
    TurnFailedError,
    TurnInProgressError,
)
from chatkit_core.errors import CustomStreamError
from chatkit_core.types import (
    AssistantMessageItem,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    TurnLimits,
    TurnUsage,
    UserMessageTagContent,
    utc_now,
)


async def test_a_run_returns_what_was_said() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        result = await thread.run("Hi")
        assert (result.text, result.status, result.thread_id) == ("You said: Hi ", "completed", thread.id)
        assert [item.type for item in result.items] == ["assistant_message"]
        assert result.turn == await chat.turns.get(result.turn_id)


async def test_a_streamed_run_yields_the_events_of_its_turn_and_has_the_result_in_the_end() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        run = thread.run_streamed("one two")
        events = [event async for event in run]
        assert types(events) == [
            "turn_started",
            "item_completed",
            "system_event",
            "item_started",
            "raw",
            "agent_message_delta",
            "raw",
            "item_completed",
            "completed",
        ]
        assert [event.raw["type"] for event in events if event.type == "raw"] == ["thread.item.updated"] * 2
        assert said(events) == "You said: one two "
        result = await run.result()
        assert (result.turn_id, result.text) == (run.turn_id, "You said: one two ")
        assert events[-1] == Completed(turn=result.turn, raw=events[-1].raw, cursor=run.cursor)


async def test_who_waits_for_the_result_takes_no_events_from_who_iterates() -> None:
    async with chatting() as chat:
        run = chat.turns.create_and_stream("one two")
        result, events = await asyncio.gather(run.result(), collect(run))
        assert said(events) == result.text == "You said: one two "
        assert run.thread_id == result.thread_id


async def collect(events: AsyncIterator[Any]) -> list[Any]:
    return [event async for event in events]


async def test_a_wait_for_an_event_may_be_given_up_and_begun_again() -> None:
    gate = Gate()
    async with chatting(gate.reply) as chat:
        run = chat.turns.create_and_stream("Hi")
        await until(run, "agent_message_delta")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(run)
        gate.open.set()
        assert said([event async for event in run]) == "upon"


async def test_a_message_has_parts_and_a_sender() -> None:
    senders: list[Any] = []

    async def tell(text: str) -> AsyncIterator[str]:
        senders.append(current_turn().sender)
        yield text

    async with chatting(tell) as chat:
        thread = await chat.threads.start()
        tag = UserMessageTagContent(id="7", text="Ada", data={})
        texts = [
            (await thread.run(["Ask ", tag, {"type": "input_text", "text": "!"}])).text,
            (await thread.run("Hi", sender={"name": "Ben"})).text,
            (await thread.run({"input": ["Hi", " you"], "sender": {"name": "Eve"}}, sender={"name": "Ben"})).text,
        ]
        assert texts == ["Ask Ada!", "Hi", "Hi you"]
        assert senders == [None, {"name": "Ben"}, {"name": "Eve"}]
        with pytest.raises(TypeError, match="a message is a text or a list of parts, not int"):
            thread.run_streamed(7)  # type: ignore[arg-type]


async def test_a_run_whose_task_is_cancelled_stops_its_turn() -> None:
    async with chatting(Gate().reply) as chat:
        thread = await chat.threads.start()
        running = asyncio.create_task(thread.run("Hi"))
        turn_id = await started(chat)
        running.cancel()
        await asyncio.wait({running})
        turn = await chat.turns.wait(turn_id)
        assert (running.cancelled(), turn.status, turn.cancel_reason) == (True, "cancelled", "user")
        assert [item.type async for item in thread.items()] == ["user_message", "assistant_message"]


async def started(chat: AsyncChatClient) -> str:
    """Wait until a turn says something; return its id."""
    [thread] = (await chat.threads.list()).data
    delta = await until(chat.turns.follow(thread_id=thread.id, wait=True), "agent_message_delta")
    return str(delta.cursor).partition(":")[0]


async def test_a_run_that_takes_too_long_is_stopped() -> None:
    async with chatting(Gate().reply) as chat:
        thread = await chat.threads.start()
        with pytest.raises(TimeoutError):
            await thread.run("Hi", timeout=0.1)
        [turn] = (await chat.turns.list()).data
        assert (await chat.turns.wait(turn.id)).status == "cancelled"


async def test_a_streamed_run_that_is_left_goes_on() -> None:
    gate = Gate()
    async with chatting(gate.reply) as chat:
        thread = await chat.threads.start()
        async with thread.run_streamed("Hi") as run:
            await until(run, "agent_message_delta")
        gate.open.set()
        assert run.turn_id is not None
        assert (await chat.turns.wait(run.turn_id)).status == "completed"


async def test_a_run_is_stopped_by_its_handle() -> None:
    async with chatting(Gate().reply) as chat:
        thread = await chat.threads.start()
        run = thread.run_streamed("Hi")
        await until(run, "agent_message_delta")
        await run.cancel("enough")
        last = await until(run, "cancelled")
        assert isinstance(last, Cancelled)
        assert last.reason == "enough"
        with pytest.raises(TurnCancelledError) as caught:
            await run.result()
        assert (caught.value.reason, caught.value.result.text) == ("enough", "Once ")


async def test_a_turn_that_fails_raises_and_what_it_said_is_there() -> None:
    async def fail(text: str) -> AsyncIterator[str]:
        yield "I was going to"
        raise CustomStreamError("The model is asleep.", allow_retry=True)

    async with chatting(fail) as chat:
        thread = await chat.threads.start()
        run = thread.run_streamed("Hi")
        last = (await collect(run))[-1]
        assert isinstance(last, Failed)
        assert (last.code, last.message, last.allow_retry) == ("custom", "The model is asleep.", True)
        with pytest.raises(TurnFailedError) as caught:
            await run.result()
        error = caught.value
        assert (error.code, error.message, error.result.text) == ("custom", "The model is asleep.", "I was going to")


async def test_a_busy_thread_has_messages_wait_or_refuses_them() -> None:
    gate = Gate()
    async with chatting(gate.reply) as chat:
        thread = await chat.threads.start()
        first = thread.run_streamed("one")
        await first.start()
        with pytest.raises(TurnInProgressError) as caught:
            await thread.run("two", enqueue_if_busy=False)
        assert caught.value.turn_id == first.turn_id
        third = await thread.enqueue("three")
        assert (await chat.turns.get(third)).status == "queued"
        gate.open.set()
        assert (await chat.turns.wait(third)).status == "completed"
        assert [turn.status async for turn in chat.turns.iterate(thread_id=thread.id)] == ["completed", "completed"]


async def test_a_run_sees_only_its_own_turn() -> None:
    gate = Gate()
    async with chatting(gate.reply) as chat:
        thread = await chat.threads.start()
        first, second = thread.run_streamed("one"), thread.run_streamed("two")
        await first.start()
        await second.start()
        await thread.rename("Meanwhile")
        gate.open.set()
        events = await collect(second)
        assert {str(event.cursor).partition(":")[0] for event in events} == {second.turn_id}
        assert [event.name for event in events if event.type == "system_event"] == ["turn.queued", "stream_options"]


async def test_the_same_key_gives_the_same_turn() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        first = await thread.run("Hi", idempotency_key="k")
        again = await thread.run("Hi", idempotency_key="k")
        assert first == again
        assert len([item async for item in thread.items()]) == 2


async def test_what_a_turn_uses_is_told_and_limits_hold() -> None:
    async def work(text: str) -> AsyncIterator[str]:
        current_turn().report_usage(input_tokens=10, output_tokens=1, steps=1)
        yield "Half"
        current_turn().report_usage(output_tokens=4)
        await gate.wait()
        yield " done"

    gate = asyncio.Event()
    async with chatting(work) as chat:
        with pytest.raises(TurnFailedError) as caught:
            await chat.turns.create_and_stream("Hi", limits=TurnLimits(max_tokens=15)).result()
        assert (caught.value.code, caught.value.result.text) == ("limit.max_tokens", "Half")
        gate.set()
        run = chat.turns.create_and_stream("Hi")
        used = [event for event in await collect(run) if event.type == "usage_delta"]
        total = TurnUsage(input_tokens=10, output_tokens=5, steps=1)
        assert (sum(event.usage.output_tokens for event in used), used[-1].total) == (5, total)
        assert (await run.result()).usage == total


async def test_a_thread_that_is_not_there_is_an_error() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        await thread.delete()
        with pytest.raises(ThreadNotFoundError) as caught:
            await thread.run("Hi")
        with pytest.raises(ThreadNotFoundError):
            await chat.threads.resume(thread.id)
        assert (caught.value.status, caught.value.code) == (404, "thread.not_found")
        assert caught.value.message == f"There is no thread '{thread.id}'."
        assert str(caught.value.request_id).startswith("req_")


async def test_what_a_turn_takes_back_is_not_in_its_result() -> None:
    async def draft(text: str) -> AsyncIterator[Any]:
        turn = current_turn()
        item = AssistantMessageItem(
            id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), content=[]
        )
        yield ThreadItemDoneEvent(item=item)
        yield ThreadItemRemovedEvent(item_id=item.id)
        yield "Better."

    async with chatting(draft) as chat:
        result = await chat.turns.create_and_stream("Hi").result()
        assert (result.text, len(result.items)) == ("Better.", 1)
