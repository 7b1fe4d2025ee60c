# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples own_store:app
"""A store of your own: the thirteen methods, over one JSON file that is written anew at every change.

The other methods of `Store` have defaults that are built on these. `chatkit_core.testing.StoreContract` says in tests
what they have to promise; `tests/examples/test_own_store.py` runs it on this store.
"""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from chatkit_core import ChatServer
from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.types import Attachment, Page, ThreadItem, ThreadMetadata, UserMessageItem

Record = TypeVar("Record", ThreadMetadata, ThreadItem)


class StoredThread(BaseModel):
    owner: str
    metadata: ThreadMetadata
    items: dict[str, ThreadItem] = {}


class StoredAttachment(BaseModel):
    owner: str
    record: Attachment


class Contents(BaseModel):
    """What is in the file. A dict keeps the order in which its keys came, also when a value is replaced."""

    threads: dict[str, StoredThread] = {}
    attachments: dict[str, StoredAttachment] = {}


class JSONFileStore(Store[Any]):
    """Keeps conversations in a JSON file, for one process. What it keeps and hands out are copies."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._contents = Contents()

    async def open(self) -> None:
        if self._path.exists():
            self._contents = Contents.model_validate_json(self._path.read_bytes())

    # Threads

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        return self._thread(thread_id, context).metadata.model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        owner = self.owner_id(context)
        metadata = ThreadMetadata(**thread.model_dump(exclude={"items"}))  # it may be a `Thread`, with items
        stored = self._contents.threads.setdefault(thread.id, StoredThread(owner=owner, metadata=metadata))
        if stored.owner != owner:
            raise NotFoundError("thread", thread.id)
        stored.metadata = metadata
        self._write()

    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Page[ThreadMetadata]:
        owner = self.owner_id(context)
        mine = {id: thread.metadata for id, thread in self._contents.threads.items() if thread.owner == owner}
        return page("thread", mine, limit, after, order)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        try:
            self._thread(thread_id, context)
        except NotFoundError:
            return
        del self._contents.threads[thread_id]
        kept = {id: one for id, one in self._contents.attachments.items() if one.record.thread_id != thread_id}
        self._contents.attachments = kept
        self._write()

    # Items

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        return page("item", self._thread(thread_id, context).items, limit, after, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        self._thread(thread_id, context).items[item.id] = item.model_copy(deep=True)
        self._write()

    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await self.add_thread_item(thread_id, item, context=context)

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        items = self._thread(thread_id, context).items
        if item_id not in items:
            raise NotFoundError("item", item_id)
        return items[item_id].model_copy(deep=True)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        try:
            items = self._thread(thread_id, context).items
        except NotFoundError:
            return
        items.pop(item_id, None)
        self._write()

    # Attachments

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        owner = self.owner_id(context)
        known = self._contents.attachments.get(attachment.id)
        if known is not None and known.owner != owner:
            raise NotFoundError("attachment", attachment.id)
        record = attachment.model_copy(deep=True)
        self._contents.attachments[attachment.id] = StoredAttachment(owner=owner, record=record)
        self._write()

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        known = self._contents.attachments.get(attachment_id)
        if known is None or known.owner != self.owner_id(context):
            raise NotFoundError("attachment", attachment_id)
        return known.record.model_copy(deep=True)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        known = self._contents.attachments.get(attachment_id)
        if known is not None and known.owner == self.owner_id(context):
            del self._contents.attachments[attachment_id]
            self._write()

    def _thread(self, thread_id: str, context: Any) -> StoredThread:
        thread = self._contents.threads.get(thread_id)
        if thread is None or thread.owner != self.owner_id(context):
            raise NotFoundError("thread", thread_id)
        return thread

    def _write(self) -> None:
        """Put a new file in the old one's place, so that there is a whole one whenever the process dies."""
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(self._contents.model_dump_json())
        new.replace(self._path)


def page(kind: str, records: Mapping[str, Record], limit: int, after: str | None, order: str) -> Page[Record]:
    """Return the records that come after the one with the id `after`, at most `limit`."""
    ids = list(records) if order == "asc" else list(records)[::-1]
    if after is not None and after not in records:
        raise NotFoundError(kind, after)
    start = 0 if after is None else ids.index(after) + 1
    data = [records[id].model_copy(deep=True) for id in ids[start : start + limit]]
    has_more = start + limit < len(ids)
    return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[str]:
        if message is not None:
            yield f"You said: {message.text}"


app = Assistant(JSONFileStore("chat.json"))
