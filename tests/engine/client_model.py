"""What a client makes of a turn's events: the simplest model of one, with the real reducer for items."""

import json
from typing import Any

from pydantic import BaseModel, TypeAdapter

from chatkit_core.engine.encoding import Replacements, to_json
from chatkit_core.engine.feed import Feed
from chatkit_core.engine.reducer import PendingItem, TextPart, pending_item
from chatkit_core.engine.text_route import DELTA_SUFFIX, TextRoute
from chatkit_core.sse import Decoder, ServerSentEvent
from chatkit_core.turn_log import EventEntry
from chatkit_core.types import (
    AssistantMessageContentPartTextDelta,
    ClientEffectEvent,
    ErrorEvent,
    NoticeEvent,
    ProgressUpdateEvent,
    StreamOptionsEvent,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
)

_adapter: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)


def decoded(frames: bytes) -> list[ServerSentEvent]:
    return Decoder().feed(frames)


class Client:
    """Applies events, and has a state to compare. Client effects and `turn.*` events are kept apart."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.turns: list[str] = []
        self._items: dict[str, PendingItem] = {}
        self._progress: str | None = None
        self._told: list[str | None] = []

    @property
    def state(self) -> dict[str, Any]:
        items = {id: json.loads(to_json(item.snapshot())) for id, item in self._items.items()}
        return {"items": items, "order": list(items), "progress": self._progress, "told": list(self._told)}

    def item(self, id: str) -> Any:
        return self._items[id].snapshot()

    def take(self, frames: bytes) -> None:
        for event in decoded(frames):
            self.see(event)

    def see(self, event: ServerSentEvent) -> None:
        if event.data.startswith('{"type":"turn.'):
            self.turns.append(json.loads(event.data)["turn"])
        else:
            self.apply(_adapter.validate_json(event.data))

    def hear(self, event: Any) -> None:
        """Take what a `Speaker` has said: an event, the name of a `turn.*` event, or nothing."""
        if isinstance(event, str):
            self.turns.append(event)
        elif event is not None:
            self.apply(event)

    def apply(self, event: Any) -> None:
        match event:
            case ThreadItemUpdatedEvent():
                self._items[event.item_id].apply(event.update)
            case ThreadItemAddedEvent() | ThreadItemDoneEvent() | ThreadItemReplacedEvent():
                self._items[event.item.id] = pending_item(event.item)
                self._progress = None
            case ThreadItemRemovedEvent():
                self._items.pop(event.item_id, None)
            case ProgressUpdateEvent():
                self._progress = event.text
            case ClientEffectEvent():
                self.effects.append(event.name)
            case NoticeEvent() | ErrorEvent():
                self._told.append(event.message)
            case ThreadCreatedEvent() | ThreadUpdatedEvent() | StreamOptionsEvent():
                pass
            case _:
                raise AssertionError(event)


class Speaker:
    """Says events to a feed as the pipeline does, and remembers them all by their place: None where a gap is."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.said: list[Any] = []
        self.client = Client()
        self._replacements = Replacements()

    def say(self, event: BaseModel) -> None:
        self.feed.say(event.type, to_json(event), self._replacements.name(event))
        self._remember(event)

    def about_to_say(self, event: BaseModel) -> EventEntry:
        """Begin to say an event that is written to the log first. What is said meanwhile comes after it."""
        self._remember(event)
        return self.feed.about_to_say(event.type, to_json(event))

    def forgo(self) -> None:
        """Do not say what is being written."""
        del self.said[self.feed.last_seq]
        self.client = self.client_at(len(self.said))
        self.feed.forgo()

    def say_turn(self, name: str) -> None:
        type = f"turn.{name}"
        self.feed.say(type, json.dumps({"type": type, "turn": name}).replace(" ", "").encode())
        self._remember(name)

    def say_text(self, item_id: str, index: int, text: str) -> None:
        route = TextRoute(item_id, index, TextPart())
        self.feed.say_text(route.prefix, DELTA_SUFFIX, text)
        delta = AssistantMessageContentPartTextDelta(content_index=index, delta=text)
        self._remember(ThreadItemUpdatedEvent(item_id=item_id, update=delta))

    def go_on_with(self, feed: Feed) -> None:
        """Go on in another process; what is not in the log is lost, and so are the numbers up to the feed's."""
        known = max((entry.seq for entry in feed.said()), default=0)
        self.forget_after(known)
        self.said += [None] * (feed.last_seq - known)
        self.feed = feed
        self._replacements = Replacements(feed.last_seq)

    def forget_after(self, seq: int) -> None:
        del self.said[seq:]
        self.client = self.client_at(seq)

    def client_at(self, cursor: int) -> Client:
        """Return a client that has seen everything up to the cursor."""
        client = Client()
        for event in self.said[:cursor]:
            client.hear(event)
        return client

    def _remember(self, event: Any) -> None:
        self.said.append(event)
        self.client.hear(event)


def item_of(type: str, id: str, **fields: Any) -> Any:
    item = {"type": type, "id": id, "thread_id": "thr_1", "created_at": "2026-01-02T03:04:05Z"}
    return _items.validate_python(item | fields)


_items: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
