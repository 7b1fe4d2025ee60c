"""How a turn that is cancelled ends: what `respond` and the app's handler may still do, and what is kept."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest
from talking import (
    Assistant,
    Context,
    Gate,
    Stream,
    Talk,
    added,
    assistant_message,
    delta,
    done,
    saying,
    talking,
    text_of,
    types,
)

from chatkit_core.types import ThreadItem, ThreadMetadata, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text

DELTA = "assistant_message.content_part.text_delta"


async def cancelled(talk: Talk) -> Stream:
    """Begin a turn, and close its connection once there is a delta."""
    stream = await talk.create()
    await stream.until(DELTA)
    await stream.close()
    return stream


async def after_it(talk: Talk) -> list[str]:
    """Have another turn, which begins when the one before has ended, and return what was said."""
    talk.server.reply = saying("Yes.")
    await (await talk.say("next")).rest()
    return await talk.texts()


async def test_the_handler_sees_what_was_pending_and_may_await_as_long_as_it_has_time() -> None:
    class Cleaning(Assistant):
        cleaned: ClassVar[list[tuple[str, list[str]]]] = []

        async def handle_stream_cancelled(
            self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: Context
        ) -> None:
            for _ in range(10):
                await self.store.load_thread(thread.id, context=context)
                await asyncio.sleep(0)
            texts = [text_of(item.model_dump()) for item in pending_items]
            self.cleaned.append((context["user_id"], texts))

    async with talking(Cleaning(Gate().reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "Once ", "next", "Yes."]
        assert Cleaning.cleaned == [("ada", ["Once "])]


async def test_what_the_handler_takes_out_of_the_pending_items_is_not_kept() -> None:
    class Dropping(Assistant):
        async def handle_stream_cancelled(
            self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: Context
        ) -> None:
            pending_items.clear()

    async with talking(Dropping(Gate().reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "next", "Yes."]


async def test_a_handler_that_fails_is_logged_and_the_partial_reply_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Assistant):
        async def handle_stream_cancelled(self, *args: Any) -> None:
            raise RuntimeError("the handler's own mistake")

    async with talking(Failing(Gate().reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "Once ", "next", "Yes."]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "handle_stream_cancelled has failed" in record.message
    assert "the handler's own mistake" in caplog.text


async def test_a_handler_that_does_not_end_gets_its_grace_time_and_no_more() -> None:
    class Slow(Assistant):
        cancel_grace = 0.2

        async def handle_stream_cancelled(self, *args: Any) -> None:
            await asyncio.Event().wait()

    async with talking(Slow(Gate().reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "Once ", "next", "Yes."]


async def test_a_respond_that_will_not_stop_holds_nobody_up_and_is_not_heard_any_more() -> None:
    class Impatient(Assistant):
        cancel_grace = 0.2

    release, said = asyncio.Event(), asyncio.Event()

    async def reply(thread: Any, message: Any) -> AsyncIterator[str]:
        try:
            yield "Once "
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            yield "too late"
        finally:
            said.set()

    async with talking(Impatient(reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "Once ", "next", "Yes."]
        release.set()
        await said.wait()
        assert await talk.texts() == ["Hi", "Once ", "next", "Yes."]


async def test_what_respond_yields_while_it_is_being_cancelled_is_kept() -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        item = assistant_message()
        yield added(item)
        yield delta(item.id, "Once ")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            yield delta(item.id, "upon")
            yield done(assistant_message("The end."))
            raise

    async with talking(Assistant(reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "The end.", "Once upon", "next", "Yes."]


async def test_pending_widgets_and_changes_to_the_thread_are_kept() -> None:
    async def reply(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        widget = Card(children=[Text(value="Half a card")])
        item = WidgetItem(id="w", thread_id=thread.id, created_at=utc_now(), widget=widget)
        yield added(item)
        yield "Once "
        thread.title = "Set by the app"
        thread.metadata["step"] = 2
        await asyncio.Event().wait()

    async with talking(Assistant(reply)) as talk:
        await cancelled(talk)
        assert await after_it(talk) == ["Hi", "<widget>", "Once ", "next", "Yes."]
        thread = await talk.server.store.load_thread(talk.thread_id, context=talk.context)
        assert (thread.title, thread.metadata) == ("Set by the app", {"step": 2})


async def test_a_reply_without_a_word_leaves_nothing_behind() -> None:
    began = asyncio.Event()

    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield added(assistant_message())
        began.set()
        await asyncio.Event().wait()

    async with talking(Assistant(reply)) as talk:
        stream = await talk.create()
        await stream.until("thread.item.added")
        await began.wait()
        await stream.close()
        assert await after_it(talk) == ["Hi", "next", "Yes."]


async def test_deleting_the_thread_ends_its_turns_without_asking_the_handler() -> None:
    class Cleaning(Assistant):
        async def handle_stream_cancelled(self, *args: Any) -> None:
            raise AssertionError("there is nothing to clean up")

    gate = Gate()
    async with talking(Cleaning(gate.reply)) as talk:
        first = await talk.create(turns=True)
        await first.until(DELTA)
        second = await talk.say("two", turns=True)
        await talk.ask("threads.delete", thread_id=talk.thread_id)
        ends = [(await stream.rest())[-1] for stream in (first, second)]
        assert types(ends) == ["turn.cancelled", "turn.cancelled"]
        assert [end["turn"]["cancel_reason"] for end in ends] == ["thread.deleted"] * 2
        assert gate.left.is_set()
        assert (await talk.ask("threads.list"))["data"] == []
        assert await talk.turns() == []


async def test_deleting_a_thread_several_times_at_once_is_deleting_it() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create()
        await first.until(DELTA)
        deleting = [talk.ask("threads.delete", thread_id=talk.thread_id) for _ in range(3)]
        assert await asyncio.gather(*deleting) == [{}, {}, {}]
        assert (await talk.ask("threads.list"))["data"] == []
