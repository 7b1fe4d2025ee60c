"""Servers in the benchmark's own process, which are called without HTTP; and stores that have threads in them."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from benchmarks.apps.objects import objects, strings
from benchmarks.apps.script import Script
from chatkit_core import ChatServer, types
from chatkit_core.store import Store, default_generate_id
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, ThreadMetadata

CONTEXT: Any = {"user_id": "somebody"}
TEXT = "A reply of about two hundred characters, as many are. " * 4
AT_ONCE = 1000
"""How many items are written together when a thread is filled."""


class Assistant(ChatServer[Any]):
    """Answers as the servers behind HTTP do."""

    def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        script = Script.parse(message.text)
        if script.kind == "str":
            return strings(script)
        return objects(types, script, thread.id, self.store.generate_item_id("message", thread, context))

    async def generate_title(self, *args: Any) -> None:
        """The incumbent makes no titles."""


@contextlib.contextmanager
def folder_on_disk() -> Iterator[Path]:
    """Give a folder that is on a disk; /tmp may be in memory."""
    with tempfile.TemporaryDirectory(prefix="chatkit-benchmark-", dir="/var/tmp") as folder:
        yield Path(folder)


def message_op(text: str) -> bytes:
    """Return the op that sends a message to a new thread."""
    content = [{"type": "input_text", "text": text}]
    message: dict[str, Any] = {"content": content, "attachments": [], "quoted_text": None, "inference_options": {}}
    return op("threads.create", input=message)


def op(type: str, **params: Any) -> bytes:
    """Return an op as JSON."""
    return orjson.dumps({"type": type, "params": params})


async def frames_of(server: Any, request: bytes) -> int:
    """Send an op to a server of either package; return how many frames the stream has that answers it."""
    frames = 0
    async for chunk in await server.process(request, CONTEXT):
        frames += chunk.count(b"\n\n")
    return frames


def said(thread_id: str, text: str = TEXT) -> AssistantMessageItem:
    """Return a new item."""
    content = [AssistantMessageContent(text=text)]
    id = default_generate_id("message")
    return AssistantMessageItem(id=id, thread_id=thread_id, created_at=datetime.now(UTC), content=content)


async def add_thread(store: Store[Any], items: int) -> tuple[str, list[str]]:
    """Add a thread with so many items; return its id and theirs."""
    thread = ThreadMetadata(id=default_generate_id("thread"), created_at=datetime.now(UTC))
    await store.save_thread(thread, CONTEXT)
    ids: list[str] = []
    while len(ids) < items:
        some = [said(thread.id) for _ in range(min(items - len(ids), AT_ONCE))]
        await asyncio.gather(*(store.add_thread_item(thread.id, item, CONTEXT) for item in some))
        ids += [item.id for item in some]
    return thread.id, ids
