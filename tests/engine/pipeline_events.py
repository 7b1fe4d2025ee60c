"""Events that the tests of the pipeline yield, and how they tell what came of them."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    utc_now,
)

HIGH, LOW, LOST = "\ud83d", "\ude00", "\N{REPLACEMENT CHARACTER}"
Events = AsyncIterator[Any]


def message(thread: ThreadMetadata, id: str, *texts: str) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text) for text in texts]
    return AssistantMessageItem(id=id, thread_id=thread.id, created_at=utc_now(), content=content)


def delta(item_id: str, text: str, index: int = 0) -> ThreadItemUpdatedEvent:
    update = AssistantMessageContentPartTextDelta(content_index=index, delta=text)
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)


def outline(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The events without what does not matter here: type, id, and text."""
    found = []
    for event in events:
        update, item = event.get("update", {}), event.get("item", {})
        parts = [update["content"]] if "content" in update else item.get("content", [])
        said = update.get("delta", "|".join(part["text"] for part in parts) if parts != [] else None)
        found.append((event["type"].removeprefix("thread."), event.get("item_id", item.get("id")), said))
    return found
