"""What brings an item to the store, or takes it away: written first, and said then."""

from collections.abc import Awaitable, Callable

from chatkit_core.engine.encoding import Encoder, to_json
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.open_items import OpenItems
from chatkit_core.engine.open_questions import OpenQuestions
from chatkit_core.engine.parts import Parts
from chatkit_core.errors import NotFoundError
from chatkit_core.types import (
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadStreamEvent,
    is_hidden,
)

Save = Callable[[], Awaitable[None]]


class Saving:
    """Saves the items of one turn."""

    def __init__(
        self, turn: LiveTurn, parts: Parts, items: OpenItems, questions: OpenQuestions, encoder: Encoder
    ) -> None:
        self._turn = turn
        self._parts = parts
        self._items = items
        self._questions = questions
        self._encoder = encoder
        self.items_done = 0
        """How many items the turn has said done or replaced."""

    async def save(self, event: ThreadItemDoneEvent | ThreadItemReplacedEvent) -> None:
        """Save the item and say the event, unless the item is hidden."""
        data, event = self._encoder.encode(event)
        item = event.item
        await self._parts.lease.check(self._turn.fence)
        self._items.finish(item)

        async def save() -> None:
            thread_id, context = self._turn.thread.id, self._turn.context
            if isinstance(event, ThreadItemDoneEvent):
                await self._parts.store.add_thread_item(thread_id, item, context=context)
            else:
                self._items.stored |= {item.id}
                await self._parts.store.save_item(thread_id, item, context=context)
            self._items.close(item.id)
            self._questions.note(item)

        if is_hidden(item):
            await save()
            self._items.hidden |= {item.id}
            return
        await self._say(event, data, save)
        self.items_done += 1

    async def close(self, item: ThreadItem) -> None:
        """Save an open item as it is, and say it done; replaced, if the store has had it before."""
        stored = item.id in self._items.stored
        await self.save(ThreadItemReplacedEvent(item=item) if stored else ThreadItemDoneEvent(item=item))

    async def remove(self, id: str) -> None:
        """Delete an item and say so, unless it is hidden."""
        hidden = await self._is_hidden(id)
        await self._parts.lease.check(self._turn.fence)

        async def remove() -> None:
            items = self._items
            await self._parts.store.delete_thread_item(self._turn.thread.id, id, context=self._turn.context)
            items.close(id)
            items.text.forget()
            self._questions.forget(id)
            if items.message is not None and items.message.item.id == id:
                items.message = None

        if hidden:
            await remove()
        else:
            await self.say_removed(id, remove)

    async def say_removed(self, id: str, save: Save | None = None) -> None:
        """Say that an item is removed.

        Args:
            save: deletes it first.
        """
        event = ThreadItemRemovedEvent(item_id=id)
        await self._say(event, to_json(event), save)

    async def _say(self, event: ThreadStreamEvent, data: bytes, save: Save | None) -> None:
        await self._parts.writer.say(self._turn.feed, self._turn.fence, event.type, data, save)

    async def _is_hidden(self, id: str) -> bool:
        if id in self._items.hidden or id in self._items.pending:
            return id in self._items.hidden
        try:
            item = await self._parts.store.load_item(self._turn.thread.id, id, context=self._turn.context)
        except NotFoundError:
            return False
        return is_hidden(item)
