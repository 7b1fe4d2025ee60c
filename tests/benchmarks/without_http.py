"""Servers that are called without HTTP, and stores that have threads in them."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatkit_core.store import Store, default_generate_id
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, ThreadMetadata

CONTEXT: Any = {"user_id": "somebody"}
TEXT = "A reply of about two hundred characters, as many are. " * 4
AT_ONCE = 1000
"""How many items are written together when a thread is filled."""


@contextlib.contextmanager
def folder_on_disk() -> Iterator[Path]:
    """Give a folder that is on a disk; /tmp may be in memory."""
    with tempfile.TemporaryDirectory(prefix="chatkit-benchmark-", dir="/var/tmp") as folder:
        yield Path(folder)


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
