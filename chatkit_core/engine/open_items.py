"""The items that a turn has open."""

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.reducer import PendingItem, PendingMessage, WholeItem, pending_item
from chatkit_core.engine.text_route import OpenMessage, TextRoute, TextRoutes
from chatkit_core.types import ThreadItem, is_hidden


class OpenItems:
    """The items that were added and are not done, or that an update has opened again, and how text gets to them."""

    def __init__(self, feed: Feed) -> None:
        self.pending: dict[str, PendingItem] = {}
        """By id."""
        self.stored: frozenset[str] = frozenset()
        """Those that the store has."""
        self.hidden: frozenset[str] = frozenset()
        """All items of this turn that no client sees, open or not."""
        self.text = TextRoutes(feed)
        self.message: OpenMessage | None = None
        """The message that plain `str` deltas go to."""

    def open(self, item: ThreadItem, *, stored: bool = False) -> None:
        """Take an item in."""
        self.pending[item.id] = pending_item(item)
        if stored:
            self.stored |= {item.id}
        else:
            self.text.forget()
        if is_hidden(item):
            self.hidden |= {item.id}

    def snapshots(self) -> list[ThreadItem]:
        """Return them as they are now."""
        return [pending.snapshot() for pending in self.pending.values()]

    def any_content(self) -> bool:
        """Return whether one of them has anything that a user would miss."""
        return any(not pending.is_empty() for pending in self.pending.values())

    def finish(self, item: ThreadItem) -> None:
        """The item is being saved as it is; no update comes any more."""
        self.pending[item.id] = WholeItem(item)
        self.text.forget()

    def close(self, id: str) -> None:
        """The item is saved, or gone."""
        self.pending.pop(id, None)
        if id in self.stored:
            self.stored -= {id}

    def route(self, given_id: str, id: str, index: int) -> TextRoute:
        """Return the way of text to a part of an open message.

        Args:
            given_id: the id that the app uses for the message.
            id: the id that it has.
        """
        pending = self.pending[id]
        assert isinstance(pending, PendingMessage)
        return self.text.known.get((given_id, index)) or self.text.open(given_id, id, index, pending.part(index))
