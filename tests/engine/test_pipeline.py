"""How `respond` ends, well or badly, and what is kept then; through a whole server."""

import asyncio
import logging
from typing import Any

import pytest
from one_turn import CONTEXT, Chat
from pipeline_events import Events, delta, message, outline

from chatkit_core import current_turn, reply
from chatkit_core.types import (
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
)
from chatkit_core.widgets import Card, Text
from chatkit_stores.memory import MemoryStore


async def test_an_item_that_is_left_open_is_said_done_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        yield delta("m", "x")

    chat = Chat(respond)

    assert outline(await chat.send()) == [
        ("item.added", "<msg 2>", None),
        ("item.updated", "<msg 2>", "x"),
        ("item.done", "<msg 2>", "x"),
    ]
    [item] = await chat.items()
    assert item.text == "x"
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert item.id in caplog.text


async def test_updates_of_a_stored_item_are_passed_on_and_saved_as_a_replace_at_the_end() -> None:
    stored_meanwhile: list[ThreadItem] = []

    async def show(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(Card(children=[Text(id="t", value="")])):
            yield event

    async def change(thread: ThreadMetadata) -> Events:
        [widget, _] = await chat.items()
        root = WidgetRootUpdated(widget=Card(children=[Text(id="u", value="Hel")]))
        text = WidgetStreamingTextValueDelta(component_id="u", delta="lo", done=True)
        yield ThreadItemUpdatedEvent(item_id=widget.id, update=root)
        yield ThreadItemUpdatedEvent(item_id=widget.id, update=text)
        stored_meanwhile.extend(await chat.items())

    chat = Chat(show, change)
    await chat.send()

    events = await chat.send()
    assert [event["type"] for event in events] == ["thread.item.updated"] * 2 + ["thread.item.replaced"]
    [widget, _] = await chat.items()
    assert isinstance(widget, WidgetItem)
    assert widget.widget == Card(children=[Text(id="u", value="Hello", streaming=False)])
    assert events[-1]["item"] == (await chat.stored())[0]
    assert isinstance(stored_meanwhile[0], WidgetItem)
    assert stored_meanwhile[0].widget == Card(children=[Text(id="t", value="")])


async def not_awaited(thread: ThreadMetadata) -> Events:
    yield delta("nobody", "x")


async def yields_none(thread: ThreadMetadata) -> Events:
    yield None


async def yields_a_dict(thread: ThreadMetadata) -> Events:
    yield {"type": "notice", "level": "info", "message": "x"}


async def misfit(thread: ThreadMetadata) -> Events:
    yield ThreadItemAddedEvent(item=message(thread, "m"))
    yield ThreadItemUpdatedEvent(item_id="m", update=WidgetRootUpdated(widget=Card(children=[])))


async def unwritable(thread: ThreadMetadata) -> Events:
    yield reply.hidden(object())


@pytest.mark.parametrize("respond", [not_awaited, yields_none, yields_a_dict, misfit, unwritable])
async def test_what_no_client_could_apply_fails_the_turn_and_what_there_is_is_kept(
    respond: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def begin_well(thread: ThreadMetadata) -> Events:
        yield "So far"
        async for event in respond(thread):
            yield event

    chat = Chat(begin_well)
    events = await chat.send()

    assert events[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert [item.text for item in await chat.items()] == ["So far"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


# Cancellation


class SlowStore(MemoryStore[Any]):
    """Writes items when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = False
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if self.slow:
            self.slow = False
            self.entered.set()
            await self.release.wait()
        await super().add_thread_item(thread_id, item, context)


async def test_a_cancellation_during_a_write_reaches_respond_once_the_write_is_finished() -> None:
    store = SlowStore()
    seen: list[Any] = []

    async def respond(thread: ThreadMetadata) -> Events:
        store.slow = True
        try:
            yield ThreadItemDoneEvent(item=message(thread, "m", "kept"))
        except asyncio.CancelledError:
            page = await store.load_thread_items(thread.id, after=None, limit=9, order="asc", context=CONTEXT)
            seen.extend([current_turn().cancel_reason, [item.type for item in page.data]])
            yield "Goodbye"
            raise

    chat = Chat(respond, store=store)
    async with chat.server.lifespan():
        client = asyncio.create_task(chat.stream())
        await store.entered.wait()
        client.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client
        assert seen == []
        store.release.set()

    assert seen == ["disconnected", ["user_message", "assistant_message"]]
    kept, goodbye, note = await chat.items()
    assert (kept.text, goodbye.text, note.type) == ("kept", "Goodbye", "sdk_hidden_context")


# Cost
