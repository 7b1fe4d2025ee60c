"""`Store`: what keeps threads, their items and the records of attachments."""

import functools
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic

from chatkit_core import _ids
from chatkit_core.errors import NotSupportedError
from chatkit_core.store.ids import StoreItemType, TContext, default_generate_id
from chatkit_core.store.merging import merge_thread, reserved_metadata
from chatkit_core.types import (
    Attachment,
    FeedbackKind,
    Page,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
)

if TYPE_CHECKING:
    from chatkit_core.turn_log import TurnLog

_log = logging.getLogger("chatkit_core")


@functools.cache
def _warn_shared() -> None:
    _log.warning(
        "The context names no user, so everybody shares the same threads. "
        "Return a context with a user_id from get_context, or override Store.owner_id."
    )


class Store(ABC, Generic[TContext]):
    """Keeps threads, their items and the records of attachments, each for one owner.

    Whatever is missing, or belongs to another owner, is `NotFoundError`; deleting it is not an error. Items are
    ordered by their insertion into the thread. A page's cursor is an id; pages never repeat or skip an item, also
    while items are added.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "generate_item_id" in cls.__dict__:
            cls.generate_item_id = _noting_minted(cls.generate_item_id)  # type: ignore[method-assign]

    def owner_id(self, context: TContext) -> str:
        """Return whose data a request with this context reads and writes.

        By default `context.user_id` or `context["user_id"]` as a string, else `""`: then everybody shares the same
        threads, of which one warning tells.
        """
        user_id = context.get("user_id") if isinstance(context, Mapping) else getattr(context, "user_id", None)
        if user_id is None or user_id == "":
            _warn_shared()
            return ""
        return str(user_id)

    def generate_thread_id(self, context: TContext) -> str:
        """Return a new id for a thread. Override it for ids of your own; they must never repeat."""
        return default_generate_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: TContext) -> str:
        """Return a new id for an item. Override it for ids of your own; they must never repeat."""
        return default_generate_id(item_type)

    async def open(self) -> None:
        """Connect; called once before the first request. Opening what is open does nothing."""

    async def close(self) -> None:
        """Finish what is being written and disconnect. Closing what is closed does nothing."""

    def turn_log(self) -> "TurnLog | None":
        """Return the turn log that shares this store's database, or None to use one in memory."""
        return None

    # Threads

    @abstractmethod
    async def load_thread(self, thread_id: str, context: TContext) -> ThreadMetadata:
        """Return the thread's metadata.

        Raises:
            NotFoundError: there is no such thread for this owner.
        """

    @abstractmethod
    async def save_thread(self, thread: ThreadMetadata, context: TContext) -> None:
        """Insert the thread, or replace its metadata. A thread keeps the owner who inserted it.

        Raises:
            NotFoundError: the id is another owner's.
            ConflictError: `metadata["chatkit"]["key"]` is another thread's of this owner.
        """

    @abstractmethod
    async def load_threads(self, limit: int, after: str | None, order: str, context: TContext) -> Page[ThreadMetadata]:
        """Return a page of the owner's threads, ordered by creation, `order` being "asc" or "desc".

        Args:
            limit: the most threads to return.
            after: the id of the thread that the page comes after; None for the first page.

        Raises:
            NotFoundError: `after` is not a thread of this owner.
        """

    @abstractmethod
    async def delete_thread(self, thread_id: str, context: TContext) -> None:
        """Delete the thread with its items, their feedback and its attachments' records; nothing if it is missing."""

    async def update_thread(
        self, thread_id: str, changes: Mapping[str, Any], context: TContext, *, only_missing: bool = False
    ) -> ThreadMetadata:
        """Merge `changes` into the thread's metadata in one step, and return the result.

        Args:
            changes: new values by field (`title`, `status`, `allowed_image_domains`, `metadata`). `metadata` is
                merged key by key, and `metadata["chatkit"]` once more so; a key whose value is None is taken away.
            only_missing: change only fields that are None, and only metadata keys that are absent.

        Raises:
            NotFoundError: there is no such thread for this owner; it is not brought back.
            ConflictError: as for `save_thread`.
        """
        thread = await self.load_thread(thread_id, context=context)
        merged = merge_thread(thread, changes, only_missing=only_missing)
        await self.save_thread(merged, context=context)
        return merged

    async def search(
        self,
        query: str | None,
        archived: bool,
        limit: int,
        after: str | None,
        order: str,
        context: TContext,
    ) -> Page[ThreadMetadata]:
        """Return a page of the owner's threads that match, ordered as `load_threads` orders them.

        Args:
            query: text that the title or a message of the thread contains, whatever the case; None for all.
            archived: True for the archived threads, False for the others.

        Raises:
            NotFoundError: `after` is not a thread of this owner.
            NotSupportedError: there is a query, and this store cannot search.
        """
        if query is not None:
            raise NotSupportedError("search")
        found: list[ThreadMetadata] = []
        cursor = after
        while True:
            page = await self.load_threads(limit=limit, after=cursor, order=order, context=context)
            found += [t for t in page.data if bool(reserved_metadata(t).get("archived")) == archived]
            if len(found) > limit or not page.has_more:
                break
            cursor = page.after
        has_more = len(found) > limit
        data = found[:limit]
        return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)

    async def find_thread(self, key: str, context: TContext) -> ThreadMetadata | None:
        """Return the owner's thread with this `metadata["chatkit"]["key"]`, or None.

        Raises:
            NotSupportedError: this store cannot look threads up by key.
        """
        raise NotSupportedError("find_thread")

    # Items

    @abstractmethod
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: TContext
    ) -> Page[ThreadItem]:
        """Return a page of the thread's items, in the order of their insertion ("asc") or its reverse ("desc").

        Args:
            after: the id of the item that the page comes after; None for the first page.
            limit: the most items to return.

        Raises:
            NotFoundError: there is no such thread for this owner, or `after` is not an item of it.
        """

    @abstractmethod
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        """Append the item to the thread; if the thread has an item with its id, replace that one in its place.

        Raises:
            NotFoundError: there is no such thread for this owner.
        """

    @abstractmethod
    async def save_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        """Replace the item with this id in its place; append it if the thread has none.

        Raises:
            NotFoundError: there is no such thread for this owner.
        """

    @abstractmethod
    async def load_item(self, thread_id: str, item_id: str, context: TContext) -> ThreadItem:
        """Return one item of the thread.

        Raises:
            NotFoundError: there is no such thread for this owner, or no such item in it.
        """

    @abstractmethod
    async def delete_thread_item(self, thread_id: str, item_id: str, context: TContext) -> None:
        """Delete one item with its feedback; nothing if it is missing."""

    async def remove_items_after(self, thread_id: str, item_id: str, context: TContext) -> list[ThreadItem]:
        """Delete all items after the given one in one step; return them, oldest first.

        Raises:
            NotFoundError: there is no such thread for this owner, or no such item in it.
        """
        removed: list[ThreadItem] = []
        cursor: str | None = item_id
        more = True
        while more:
            page = await self.load_thread_items(thread_id, after=cursor, limit=100, order="asc", context=context)
            removed += page.data
            cursor, more = page.after, page.has_more
        for item in reversed(removed):
            await self.delete_thread_item(thread_id, item.id, context=context)
        return removed

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, context: TContext
    ) -> None:
        """Keep the owner's feedback on items of the thread; the last one on an item wins.

        Raises:
            NotFoundError: there is no such thread for this owner, or one of the items is not in it; then none is kept.
            NotSupportedError: this store keeps no feedback.
        """
        raise NotSupportedError("feedback", "Override add_feedback.")

    async def load_feedback(self, thread_id: str, context: TContext) -> dict[str, FeedbackKind]:
        """Return the feedback on the thread's items, by item id.

        Raises:
            NotFoundError: there is no such thread for this owner.
            NotSupportedError: this store keeps no feedback.
        """
        raise NotSupportedError("feedback")

    # Attachments

    @abstractmethod
    async def save_attachment(self, attachment: Attachment, context: TContext) -> None:
        """Insert the attachment's record, or replace it.

        Raises:
            NotFoundError: the id is another owner's.
        """

    @abstractmethod
    async def load_attachment(self, attachment_id: str, context: TContext) -> Attachment:
        """Return the attachment's record.

        Raises:
            NotFoundError: there is no such attachment for this owner.
        """

    @abstractmethod
    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        """Delete the attachment's record; nothing if it is missing. (The bytes are the attachment store's.)"""

    async def thread_attachments(self, thread_id: str, context: TContext) -> list[Attachment]:
        """Return the records of the attachments that the thread's messages name, or have named and lost since.

        Raises:
            NotFoundError: there is no such thread for this owner.
        """
        found: dict[str, Attachment] = {}
        cursor: str | None = None
        more = True
        while more:
            page = await self.load_thread_items(thread_id, after=cursor, limit=100, order="asc", context=context)
            for item in page.data:
                if isinstance(item, UserMessageItem):
                    found.update((attachment.id, attachment) for attachment in item.attachments)
            cursor, more = page.after, page.has_more
        return list(found.values())

    async def drop_stale_attachments(self, before: datetime) -> list[str]:
        """Delete, for all owners, the records that no message has named and that are older; return their ids.

        By default none: a store that does not know the age of a record leaves the cleaning to its app.
        """
        return []


def _noting_minted(generate: Callable[..., str]) -> Callable[..., str]:
    """Wrap a store's own id generator, so that a turn knows what it minted."""

    @functools.wraps(generate)
    def generate_and_note(*args: Any, **kwargs: Any) -> str:
        return _ids.note_minted(generate(*args, **kwargs))

    return generate_and_note
