from collections.abc import AsyncIterator
from typing import Any

import pytest
from one_turn import Chat

from chatkit_core import reply
from chatkit_core.types import CustomSummary, SearchTask, ThoughtTask, ThreadMetadata, URLSource

Events = AsyncIterator[Any]


async def test_a_workflow_from_its_start_to_its_end() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        workflow = reply.Workflow("reasoning", expanded=True)
        yield workflow.start()
        yield workflow.add(ThoughtTask(content="Hm"))
        yield workflow.add(SearchTask(title="Searching", status_indicator="loading"))
        yield workflow.update(0, content="Hm …")
        yield workflow.finish(sources=[URLSource(title="A page", url="u")])
        yield workflow.end(CustomSummary(title="Found it"))

    chat = Chat(respond)

    item = {"id": "<wf 1>", "thread_id": "<thr 1>", "created_at": "<time>", "type": "workflow"}
    thought = {"status_indicator": "none", "type": "thought", "content": "Hm"}
    search = {"status_indicator": "loading", "type": "web_search", "title": "Searching", "queries": [], "sources": []}
    thought_after = thought | {"content": "Hm …"}
    search_after = search | {
        "status_indicator": "complete",
        "sources": [{"title": "A page", "type": "url", "url": "u"}],
    }
    updates = [
        {"type": "workflow.task.added", "task_index": 0, "task": thought},
        {"type": "workflow.task.added", "task_index": 1, "task": search},
        {"type": "workflow.task.updated", "task_index": 0, "task": thought_after},
        {"type": "workflow.task.updated", "task_index": 1, "task": search_after},
    ]
    done = item | {
        "workflow": {
            "type": "reasoning",
            "tasks": [thought_after, search_after],
            "summary": {"title": "Found it"},
            "expanded": False,
        }
    }
    assert await chat.send() == [
        {
            "type": "thread.item.added",
            "item": item | {"workflow": {"type": "reasoning", "tasks": [], "expanded": True}},
        },
        *[{"type": "thread.item.updated", "item_id": "<wf 1>", "update": update} for update in updates],
        {"type": "thread.item.done", "item": done},
    ]
    assert await chat.stored() == [done]


async def test_the_summary_is_by_default_how_long_it_took() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        workflow = reply.Workflow()
        yield workflow.start()
        yield workflow.end(expanded=True)

    chat = Chat(respond)
    await chat.send()

    [item] = await chat.stored()
    assert item["workflow"] == {"type": "custom", "tasks": [], "summary": {"duration": 0}, "expanded": True}


async def test_a_task_that_is_not_there_cannot_be_changed() -> None:
    tried: list[type[Exception]] = []

    async def respond(thread: ThreadMetadata) -> Events:
        workflow = reply.Workflow()
        yield workflow.start()
        for index in (-1, 0, 1):
            try:
                workflow.update(index, title="x")
            except IndexError as error:
                tried.append(type(error))
        yield workflow.end()

    chat = Chat(respond)
    events = await chat.send()

    assert tried == [IndexError] * 3
    assert [event["type"] for event in events] == ["thread.item.added", "thread.item.done"]
    with pytest.raises(LookupError):
        reply.Workflow()
