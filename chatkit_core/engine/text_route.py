"""The short way of text: from a delta to the pending message and the feed, with nothing looked up twice."""

import orjson

from chatkit_core.engine.reducer import TextPart
from chatkit_core.engine.text import DeltaJoiner
from chatkit_core.turn import Turn
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
)
from chatkit_core.types.times import utc_now

DELTA_SUFFIX = b"}}"


class TextRoute:
    """Where the deltas of one part of one message go.

    `prefix + "delta" + DELTA_SUFFIX` is the JSON of `ThreadItemUpdatedEvent` with a text delta.
    """

    __slots__ = ("append", "joiner", "prefix")

    def __init__(self, item_id: str, content_index: int, part: TextPart) -> None:
        self.append = part.append
        self.joiner = part.joiner
        self.prefix = (
            b'{"type":"thread.item.updated","item_id":%b,'
            b'"update":{"type":"assistant_message.content_part.text_delta","content_index":%d,"delta":'
        ) % (orjson.dumps(item_id), content_index)


class WidgetTextRoute:
    """Where the deltas of one component's text go.

    `prefix + "delta" + suffix(done)` is the JSON of `ThreadItemUpdatedEvent` with a widget's text delta.
    """

    __slots__ = ("joiner", "prefix")

    def __init__(self, item_id: str, component_id: str) -> None:
        self.joiner = DeltaJoiner()
        self.prefix = (
            b'{"type":"thread.item.updated","item_id":%b,'
            b'"update":{"type":"widget.streaming_text.value_delta","component_id":%b,"delta":'
        ) % (orjson.dumps(item_id), orjson.dumps(component_id))

    @staticmethod
    def suffix(done: bool) -> bytes:
        return b',"done":true}}' if done else b',"done":false}}'


class OpenMessage:
    """The message that plain `str` deltas go to."""

    def __init__(self, turn: Turn) -> None:
        self.item = AssistantMessageItem(
            id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), content=[]
        )

    def opening(self) -> tuple[ThreadItemAddedEvent, ThreadItemUpdatedEvent]:
        """Return the events that come before the first delta."""
        part = AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text=""))
        return ThreadItemAddedEvent(item=self.item), ThreadItemUpdatedEvent(item_id=self.item.id, update=part)

    @staticmethod
    def part_done(message: AssistantMessageItem) -> ThreadItemUpdatedEvent:
        """Return the event that comes after the last delta."""
        update = AssistantMessageContentPartDone(content_index=0, content=message.content[0])
        return ThreadItemUpdatedEvent(item_id=message.id, update=update)
