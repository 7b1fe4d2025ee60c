"""The short way of text: from a delta to the pending message and the feed, with nothing looked up twice."""

import orjson

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.reducer import PendingItem, TextPart
from chatkit_core.engine.text import DeltaJoiner
from chatkit_core.turn import Turn
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
    WidgetStreamingTextValueDelta,
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


class TextRoutes:
    """The routes of one turn's text, and what is said on them.

    A route stands for a place as long as nothing reshapes it: then `forget` them all.
    """

    def __init__(self, feed: Feed) -> None:
        self._say_text = feed.say_text
        self.known: dict[tuple[str, int], TextRoute] = {}
        """By the id that the app uses for a message, and the index of the part."""
        self.of_strings: TextRoute | None = None
        """Where a plain `str` goes."""
        self._widgets: dict[tuple[str, str], WidgetTextRoute] = {}

    def open(self, given_id: str, id: str, content_index: int, part: TextPart) -> TextRoute:
        """Return a new route to a part of a message, for the id that the app uses."""
        route = self.known[given_id, content_index] = TextRoute(id, content_index, part)
        return route

    def forget(self) -> None:
        """Begin anew: the next delta of a place may go elsewhere than the last."""
        self.known.clear()
        self.of_strings = None
        self._widgets.clear()

    def say(self, route: TextRoute, delta: str) -> None:
        """Append a delta to its part, and say it. A hot path."""
        joiner = route.joiner
        text = delta if delta.isascii() and not joiner.held else joiner.push(delta)
        if text or not delta:
            route.append(text)
            self._say_text(route.prefix, DELTA_SUFFIX, text)

    def say_rest(self, route: TextRoute) -> None:
        """Say what was held back of the last delta."""
        if rest := route.joiner.rest():
            self.say(route, rest)

    def say_in_widget(self, item_id: str, update: WidgetStreamingTextValueDelta, pending: PendingItem) -> None:
        """Append a delta to a component's text, and say it.

        Raises:
            InvalidEventError: the item has no such component, or it has no text.
        """
        place = item_id, update.component_id
        route = self._widgets.get(place) or WidgetTextRoute(*place)
        text = route.joiner.push(update.delta) + (route.joiner.rest() if update.done else "")
        pending.apply(update.model_copy(update={"delta": text}))
        self._widgets[place] = route
        if text or update.done or not update.delta:
            self._say_text(route.prefix, route.suffix(update.done), text)


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
