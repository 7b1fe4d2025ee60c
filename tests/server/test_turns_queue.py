"""Two messages at once in one thread, and connections that close."""

import asyncio
from typing import Any

import pytest
from talking import Assistant, Gate, Talk, saying, talking, types

from chatkit_core.errors import ForbiddenError, QueueFullError
from chatkit_core.turn_log import Taken, TurnRecord
from chatkit_core.types import LockedStatus, StreamOptions, StreamOptionsEvent
from chatkit_stores.memory import MemoryTurnLog

DELTA = "assistant_message.content_part.text_delta"


async def test_a_second_message_waits_for_the_first_ones_reply_and_enters_the_thread_after_it() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create("one")
        await first.until(DELTA)
        talk.server.reply = saying("Second.")
        second = await talk.say("two", turns=True)
        await second.until("turn.queued")
        assert await talk.texts() == ["one"]
        gate.open.set()
        events = await second.rest()
        assert types(events)[:4] == ["turn.queued", "turn.started", "thread.item.done", "stream_options"]
        assert types(await first.rest())[-2:] == ["thread.item.done", "thread.updated"]
        assert await talk.texts() == ["one", "Once upon", "two", "Second."]


async def test_messages_that_wait_are_answered_in_the_order_in_which_they_came() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create("0")
        await first.until(DELTA)
        talk.server.reply = saying("Yes.")
        waiting = [await talk.say(str(number)) for number in range(1, 6)]
        gate.open.set()
        await asyncio.gather(*(stream.rest() for stream in (first, *waiting)))
        assert (await talk.texts())[::2] == ["0", "1", "2", "3", "4", "5"]


async def test_twenty_messages_may_wait_and_the_next_one_is_refused() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create("0")
        await first.until(DELTA)
        talk.server.reply = saying("Yes.")
        waiting = [await talk.say(str(number)) for number in range(1, 21)]
        with pytest.raises(QueueFullError) as refused:
            await talk.say("21")
        assert (refused.value.status, refused.value.code) == (429, "thread.queue_full")
        gate.open.set()
        await asyncio.gather(*(stream.rest() for stream in (first, *waiting)))
        assert (await talk.texts())[::2] == [str(number) for number in range(21)]
    assert {turn.status for turn in await talk.turns()} == {"completed"}


async def test_threads_do_not_wait_for_each_other() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        await (await talk.create("one")).until(DELTA)
        talk.server.reply = saying("Other.")
        other = Talk(talk.server)
        await (await other.create("two")).rest()
        assert await other.texts() == ["two", "Other."]
        gate.open.set()


async def test_a_closed_connection_ends_the_turn_with_what_was_said_and_a_hidden_note() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await stream.close()
        await after_it(talk, gate)
        assert await talk.texts() == ["Hi", "Once ", "next", "Yes."]
        note = [item for item in await talk.stored() if item.type == "sdk_hidden_context"]
        assert [item.content for item in note] == ["The reply was cut off here."]
    assert [(turn.status, turn.cancel_reason) for turn in await talk.turns()] == [
        ("cancelled", "disconnected"),
        ("completed", None),
    ]


class NeverCancelled(Assistant):
    def get_stream_options(self, *args: Any) -> StreamOptions:
        return StreamOptions(allow_cancel=False)


class RunsOn(Assistant):
    on_disconnect = "continue"


@pytest.mark.parametrize("assistant", [NeverCancelled, RunsOn])
async def test_where_the_app_says_so_a_turn_runs_on_when_its_connection_closes(assistant: type[Assistant]) -> None:
    gate = Gate()
    async with talking(assistant(gate.reply)) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await stream.close()
        gate.open.set()
        await after_it(talk, gate)
        assert await talk.texts() == ["Hi", "Once upon", "next", "Yes."]


async def test_nothing_happens_to_the_turn_of_a_client_that_knows_turns_when_its_connection_closes() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        stream = await talk.create(turns=True)
        await stream.until(DELTA)
        await stream.close()
        gate.open.set()
        await after_it(talk, gate)
        assert await talk.texts() == ["Hi", "Once upon", "next", "Yes."]


