"""A store as small as one can be: the thirteen methods over dicts, and nothing else. The rest are the defaults."""

from typing import Any, TypeVar

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.types import Attachment, Page, ThreadItem, ThreadMetadata

T = TypeVar("T", ThreadMetadata, ThreadItem)


class MinimalStore(Store[Any]):
    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.owners: dict[str, str] = {}
        self.items: dict[str, dict[str, ThreadItem]] = {}
        self.attachments: dict[str, tuple[str, Attachment]] = {}

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        if self.owners.get(thread_id) != self.owner_id(context):
            raise NotFoundError("thread", thread_id)
        return self.threads[thread_id].model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        owner = self.owner_id(context)
        if self.owners.setdefault(thread.id, owner) != owner:
            raise NotFoundError("thread", thread.id)
        self.threads[thread.id] = ThreadMetadata(**thread.model_dump(exclude={"items"}))
        self.items.setdefault(thread.id, {})

    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Page[ThreadMetadata]:
        mine = [thread for id, thread in self.threads.items() if self.owners[id] == self.owner_id(context)]
        return page(mine, limit, after, order)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        if self.owners.get(thread_id) == self.owner_id(context):
            del self.owners[thread_id], self.threads[thread_id], self.items[thread_id]
            kept = {id: one for id, one in self.attachments.items() if one[1].thread_id != thread_id}
            self.attachments = kept

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        await self.load_thread(thread_id, context=context)
        return page(list(self.items[thread_id].values()), limit, after, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await self.load_thread(thread_id, context=context)
        self.items[thread_id][item.id] = item.model_copy(deep=True)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await self.add_thread_item(thread_id, item, context=context)

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        await self.load_thread(thread_id, context=context)
        if item_id not in self.items[thread_id]:
            raise NotFoundError("item", item_id)
        return self.items[thread_id][item_id].model_copy(deep=True)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        if self.owners.get(thread_id) == self.owner_id(context):
            self.items[thread_id].pop(item_id, None)

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        owner = self.owner_id(context)
        if self.attachments.get(attachment.id, (owner,))[0] != owner:
            raise NotFoundError("attachment", attachment.id)
        self.attachments[attachment.id] = owner, attachment.model_copy(deep=True)

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        owner, attachment = self.attachments.get(attachment_id, (None, None))
        if attachment is None or owner != self.owner_id(context):
            raise NotFoundError("attachment", attachment_id)
        return attachment.model_copy(deep=True)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        if self.attachments.get(attachment_id, (None,))[0] == self.owner_id(context):
            del self.attachments[attachment_id]


def page(rows: list[T], limit: int, after: str | None, order: str) -> Page[T]:
    ordered = rows if order == "asc" else rows[::-1]
    start = 0
    if after is not None:
        ids = [row.id for row in ordered]
        if after not in ids:
            raise NotFoundError("cursor", after)
        start = ids.index(after) + 1
    data = [row.model_copy(deep=True) for row in ordered[start : start + limit]]
    more = start + limit < len(ordered)
    return Page(data=data, has_more=more, after=data[-1].id if more else None)
