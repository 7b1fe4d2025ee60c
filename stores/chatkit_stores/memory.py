"""Everything in memory: for tests, for trying things out, and for servers that need not remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import Store, TContext, merge_thread, reserved_metadata
from chatkit_core.turn_log import Entries, Entry, TurnLog, TurnRecord
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

T = TypeVar("T", ThreadMetadata, ThreadItem)
_ACTIVE = frozenset({"queued", "running", "waiting"})


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
        _check_url(url)
        return MemoryStore()

    async def load_thread(self, thread_id: str, context: TContext) -> ThreadMetadata:
        return self._thread(thread_id, context).metadata.model_copy(deep=True)

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
        for id in [id for id, one in self._attachments.items() if one.record.thread_id == thread_id]:
            del self._attachments[id]

    async def update_thread(
        self, thread_id: str, changes: Mapping[str, Any], context: TContext, *, only_missing: bool = False
    ) -> ThreadMetadata:
        thread = self._thread(thread_id, context)
        merged = merge_thread(thread.metadata, changes, only_missing=only_missing).model_copy(deep=True)
        self._check_key(merged, thread.owner)
        thread.metadata = merged
        return merged.model_copy(deep=True)

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
        return None if found is None else found.metadata.model_copy(deep=True)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: TContext
    ) -> Page[ThreadItem]:
        items = list(self._thread(thread_id, context).items.values())
        page = _page(items, "item", limit, after, order)
        return page.model_copy(update={"data": [item.model_copy(deep=True) for item in page.data]})

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        self._thread(thread_id, context).items[item.id] = item.model_copy(deep=True)

    async def save_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: TContext) -> ThreadItem:
        item = self._thread(thread_id, context).items.get(item_id)
        if item is None:
            raise NotFoundError("item", item_id)
        return item.model_copy(deep=True)

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
        created_at = utc_now() if known is None else known.created_at
        self._attachments[attachment.id] = _Attachment(owner, attachment.model_copy(deep=True), created_at)

    async def load_attachment(self, attachment_id: str, context: TContext) -> Attachment:
        known = self._attachments.get(attachment_id)
        if known is None or known.owner != self.owner_id(context):
            raise NotFoundError("attachment", attachment_id)
        return known.record.model_copy(deep=True)

    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        known = self._attachments.get(attachment_id)
        if known is not None and known.owner == self.owner_id(context):
            del self._attachments[attachment_id]

    async def drop_stale_attachments(self, before: datetime) -> list[str]:
        stale = [
            id for id, one in self._attachments.items() if one.record.thread_id is None and one.created_at < before
        ]
        for id in stale:
            del self._attachments[id]
        return stale

    def _thread(self, thread_id: str, context: TContext) -> _Thread:
        thread = self._threads.get(thread_id)
        if thread is None or thread.owner != self.owner_id(context):
            raise NotFoundError("thread", thread_id)
        return thread

    def _thread_page(
        self,
        limit: int,
        after: str | None,
        order: str,
        context: TContext,
        matches: Callable[[_Thread], bool],
    ) -> Page[ThreadMetadata]:
        owner = self.owner_id(context)
        threads = [thread for thread in self._threads.values() if thread.owner == owner]
        if after is not None and not any(thread.metadata.id == after for thread in threads):
            raise NotFoundError("thread", after)
        kept = [one.metadata for one in threads if matches(one) or one.metadata.id == after]
        page = _page(kept, "thread", limit, after, order)
        return page.model_copy(update={"data": [thread.model_copy(deep=True) for thread in page.data]})

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


class MemoryTurnLog(TurnLog):
    """A turn log for one process, which forgets everything when it ends."""

    def __init__(self) -> None:
        self._records: dict[str, TurnRecord] = {}
        self._entries: dict[str, Entries] = {}

    @classmethod
    def from_url(cls, url: str) -> MemoryTurnLog:
        """Return an empty log for `memory://`.

        Raises:
            ValueError: the URL says more than that.
        """
        _check_url(url)
        return cls()

    async def create(self, record: TurnRecord) -> None:
        self._records[record.turn.id] = record
        self._entries[record.turn.id] = Entries()

    async def load(self, turn_id: str) -> TurnRecord:
        if turn_id not in self._records:
            raise NotFoundError("turn", turn_id)
        return self._records[turn_id]

    async def update(self, record: TurnRecord) -> None:
        await self.load(record.turn.id)
        self._records[record.turn.id] = record

    async def list_turns(self, thread_id: str, *, active: bool = False) -> list[TurnRecord]:
        return [
            record
            for record in self._records.values()
            if record.turn.thread_id == thread_id and (not active or record.turn.status in _ACTIVE)
        ]

    async def append(self, batches: Mapping[str, Sequence[Entry]]) -> None:
        for turn_id, entries in batches.items():
            if turn_id in self._entries:
                self._entries[turn_id].extend(entries)

    async def read(self, turn_id: str, after: int) -> list[Entry]:
        await self.load(turn_id)
        return [entry for entry in self._entries[turn_id] if entry.seq > after]

    async def delete_thread(self, thread_id: str) -> None:
        for record in await self.list_turns(thread_id):
            self._delete(record)

    async def purge(self, ended_before: datetime) -> int:
        ended = [
            record
            for record in self._records.values()
            if record.turn.ended_at is not None and record.turn.ended_at < ended_before
        ]
        for record in ended:
            self._delete(record)
        return len(ended)

    def _delete(self, record: TurnRecord) -> None:
        del self._records[record.turn.id]
        del self._entries[record.turn.id]


def _check_url(url: str) -> None:
    if url != "memory://":
        raise ValueError(f"{url!r} is not a URL of a backend in memory; memory:// is.")


def _page(records: list[T], kind: str, limit: int, after: str | None, order: str) -> Page[T]:
    ordered = records if order == "asc" else records[::-1]
    start = 0
    if after is not None:
        position = next((n for n, record in enumerate(ordered) if record.id == after), None)
        if position is None:
            raise NotFoundError(kind, after)
        start = position + 1
    data = ordered[start : start + limit]
    has_more = start + limit < len(ordered)
    return Page(data=data, has_more=has_more, after=data[-1].id if data and has_more else None)


def _texts(thread: _Thread) -> list[str]:
    messages = [i.text for i in thread.items.values() if isinstance(i, UserMessageItem | AssistantMessageItem)]
    return [thread.metadata.title or "", *messages]