async def test_stream_options_that_are_yielded_count_from_then_on() -> None:
    gate = Gate()

    async def reply(thread: Any, message: Any) -> Any:
        yield StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=False))
        async for word in gate.reply(thread, message):
            yield word

    async with talking(Assistant(reply)) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await stream.close()
        gate.open.set()
        await after_it(talk, gate)
        assert await talk.texts() == ["Hi", "Once upon", "next", "Yes."]


async def test_a_message_whose_connection_closes_while_it_waits_never_enters_the_thread() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create()
        await first.until(DELTA)
        withdrawn = await talk.say("withdrawn")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):  # as long as it waits there is nothing to read
                await withdrawn.rest()
        gate.open.set()
        await after_it(talk, gate)
        assert await talk.texts() == ["Hi", "Once upon", "next", "Yes."]
    assert [turn.status for turn in await talk.turns()] == ["completed", "cancelled", "completed"]


async def after_it(talk: Talk, gate: Gate) -> None:
    """Have another turn, which begins when the one before has ended."""
    await gate.left.wait()
    talk.server.reply = saying("Yes.")
    await (await talk.say("next")).rest()


async def test_a_stream_that_is_closed_before_anybody_reads_it_is_a_closed_connection() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        gate.open.set()
        await (await talk.create("one")).rest()
        gate.open.clear()
        unread = await talk.say("two")
        await unread.close()
        talk.server.reply = saying("Third.")
        await (await talk.say("three")).rest()
        assert [turn.cancel_reason for turn in await talk.turns()] == [None, "disconnected", None]


async def test_a_new_thread_that_is_refused_leaves_nothing() -> None:
    class Refusing(Assistant):
        def get_stream_options(self, thread: Any, context: Any) -> StreamOptions:
            raise ForbiddenError

    async with talking(Refusing(saying("Yes."))) as talk:
        with pytest.raises(ForbiddenError):
            await talk.create()
        assert (await talk.ask("threads.list"))["data"] == []


async def test_a_message_that_waited_is_refused_if_the_thread_is_locked_by_then() -> None:
    gate = Gate()

    async def lock(thread: Any, message: Any) -> Any:
        async for event in gate.reply(thread, message):
            yield event
        thread.status = LockedStatus(reason="Enough")

    async with talking(Assistant(lock)) as talk:
        first = await talk.create("one")
        await first.until(DELTA)
        second = await talk.say("two")
        gate.open.set()
        await first.rest()
        [error, *_] = await second.rest()
        assert (error["type"], error["code"], error["allow_retry"]) == ("error", "custom", False)
        assert error["message"] == f"Thread {talk.thread_id!r} is locked: Enough"
        assert await talk.texts() == ["one", "Once upon"]


async def test_a_message_that_came_just_before_a_lock_is_refused_though_it_never_waited_in_a_queue() -> None:
    class SlowLog(MemoryTurnLog):
        slow = False

        async def create(self, *args: Any, **kwargs: Any) -> Taken | TurnRecord:
            if self.slow:
                gate.open.set()
                await first_has_left.wait()
            return await super().create(*args, **kwargs)

        async def update(self, *args: Any, **kwargs: Any) -> None:
            await super().update(*args, **kwargs)
            first_has_left.set()

    gate, first_has_left = Gate(), asyncio.Event()

    async def lock(thread: Any, message: Any) -> Any:
        async for event in gate.reply(thread, message):
            yield event
        thread.status = LockedStatus()

    log = SlowLog()
    async with talking(Assistant(lock, turn_log=log)) as talk:
        first = await talk.create("one")
        await first.until(DELTA)
        log.slow = True
        [error, *_] = await (await talk.say("two")).rest()
        assert (error["type"], error["message"]) == ("error", f"Thread {talk.thread_id!r} is locked.")
        assert await talk.texts() == ["one", "Once upon"]
