"""Features of work: what the assistant shows while it is busy, and what it makes."""

import asyncio
import base64
from collections.abc import AsyncIterator

from chatkit_core import reply
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    CustomTask,
    EndOfTurnItem,
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    SearchTask,
    TaskItem,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    URLSource,
    UserMessageItem,
    utc_now,
)

STEP = 0.2
"""Seconds that a step seems to take."""


async def progress(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """Lines that tell what is going on until the answer begins."""
    yield reply.progress("Looking it up …", icon="search")
    await asyncio.sleep(STEP)
    yield reply.progress("Reading what was found …", icon="book-open")
    await asyncio.sleep(STEP)
    yield "Here is the answer."


async def workflow(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """Tasks that start and finish on the way to the answer."""
    steps = reply.Workflow("reasoning", expanded=True)
    yield steps.start()
    yield steps.add(ThoughtTask(title="Thinking", content="I should look this up.", status_indicator="loading"))
    await asyncio.sleep(STEP)
    yield steps.finish()
    yield steps.add(SearchTask(title="Searching", queries=["chat server"], status_indicator="loading"))
    await asyncio.sleep(STEP)
    found = URLSource(title="Server-sent events", url="https://html.spec.whatwg.org/multipage/server-sent-events.html")
    yield steps.finish(sources=[found])
    yield steps.end()
    yield "That is what I found."


async def task(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A task that stands by itself, and the mark where an answer ends."""
    turn = current_turn()
    done = CustomTask(title="Backed up 3 files", icon="check-circle", content="`a.txt`, `b.txt`, `c.txt`")
    yield ThreadItemDoneEvent(
        item=TaskItem(id=turn.new_id("task"), thread_id=thread.id, created_at=utc_now(), task=done)
    )
    yield ThreadItemDoneEvent(item=EndOfTurnItem(id=turn.new_id("message"), thread_id=thread.id, created_at=utc_now()))


async def image(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A picture that takes shape."""
    item = GeneratedImageItem(id=current_turn().new_id("message"), thread_id=thread.id, created_at=utc_now())
    yield ThreadItemAddedEvent(item=item)
    for step in range(1, 5):
        await asyncio.sleep(STEP)
        picture = GeneratedImage(id="sunrise", url=_sunrise(height=20 * step))
        yield ThreadItemUpdatedEvent(item_id=item.id, update=GeneratedImageUpdated(image=picture, progress=step / 4))
    yield ThreadItemDoneEvent(item=item.model_copy(update={"image": picture}))


def _sunrise(height: int) -> str:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 120"><rect width="200" height="120" fill="#bde0fe"/>'
        f'<circle cx="100" cy="{120 - height}" r="24" fill="#ffb703"/>'
        '<rect y="90" width="200" height="30" fill="#588157"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
