from collections.abc import AsyncIterator
from typing import Any

import pytest
from one_turn import Chat

from chatkit_core import reply
from chatkit_core.types import Annotation, ThreadMetadata, URLSource

Events = AsyncIterator[Any]
PART = "assistant_message.content_part"


def note(url: str) -> Annotation:
    return Annotation(source=URLSource(title="A page", url=url), index=2)


def note_json(url: str) -> dict[str, Any]:
    return {"type": "annotation", "source": {"title": "A page", "type": "url", "url": url}, "index": 2}


async def test_text_is_one_message_delta_by_delta_with_its_annotations() -> None:
    async def pieces() -> AsyncIterator[str | Annotation]:
        yield "Hel"
        yield note("u1")
        yield "lo"

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.text(pieces(), annotations=[note("u2")]):
            yield event

    chat = Chat(respond)

    item = {"id": "<msg 2>", "thread_id": "<thr 1>", "created_at": "<time>", "type": "assistant_message"}
    whole = {"annotations": [note_json("u1"), note_json("u2")], "text": "Hello", "type": "output_text"}
    updates = [
        {
            "type": f"{PART}.added",
            "content_index": 0,
            "content": {"annotations": [], "text": "", "type": "output_text"},
        },
        {"type": f"{PART}.text_delta", "content_index": 0, "delta": "Hel"},
        {
            "type": f"{PART}.annotation_added",
            "content_index": 0,
            "annotation_index": 0,
            "annotation": note_json("u1"),
        },
        {"type": f"{PART}.text_delta", "content_index": 0, "delta": "lo"},
        {
            "type": f"{PART}.annotation_added",
            "content_index": 0,
            "annotation_index": 1,
            "annotation": note_json("u2"),
        },
        {"type": f"{PART}.done", "content_index": 0, "content": whole},
    ]
    assert await chat.send() == [
        {"type": "thread.item.added", "item": item | {"content": []}},
        *[{"type": "thread.item.updated", "item_id": "<msg 2>", "update": update} for update in updates],
        {"type": "thread.item.done", "item": item | {"content": [whole]}},
    ]
    assert await chat.stored() == [item | {"content": [whole]}]


async def test_no_text_at_all_is_an_empty_message() -> None:
    async def silence() -> AsyncIterator[str]:
        for word in ():
            yield word

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.text(silence()):
            yield event

    chat = Chat(respond)
    events = await chat.send()

    assert [event["type"].rpartition(".")[2] for event in events] == ["added", "updated", "updated", "done"]
    [item] = await chat.items()
    assert item.text == ""


async def test_two_texts_are_two_messages() -> None:
    async def words(*all_of_them: str) -> AsyncIterator[str]:
        for word in all_of_them:
            yield word

    async def respond(thread: ThreadMetadata) -> Events:
        for text in ("one", "two"):
            async for event in reply.text(words(text)):
                yield event

    chat = Chat(respond)
    events = await chat.send()

    assert [event["item"]["id"] for event in events if event["type"] == "thread.item.done"] == ["<msg 2>", "<msg 3>"]
    assert [item.text for item in await chat.items()] == ["one", "two"]


async def test_a_stream_that_breaks_keeps_the_text_so_far(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks() -> AsyncIterator[str]:
        yield "So far"
        raise ConnectionError("the model has gone")

    async def respond(thread: ThreadMetadata) -> Events:
        async for event in reply.text(breaks()):
            yield event

    chat = Chat(respond)
    events = await chat.send()

    assert [event["type"] for event in events[-2:]] == ["thread.item.done", "error"]
    assert [item.text for item in await chat.items()] == ["So far"]
    assert "the model has gone" in caplog.text


async def test_outside_of_a_turn_there_is_no_text() -> None:
    async def words() -> AsyncIterator[str]:
        yield "x"

    with pytest.raises(LookupError, match="no current turn"):
        await anext(reply.text(words()))
