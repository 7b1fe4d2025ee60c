"""A reply of event objects, as an app of either package writes it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from benchmarks.apps.script import WORD, Pace, Script


async def objects(types: Any, script: Script, thread_id: str, item_id: str) -> AsyncIterator[Any]:
    """Yield a reply.

    Args:
        types: the package's module of types.
    """
    message = types.AssistantMessageItem(id=item_id, thread_id=thread_id, created_at=datetime.now(UTC), content=[])
    yield types.ThreadItemAddedEvent(item=message)
    part = types.AssistantMessageContent(text="", annotations=[])
    added = types.AssistantMessageContentPartAdded(content_index=0, content=part)
    yield types.ThreadItemUpdatedEvent(item_id=item_id, update=added)
    pace = Pace(script.rate) if script.rate else None
    for _ in range(script.deltas):
        if pace is not None:
            await pace.wait()
        delta = types.AssistantMessageContentPartTextDelta(content_index=0, delta=WORD)
        yield types.ThreadItemUpdatedEvent(item_id=item_id, update=delta)
    content = types.AssistantMessageContent(text=WORD * script.deltas, annotations=[])
    yield types.ThreadItemDoneEvent(item=message.model_copy(update={"content": [content]}))


async def strings(script: Script) -> AsyncIterator[str]:
    """Yield a reply of `str`."""
    pace = Pace(script.rate) if script.rate else None
    for _ in range(script.deltas):
        if pace is not None:
            await pace.wait()
        yield WORD
