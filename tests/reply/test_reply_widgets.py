from collections.abc import AsyncIterator
from typing import Any

import pytest
from one_turn import Chat

from chatkit_core import reply
from chatkit_core.types import ThreadMetadata, WidgetItem
from chatkit_core.widgets import Card, Text, Title

Events = AsyncIterator[Any]
ITEM = {"id": "<msg 2>", "thread_id": "<thr 1>", "created_at": "<time>", "type": "widget"}


async def test_a_widget_is_done_at_once() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(Card(children=[Title(value="Oslo")]), copy_text="Oslo"):
            yield event

    chat = Chat(respond)

    card = {"type": "Card", "children": [{"type": "Title", "value": "Oslo"}]}
    item = ITEM | {"widget": card, "copy_text": "Oslo"}
    assert await chat.send() == [{"type": "thread.item.done", "item": item}]
    assert await chat.stored() == [item]


async def test_a_widget_that_changes_sends_what_changed() -> None:
    async def states() -> AsyncIterator[Card]:
        yield Card(children=[Text(id="t", value="Hel", streaming=True)])
        yield Card(children=[Text(id="t", value="Hello", streaming=True)])
        yield Card(children=[Text(id="t", value="Hello", streaming=True)])
        yield Card(children=[Title(value="Hello")])

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(states()):
            yield event

    chat = Chat(respond)

    first = {"type": "Card", "children": [{"id": "t", "type": "Text", "value": "Hel", "streaming": True}]}
    last = {"type": "Card", "children": [{"type": "Title", "value": "Hello"}]}
    text = {"type": "widget.streaming_text.value_delta", "component_id": "t", "delta": "lo", "done": False}
    root = {"type": "widget.root.updated", "widget": last}
    assert await chat.send() == [
        {"type": "thread.item.added", "item": ITEM | {"widget": first}},
        {"type": "thread.item.updated", "item_id": "<msg 2>", "update": text},
        {"type": "thread.item.updated", "item_id": "<msg 2>", "update": root},
        {"type": "thread.item.done", "item": ITEM | {"widget": last}},
    ]
    assert await chat.stored() == [ITEM | {"widget": last}]


async def test_a_widget_that_breaks_off_is_kept_as_it_was_last(caplog: pytest.LogCaptureFixture) -> None:
    async def states() -> AsyncIterator[Card]:
        yield Card(children=[Text(id="t", value="Hel", streaming=True)])
        yield Card(children=[Text(id="t", value="Hello", streaming=True)])
        raise ConnectionError("the source has gone")

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(states()):
            yield event

    chat = Chat(respond)
    await chat.send()

    [item] = await chat.items()
    assert isinstance(item, WidgetItem)
    assert item.widget == Card(children=[Text(id="t", value="Hello", streaming=True)])
    assert "the source has gone" in caplog.text


async def test_no_state_is_no_widget() -> None:
    async def states() -> AsyncIterator[Card]:
        for card in ():
            yield card

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(states()):
            yield event

    assert await Chat(respond).send() == []


async def test_outside_of_a_turn_there_is_no_widget() -> None:
    with pytest.raises(LookupError, match="no current turn"):
        await anext(reply.widget(Card(children=[])))
