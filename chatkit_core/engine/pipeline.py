"""From what `respond` yields to the store and the feed.

This is the one place that touches the store for events. Text deltas and other updates of pending items take the short
way: nothing is awaited. Whatever brings an item to the store, or takes it away, is written first and said then.
"""

import asyncio
import logging
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TypeVar, cast

from chatkit_core.engine.encoding import Encoder, Replacements, thread_response
from chatkit_core.engine.id_map import ids_of
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.open_items import OpenItems
from chatkit_core.engine.open_questions import OpenQuestions
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.questions import superseded
from chatkit_core.engine.reducer import PendingItem, PendingMessage, WholeItem, is_empty
from chatkit_core.engine.saving import Saving
from chatkit_core.engine.text import cleaned
from chatkit_core.engine.text_route import OpenMessage, TextRoute
from chatkit_core.engine.thread_changes import ThreadChanges
from chatkit_core.errors import InvalidEventError, NotFoundError
from chatkit_core.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    StreamOptionsEvent,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    is_hidden,
)
from chatkit_core.types.events import ClientEffectEvent, NoticeEvent, ProgressUpdateEvent
from chatkit_core.types.turns import TurnError

_log = logging.getLogger("chatkit_core")

E = TypeVar("E", ThreadItemAddedEvent, ThreadItemDoneEvent, ThreadItemReplacedEvent)

_PASSED_ON = (ThreadCreatedEvent, ThreadUpdatedEvent, ProgressUpdateEvent, ClientEffectEvent, NoticeEvent)
_RESHAPES = (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    WidgetComponentUpdated,
    WidgetRootUpdated,
)
"""After these, text may go to another place than before."""


