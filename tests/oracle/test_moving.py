"""A backend that was written for `openai-chatkit` moves over by changing its imports."""

import json
from typing import Any

import pytest

BACKEND = '''
from collections import defaultdict
from datetime import datetime

from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import AssistantMessageContent, AssistantMessageItem, Page, ThreadItemDoneEvent, ThreadMetadata


class Rows(Store[dict]):
    """A backend's own store, as the incumbent's documentation has it: no owners, no upserts, dumps as dicts."""

    def __init__(self):
        self.threads, self.items, self.attachments = {}, defaultdict(list), {}

    async def load_thread(self, thread_id, context):
        if thread_id not in self.threads:
            raise NotFoundError(f"Thread {thread_id} not found")
        return ThreadMetadata.model_validate(self.threads[thread_id])

    async def save_thread(self, thread, context):
        self.threads[thread.id] = thread.model_dump()

    async def load_thread_items(self, thread_id, after, limit, order, context):
        items = self.items[thread_id] if order == "asc" else self.items[thread_id][::-1]
        start = next((i + 1 for i, item in enumerate(items) if item.id == after), 0)
        page = items[start : start + limit]
        more = start + limit < len(items)
        return Page(data=page, has_more=more, after=page[-1].id if more else None)

    async def add_thread_item(self, thread_id, item, context):
        self.items[thread_id].append(item)

    async def save_item(self, thread_id, item, context):
        rows = self.items[thread_id]
        rows[[row.id for row in rows].index(item.id)] = item

    async def load_item(self, thread_id, item_id, context):
        for item in self.items[thread_id]:
            if item.id == item_id:
                return item
        raise NotFoundError(item_id)

    async def delete_thread_item(self, thread_id, item_id, context):
        self.items[thread_id] = [item for item in self.items[thread_id] if item.id != item_id]

    async def load_threads(self, limit, after, order, context):
        return Page(data=[ThreadMetadata(**row) for row in self.threads.values()])

    async def delete_thread(self, thread_id, context):
        self.threads.pop(thread_id), self.items.pop(thread_id)

    async def save_attachment(self, attachment, context):
        self.attachments[attachment.id] = attachment

    async def load_attachment(self, attachment_id, context):
        return self.attachments[attachment_id]

    async def delete_attachment(self, attachment_id, context):
        del self.attachments[attachment_id]


class Assistant(ChatKitServer[dict]):
    async def respond(self, thread, input_user_message, context):
        thread.title = f"{context['name']}'s thread"
        item = AssistantMessageItem(
            id=self.store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=datetime.now(),
            content=[AssistantMessageContent(text=f"You said: {input_user_message.content[0].text}")],
        )
        yield ThreadItemDoneEvent(item=item)


server = Assistant(store=Rows())


async def endpoint(body, name):
    result = await server.process(body, {"name": name})
    if isinstance(result, StreamingResult):
        return [chunk async for chunk in result]
    assert isinstance(result, NonStreamingResult)
    return result.json
'''


@pytest.mark.parametrize("package", ["chatkit", "chatkit_core"])
async def test_a_backend_moves_over_by_changing_its_imports(package: str) -> None:
    backend: dict[str, Any] = {"__name__": "backend"}
    exec(BACKEND.replace("from chatkit.", f"from {package}."), backend)

    async def ask(type: str, **params: Any) -> Any:
        return await backend["endpoint"](json.dumps({"type": type, "params": params}), "Ada")

    input = {"content": [{"type": "input_text", "text": "Hi"}], "attachments": [], "inference_options": {}}
    frames = b"".join(await ask("threads.create", input=input)).split(b"\n\n")
    events = [json.loads(frame.removeprefix(b"data: ")) for frame in frames if frame]
    assert [event["type"] for event in events] == [
        "thread.created",
        "thread.item.done",
        "stream_options",
        "thread.item.done",
        "thread.updated",
    ]
    thread_id = events[0]["thread"]["id"]
    thread = json.loads(await ask("threads.get_by_id", thread_id=thread_id))
    assert thread["title"] == "Ada's thread"
    assert thread["items"]["data"] == [events[1]["item"], events[3]["item"]]
    assert thread["items"]["data"][1]["content"][0]["text"] == "You said: Hi"
    await ask("threads.update", thread_id=thread_id, title="Renamed")
    assert [row["title"] for row in json.loads(await ask("threads.list"))["data"]] == ["Renamed"]
    assert await ask("threads.delete", thread_id=thread_id) == b"{}"
