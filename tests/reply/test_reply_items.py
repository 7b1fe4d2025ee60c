from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from one_turn import Chat

from chatkit_core import reply
from chatkit_core.types import StructuredInputFreeform, ThreadMetadata

Events = AsyncIterator[Any]


async def test_progress_is_said_and_not_stored() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield reply.progress("Looking it up …")
        yield reply.progress("Reading …", icon="search")

    chat = Chat(respond)

    assert await chat.send() == [
        {"type": "progress_update", "text": "Looking it up …"},
        {"type": "progress_update", "icon": "search", "text": "Reading …"},
    ]
    assert await chat.items() == []


async def test_a_hidden_note_is_stored_and_not_said() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield reply.hidden({"tool": "search", "found": [1, None]})

    chat = Chat(respond)

    assert await chat.send() == []
    [item] = await chat.items()
    assert (item.type, item.content) == ("hidden_context_item", {"tool": "search", "found": [1, None]})


async def test_a_client_tool_call_waits_for_the_client() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield reply.client_tool_call("open_map", {"city": "Oslo"})
        yield reply.client_tool_call("close_map", {}, call_id="call-of-the-model")

    chat = Chat(respond)

    item = {"thread_id": "<thr 1>", "created_at": "<time>", "type": "client_tool_call", "status": "pending"}
    calls = [
        item | {"id": "<tc 1>", "call_id": "<call 1>", "name": "open_map", "arguments": {"city": "Oslo"}},
        item | {"id": "<tc 2>", "call_id": "call-of-the-model", "name": "close_map", "arguments": {}},
    ]
    assert await chat.send() == [{"type": "thread.item.done", "item": call} for call in calls]
    assert await chat.stored() == calls


async def test_questions_wait_for_the_user() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield reply.structured_input([StructuredInputFreeform(id="name", question="Your name?")])

    chat = Chat(respond)
    events = await chat.send()

    [item] = await chat.stored()
    assert events == [{"type": "thread.item.done", "item": item}]
    assert (item["id"], item["type"], item["status"]) == ("<msg 2>", "structured_input", "pending")
    assert [(question["id"], question["question"]) for question in item["inputs"]] == [("name", "Your name?")]


@pytest.mark.parametrize(
    "make",
    [
        lambda: reply.hidden("x"),
        lambda: reply.client_tool_call("x", {}),
        lambda: reply.structured_input([]),
        lambda: reply.Workflow(),
    ],
    ids=["hidden", "client_tool_call", "structured_input", "Workflow"],
)
def test_outside_of_a_turn_there_is_nothing_to_make(make: Callable[[], Any]) -> None:
    with pytest.raises(LookupError, match="no current turn"):
        make()