class Pipeline:
    """What one turn yields, on its way to the store and the feed."""

    def __init__(self, turn: LiveTurn, parts: Parts, minted: set[str]) -> None:
        self.turn = turn
        self.error: TurnError | None = None
        self.events = turn.state.events
        """How many events the app has yielded in this turn."""
        self.max_events = turn.state.limits.max_events or math.inf
        self.closed = False
        self.taking = asyncio.Lock()
        """Held while an event is taken that has to be written."""
        self.answer_to_come: asyncio.Future[None] | None = None
        """While the turn waits for an answer in place, and nothing may be said: done when it is there."""
        self.questions = OpenQuestions(turn, parts.store)
        self._store = parts.store
        self._encoder = Encoder(parts.attachments)
        self._log = parts.log
        self._lease = parts.lease
        self._ids = ids_of(turn, parts.store, minted)
        self._items = OpenItems(turn.feed)
        self._text = self._items.text
        self._saving = Saving(turn, parts, self._items, self.questions, self._encoder)
        self._replacements = Replacements(turn.feed.last_seq)
        self.changes = ThreadChanges(turn.thread)

    @property
    def items_done(self) -> int:
        """How many items the turn has said done or replaced."""
        return self._saving.items_done

    def use_thread(self, thread: ThreadMetadata) -> None:
        """Go on with the thread as it is by now."""
        self.turn.thread = thread
        self.changes = ThreadChanges(thread)

    def say(self, event: ThreadStreamEvent) -> None:
        """Say an event that needs no store."""
        data, event = self._encoder.encode(event)
        self._say_encoded(event, data)

    async def done(self, item: ThreadItem) -> None:
        """Save an item and say it done."""
        await self._saving.save(ThreadItemDoneEvent(item=item))

    async def replaced(self, item: ThreadItem) -> None:
        """Save an item in its place and say it replaced."""
        await self._saving.save(ThreadItemReplacedEvent(item=item))

    async def removed(self, item: ThreadItem) -> None:
        """Say that an item, which the store does not have any more, is removed."""
        if not is_hidden(item):
            await self._saving.say_removed(item.id)

    async def save_thread(self) -> None:
        """Save what the app changed of the thread, if anything, and say so.

        Raises:
            ValidationError: what it changed is no thread any more, which nobody could load.
        """
        changes = cleaned(self.changes.take())
        if changes:
            ThreadMetadata.model_validate(self.turn.thread.__dict__ | changes)
            await self._lease.check(self.turn.fence)
            thread = await self._store.update_thread(self.turn.thread.id, changes, context=self.turn.context)
            self.say(ThreadUpdatedEvent(thread=thread_response(thread)))

    async def close_items(self) -> None:
        """Say everything done that is still open: the text's message as usual, the rest with a warning."""
        await self._close_message()
        for id in list(self._items.pending):
            if id not in self._items.stored:
                _log.warning("Turn %s left item %s open; it is said done as it is.", self.turn.id, id)
            await self._saving.close(self._items.pending[id].snapshot())

    def pending_items(self) -> list[ThreadItem]:
        """Return the items that are still open, as they are now."""
        return self._items.snapshots()

    def has_unsaved_work(self) -> bool:
        """Return whether an open item has anything that a user would miss."""
        return self._items.any_content()

    async def close_partial_items(self, items: Iterable[ThreadItem]) -> None:
        """Say these of the open items done, if they are not empty, and the rest of the open items removed."""
        for item in items:
            if item.id in self._items.pending and not is_empty(item):
                await self._saving.close(item)
        for id in list(self._items.pending):
            del self._items.pending[id]
            if id not in self._items.stored and id not in self._items.hidden:
                await self._saving.say_removed(id)

    async def close_questions(self) -> None:
        """Close what nobody has answered."""
        for item in await self.questions.unanswered():
            await self.replaced(superseded(item))

    async def adopt(self, pending: Mapping[str, PendingItem], items_done: int) -> None:
        """Take over items that another process left open; of those that it had saved, what the store has.

        Args:
            items_done: how many items the turn had said done.
        """
        self._saving.items_done += items_done
        for id, left in pending.items():
            self._items.pending[id] = left
            with suppress(NotFoundError):
                saved = await self._store.load_item(self.turn.thread.id, id, context=self.turn.context)
                self._items.pending[id] = WholeItem(saved)

    async def save_state(self) -> None:
        """Write the turn's row as it is now."""
        await self._log.update(self.turn.record, self.turn.fence)

    # Text

    def _take_text(self, delta: str) -> None:
        text = self._text
        text.say(text.of_strings or self._route_of_strings(), delta)

    def _route_of_strings(self) -> TextRoute:
        if self._items.message is None:
            self._items.message = OpenMessage(self.turn)
            added, part_added = self._items.message.opening()
            self._add(added)
            self._apply(part_added)
        id = self._items.message.item.id
        route = self._text.of_strings = self._items.route(id, id, 0)
        return route

    async def _close_message(self) -> None:
        if self._items.message is None:
            return
        item, self._items.message = self._items.message.item, None
        self._text.say_rest(self._items.route(item.id, item.id, 0))
        message = cast("AssistantMessageItem", self._items.pending[item.id].snapshot())
        self.say(OpenMessage.part_done(message))
        await self._saving.save(ThreadItemDoneEvent(item=message))

    def _take_update(self, event: ThreadItemUpdatedEvent) -> bool:
        update = event.update
        if type(update) is AssistantMessageContentPartTextDelta:
            route = self._text.known.get((event.item_id, update.content_index))
            if route is not None:
                self._text.say(route, update.delta)
                return True
        id = self._ids.existing(event.item_id)
        pending = self._items.pending.get(id)
        if pending is None:
            return False
        if type(update) is AssistantMessageContentPartTextDelta and isinstance(pending, PendingMessage):
            self._text.say(self._items.route(event.item_id, id, update.content_index), update.delta)
        else:
            self._apply(event if id == event.item_id else event.model_copy(update={"item_id": id}))
        return True

    # Events

    def take_now(self, event: ThreadStreamEvent | str) -> bool:
        """Take an event for which nothing need be awaited; return False if it is not one."""
        if self.closed:
            return True
        if isinstance(event, str):
            self._take_text(event)
            return True
        if isinstance(event, ThreadItemUpdatedEvent):
            return self._take_update(event)
        return False

    async def take(self, event: ThreadStreamEvent | str) -> None:
        """Take any event, and save what the app has changed of the thread by then.

        Raises:
            InvalidEventError: it is not an event, or fits no item.
        """
        async with self.taking:
            await self.take_alone(event)

    async def take_alone(self, event: ThreadStreamEvent | str) -> None:
        """Do so for who holds `taking`."""
        if not self.take_now(event):
            await self._take_event(cast("ThreadStreamEvent", event))
        if self.changes.any():
            await self.save_thread()

    async def _take_event(self, event: ThreadStreamEvent) -> None:
        match event:
            case ThreadItemUpdatedEvent():
                await self._take_update_of_stored(event)
            case ThreadItemAddedEvent():
                await self._close_message()
                self._add(self._own(event, await self._ids.added(event.item)))
            case ThreadItemDoneEvent():
                id = await self._ids.done(event.item)
                if id not in self._items.pending:
                    await self._close_message()
                await self._saving.save(self._own(event, id))
            case ThreadItemReplacedEvent():
                await self._saving.save(self._own(event, await self._ids.replaced(event.item)))
            case ThreadItemRemovedEvent():
                await self._saving.remove(self._ids.existing(event.item_id))
            case StreamOptionsEvent():
                self.turn.options = event.stream_options
                self.say(event)
            case ErrorEvent():
                self.error = cleaned(TurnError(code=event.code, message=event.message))
                self.say(event)
            case _ if isinstance(event, _PASSED_ON):
                self.say(event)
            case _:
                raise InvalidEventError(f"A {type(event).__module__}.{type(event).__qualname__} is not an event.")

    def _add(self, event: ThreadItemAddedEvent) -> None:
        data, event = self._encoder.encode(event)
        self._items.open(event.item)
        if not is_hidden(event.item):
            self._say_encoded(event, data)

    def _apply(self, event: ThreadItemUpdatedEvent) -> None:
        """Apply an update to a pending item, whose real id it has."""
        if isinstance(event.update, WidgetStreamingTextValueDelta):
            self._text.say_in_widget(event.item_id, event.update, self._items.pending[event.item_id])
            self._replacements.name(event)
            return
        data, event = self._encoder.encode(event)
        self._items.pending[event.item_id].apply(event.update)
        if isinstance(event.update, _RESHAPES):
            self._text.forget()
        self._say_encoded(event, data)

    async def _take_update_of_stored(self, event: ThreadItemUpdatedEvent) -> None:
        id = self._ids.existing(event.item_id)
        try:
            item = await self._store.load_item(self.turn.thread.id, id, context=self.turn.context)
        except NotFoundError:
            message = f"An update for item {event.item_id!r}, which is neither open nor in the thread."
            raise InvalidEventError(message) from None
        self._items.open(item, stored=True)
        try:
            self._apply(event.model_copy(update={"item_id": id}))
        except InvalidEventError:
            del self._items.pending[id]
            raise

    def _say_encoded(self, event: ThreadStreamEvent, data: bytes) -> None:
        self.turn.feed.say(event.type, data, self._replacements.name(event))

    # Ids

    def _own(self, event: E, id: str) -> E:
        """Return the event with this id for its item, which belongs to the turn's thread."""
        item, thread_id = event.item, self.turn.thread.id
        if item.id == id and item.thread_id == thread_id:
            return event
        return event.model_copy(update={"item": item.model_copy(update={"id": id, "thread_id": thread_id})})
