"""`MemoryStore`: the contract of a store, over dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import Store, TContext, merge_thread, reserved_metadata
from chatkit_core.types import (
    AssistantMessageItem,
    Attachment,
    FeedbackKind,
    Page,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    utc_now,
)
from chatkit_stores.memory.url import check_url

T = TypeVar("T", ThreadMetadata, ThreadItem)
M = TypeVar("M", bound=BaseModel)


@dataclass
class _Thread:
    owner: str
    metadata: ThreadMetadata
    items: dict[str, ThreadItem] = field(default_factory=dict)
    feedback: dict[str, FeedbackKind] = field(default_factory=dict)


@dataclass
class _Attachment:
    owner: str
    record: Attachment
    created_at: datetime
    thread_id: str | None
    """The thread that has it: of its record, or the first whose message named it."""


class MemoryStore(Store[TContext]):
    """A store that forgets everything when the process ends. What it keeps and hands out are copies."""

    def __init__(self) -> None:
        self._threads: dict[str, _Thread] = {}
        self._attachments: dict[str, _Attachment] = {}

    @classmethod
    def from_url(cls, url: str) -> MemoryStore[Any]:
        """Return an empty store for `memory://`.

        Raises:
            ValueError: the URL says more than that.
        """
        check_url(url)
        return MemoryStore()

    async def load_thread(self, thread_id: str, context: TContext) -> ThreadMetadata:
        return _copy(self._thread(thread_id, context).metadata)

    async def save_thread(self, thread: ThreadMetadata, context: TContext) -> None:
        owner = self.owner_id(context)
        known = self._threads.get(thread.id)
        if known is not None and known.owner != owner:
            raise NotFoundError("thread", thread.id)
        self._check_key(thread, owner)
        copy = ThreadMetadata.model_validate(thread.model_dump(exclude={"items"}))
        if known is None:
            self._threads[thread.id] = _Thread(owner, copy)
        else:
            known.metadata = copy

    async def load_threads(self, limit: int, after: str | None, order: str, context: TContext) -> Page[ThreadMetadata]:
        return self._thread_page(limit, after, order, context, lambda thread: True)

    async def delete_thread(self, thread_id: str, context: TContext) -> None:
        thread = self._threads.get(thread_id)
        if thread is None or thread.owner != self.owner_id(context):
            return
        del self._threads[thread_id]
        for attachment in self._attachments_of(thread_id, thread.owner):
            del self._attachments[attachment.record.id]

    async def update_thread(
        self, thread_id: str, changes: Mapping[str, Any], context: TContext, *, only_missing: bool = False
    ) -> ThreadMetadata:
        thread = self._thread(thread_id, context)
        merged = _copy(merge_thread(thread.metadata, changes, only_missing=only_missing))
        self._check_key(merged, thread.owner)
        thread.metadata = merged
        return _copy(merged)

    async def search(
        self, query: str | None, archived: bool, limit: int, after: str | None, order: str, context: TContext
    ) -> Page[ThreadMetadata]:
        wanted = None if query is None else query.casefold()

        def matches(thread: _Thread) -> bool:
            if bool(reserved_metadata(thread.metadata).get("archived")) != archived:
                return False
            return wanted is None or any(wanted in text.casefold() for text in _texts(thread))

        return self._thread_page(limit, after, order, context, matches)

    async def find_thread(self, key: str, context: TContext) -> ThreadMetadata | None:
        found = self._find_key(key, self.owner_id(context))
        return None if found is None else _copy(found.metadata)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: TContext
    ) -> Page[ThreadItem]:
        return _page(self._thread(thread_id, context).items, "item", limit, after, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        thread = self._thread(thread_id, context)
        thread.items[item.id] = _copy(item)
        if isinstance(item, UserMessageItem):
            for attachment in item.attachments:
                known = self._attachments.get(attachment.id)
                if known is not None and known.owner == thread.owner:
                    known.thread_id = known.thread_id or thread_id

    async def save_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: TContext) -> ThreadItem:
        item = self._thread(thread_id, context).items.get(item_id)
        if item is None:
            raise NotFoundError("item", item_id)
        return _copy(item)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: TContext) -> None:
        thread = self._threads.get(thread_id)
        if thread is not None and thread.owner == self.owner_id(context):
            thread.items.pop(item_id, None)
            thread.feedback.pop(item_id, None)

    async def remove_items_after(self, thread_id: str, item_id: str, context: TContext) -> list[ThreadItem]:
        thread = self._thread(thread_id, context)
        if item_id not in thread.items:
            raise NotFoundError("item", item_id)
        ids = list(thread.items)
        removed = ids[ids.index(item_id) + 1 :]
        for id in removed:
            thread.feedback.pop(id, None)
        return [thread.items.pop(id) for id in removed]

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, context: TContext
    ) -> None:
        thread = self._thread(thread_id, context)
        for id in item_ids:
            if id not in thread.items:
                raise NotFoundError("item", id)
        thread.feedback.update(dict.fromkeys(item_ids, kind))

    async def load_feedback(self, thread_id: str, context: TContext) -> dict[str, FeedbackKind]:
        return dict(self._thread(thread_id, context).feedback)

    async def save_attachment(self, attachment: Attachment, context: TContext) -> None:
        owner = self.owner_id(context)
        known = self._attachments.get(attachment.id)
        if known is not None and known.owner != owner:
            raise NotFoundError("attachment", attachment.id)
        record = _copy(attachment)
        if known is None:
            self._attachments[attachment.id] = _Attachment(owner, record, utc_now(), record.thread_id)
        else:
            known.record = record
            known.thread_id = record.thread_id or known.thread_id

    async def load_attachment(self, attachment_id: str, context: TContext) -> Attachment:
        known = self._attachments.get(attachment_id)
        if known is None or known.owner != self.owner_id(context):
            raise NotFoundError("attachment", attachment_id)
        return _copy(known.record)

    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        known = self._attachments.get(attachment_id)
        if known is not None and known.owner == self.owner_id(context):
            del self._attachments[attachment_id]

    async def thread_attachments(self, thread_id: str, context: TContext) -> list[Attachment]:
        found = self._attachments_of(thread_id, self._thread(thread_id, context).owner)
        return [_copy(attachment.record) for attachment in found]

    async def drop_stale_attachments(self, before: datetime) -> list[str]:
        stale = [id for id, one in self._attachments.items() if one.thread_id is None and one.created_at < before]
        for id in stale:
            del self._attachments[id]
        return stale

    def _thread(self, thread_id: str, context: TContext) -> _Thread:
        thread = self._threads.get(thread_id)
        if thread is None or thread.owner != self.owner_id(context):
            raise NotFoundError("thread", thread_id)
        return thread

    def _attachments_of(self, thread_id: str, owner: str) -> list[_Attachment]:
        return [one for one in self._attachments.values() if (one.thread_id, one.owner) == (thread_id, owner)]

    def _thread_page(
        self,
        limit: int,
        after: str | None,
        order: str,
        context: TContext,
        matches: Callable[[_Thread], bool],
    ) -> Page[ThreadMetadata]:
        threads = {id: one for id, one in self._threads.items() if one.owner == self.owner_id(context)}
        if after is not None and after not in threads:
            raise NotFoundError("thread", after)
        kept = {id: one.metadata for id, one in threads.items() if matches(one) or id == after}
        return _page(kept, "thread", limit, after, order)

    def _find_key(self, key: str, owner: str) -> _Thread | None:
        return next(
            (
                thread
                for thread in self._threads.values()
                if thread.owner == owner and reserved_metadata(thread.metadata).get("key") == key
            ),
            None,
        )

    def _check_key(self, thread: ThreadMetadata, owner: str) -> None:
        key = reserved_metadata(thread).get("key")
        taken = None if key is None else self._find_key(key, owner)
        if taken is not None and taken.metadata.id != thread.id:
            raise ConflictError(f"Another thread has the key {key!r}.", code="thread.key_taken")


def _copy(model: M) -> M:
    """Return a deep copy: by way of JSON, which costs a tenth of copying object by object."""
    return type(model).model_validate_json(model.model_dump_json(by_alias=True))


def _page(records: dict[str, T], kind: str, limit: int, after: str | None, order: str) -> Page[T]:
    """Copy a page; what it costs grows with the distance from the end it starts at, not with what there is."""
    if after is not None and after not in records:
        raise NotFoundError(kind, after)
    ordered = iter(records.values() if order == "asc" else reversed(records.values()))
    if after is not None:
        next(record for record in ordered if record.id == after)
    data = [_copy(record) for record in islice(ordered, limit)]
    has_more = next(ordered, None) is not None
    return Page(data=data, has_more=has_more, after=data[-1].id if data and has_more else None)


def _texts(thread: _Thread) -> list[str]:
    messages = [i.text for i in thread.items.values() if isinstance(i, UserMessageItem | AssistantMessageItem)]
    return [thread.metadata.title or "", *messages]
