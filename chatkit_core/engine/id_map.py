"""Which id an item gets: its own if the server knows it, else a new one (a model's ids repeat, and are not unique)."""

from collections.abc import Awaitable, Callable
from typing import Any

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store, StoreItemType
from chatkit_core.turn import Turn
from chatkit_core.types import ThreadItem

_ID_TYPES: dict[str, StoreItemType] = {
    "client_tool_call": "tool_call",
    "workflow": "workflow",
    "task": "task",
    "sdk_hidden_context": "sdk_hidden_context",
}


class IdMap:
    """The ids that `respond` uses in one turn, and the ids that the items really have.

    An id is known if this turn minted it or an item of the thread has it. Any other names a new item each time it is
    added, or said done with another content, and from then on that item.

    Args:
        minted: the ids minted in this turn.
        in_thread: tells whether the thread has an item with an id.
        mint: returns a new id for an item.
    """

    def __init__(
        self,
        minted: set[str],
        in_thread: Callable[[str], Awaitable[bool]],
        mint: Callable[[ThreadItem], str],
    ) -> None:
        self._minted = minted
        self._in_thread = in_thread
        self._mint = mint
        self._items_of_thread: frozenset[str] = frozenset()
        self._mapped: dict[str, str] = {}
        self._open: frozenset[str] = frozenset()
        self._done: dict[str, ThreadItem] = {}

    async def added(self, item: ThreadItem) -> str:
        """Return the id for an item that is added."""
        if await self._known(item.id):
            return item.id
        self._open |= {item.id}
        return self._map(item)

    async def done(self, item: ThreadItem) -> str:
        """Return the id for an item that is said done."""
        given = item.id
        if await self._known(given):
            return given
        again = given in self._open or _same_content(self._done.get(given), item)
        self._open -= {given}
        self._done[given] = item
        return self._mapped[given] if again else self._map(item)

    async def replaced(self, item: ThreadItem) -> str:
        """Return the id for an item that is replaced."""
        if item.id in self._mapped or not await self._known(item.id):
            self._open -= {item.id}
            self._done[item.id] = item
            return self._mapped.get(item.id) or self._map(item)
        return item.id

    def existing(self, given: str) -> str:
        """Return the id of the item that was last given this one."""
        return self._mapped.get(given, given)

    async def _known(self, id: str) -> bool:
        if id in self._minted or id in self._items_of_thread:
            return True
        if id in self._mapped or not await self._in_thread(id):
            return False
        self._items_of_thread |= {id}
        return True

    def _map(self, item: ThreadItem) -> str:
        new = self._mapped[item.id] = self._mint(item)
        return new


def _same_content(one: ThreadItem | None, other: ThreadItem) -> bool:
    return one is not None and one.model_copy(update={"created_at": other.created_at}) == other


class _Items:
    """The items of a turn's thread."""

    __slots__ = ("_store", "_turn")

    def __init__(self, turn: Turn, store: Store[Any]) -> None:
        self._turn = turn
        self._store = store

    async def have(self, id: str) -> bool:
        """Return whether one of them has this id."""
        try:
            await self._store.load_item(self._turn.thread.id, id, context=self._turn.context)
        except NotFoundError:
            return False
        return True

    def mint(self, item: ThreadItem) -> str:
        """Return a new id for an item."""
        return self._turn.new_id(_ID_TYPES.get(item.type, "message"))


def ids_of(turn: Turn, store: Store[Any], minted: set[str]) -> IdMap:
    """Return the map of a turn, which has minted these ids, and will mint more."""
    items = _Items(turn, store)
    return IdMap(minted, items.have, items.mint)
