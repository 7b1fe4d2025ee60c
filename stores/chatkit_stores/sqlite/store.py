"""`SQLiteStore`: the contract of a store, over a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from pydantic import TypeAdapter

from chatkit_core.store import Store, TContext
from chatkit_core.turn_log import writing_as
from chatkit_core.types import Attachment, FeedbackKind, Page, ThreadItem, ThreadMetadata, UserMessageItem, utc_now
from chatkit_stores.sqlite import statements, turn_statements
from chatkit_stores.sqlite.database import Database
from chatkit_stores.sqlite.turn_log import SQLiteTurnLog, batch_of
from chatkit_stores.sqlite.url import path_of

P = ParamSpec("P")
T = TypeVar("T")


class SQLiteStore(Store[TContext]):
    """Keeps conversations in a SQLite file, which several processes may share.

    Args:
        path: the file; it is made if it is missing, its folder is not.
        synchronous: "NORMAL" survives the death of the process, "FULL" also a power cut, at the cost of a wait for
            the disk at every commit.

    Raises, from whatever opens it first:
        UnreadableDatabaseError: the file cannot be opened, is not ours, or is of a newer version.
    """

    def __init__(self, path: str | Path, *, synchronous: Literal["NORMAL", "FULL"] = "NORMAL") -> None:
        self._database = Database(path, synchronous)
        self._turn_log = SQLiteTurnLog(self._database)

    @classmethod
    def from_url(cls, url: str) -> SQLiteStore[Any]:
        """Return the store for `sqlite:///relative.db` or `sqlite:////absolute.db`.

        Raises:
            ValueError: the URL is not one of these.
        """
        return SQLiteStore(path_of(url))

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    def turn_log(self) -> SQLiteTurnLog:
        return self._turn_log

    # Threads

    async def load_thread(self, thread_id: str, context: TContext) -> ThreadMetadata:
        row = await self._read(statements.load_thread, thread_id, self.owner_id(context))
        return ThreadMetadata.model_validate_json(row)

    async def save_thread(self, thread: ThreadMetadata, context: TContext) -> None:
        await self._write(statements.save_thread, statements.thread_row(thread, self.owner_id(context)))

    async def load_threads(self, limit: int, after: str | None, order: str, context: TContext) -> Page[ThreadMetadata]:
        owner = self.owner_id(context)
        return _page(_threads(), *await self._read(statements.thread_page, after, limit, order == "desc", owner))

    async def delete_thread(self, thread_id: str, context: TContext) -> None:
        await self._write(statements.delete_thread, thread_id, self.owner_id(context))

    async def update_thread(
        self, thread_id: str, changes: Mapping[str, Any], context: TContext, *, only_missing: bool = False
    ) -> ThreadMetadata:
        # It is validated in the writer's thread, and two threads must not build its validator at the same time.
        ThreadMetadata.model_rebuild()
        return await self._write(statements.update_thread, thread_id, changes, self.owner_id(context), only_missing)

    async def search(
        self, query: str | None, archived: bool, limit: int, after: str | None, order: str, context: TContext
    ) -> Page[ThreadMetadata]:
        owner, text = self.owner_id(context), query and query.casefold()
        rows = await self._read(
            statements.thread_page, after, limit, order == "desc", owner, archived=archived, text=text
        )
        return _page(_threads(), *rows)

    async def find_thread(self, key: str, context: TContext) -> ThreadMetadata | None:
        row = await self._read(statements.find_thread, key, self.owner_id(context))
        return None if row is None else ThreadMetadata.model_validate_json(row)

    # Items

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: TContext
    ) -> Page[ThreadItem]:
        owner = self.owner_id(context)
        rows = await self._read(statements.item_page, thread_id, after, limit, order == "desc", owner)
        return _page(_items(), *rows)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        named = [attachment.id for attachment in item.attachments] if isinstance(item, UserMessageItem) else []
        row = statements.item_row(item)
        await self._write(statements.save_item, thread_id, row, named, self.owner_id(context))

    async def save_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: TContext) -> ThreadItem:
        row = await self._read(statements.load_item, thread_id, item_id, self.owner_id(context))
        return _validated(_items(), [row])[0]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: TContext) -> None:
        await self._write(statements.delete_item, thread_id, item_id, self.owner_id(context))

    async def remove_items_after(self, thread_id: str, item_id: str, context: TContext) -> list[ThreadItem]:
        rows = await self._write(statements.remove_items_after, thread_id, item_id, self.owner_id(context))
        return _validated(_items(), rows)

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, context: TContext
    ) -> None:
        await self._write(statements.save_feedback, thread_id, tuple(item_ids), kind, self.owner_id(context))

    async def load_feedback(self, thread_id: str, context: TContext) -> dict[str, FeedbackKind]:
        return dict(await self._read(statements.load_feedback, thread_id, self.owner_id(context)))

    # Attachments

    async def save_attachment(self, attachment: Attachment, context: TContext) -> None:
        row = {
            "id": attachment.id,
            "owner": self.owner_id(context),
            "thread_id": attachment.thread_id,
            "created_at": utc_now().timestamp(),
            "data": attachment.model_dump_json(by_alias=True).encode(),
        }
        await self._write(statements.save_attachment, row)

    async def load_attachment(self, attachment_id: str, context: TContext) -> Attachment:
        row = await self._read(statements.load_attachment, attachment_id, self.owner_id(context))
        return _validated(_attachments(), [row])[0]

    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        await self._write(statements.delete_attachment, attachment_id, self.owner_id(context))

    async def thread_attachments(self, thread_id: str, context: TContext) -> list[Attachment]:
        rows = await self._read(statements.thread_attachments, thread_id, self.owner_id(context))
        return _validated(_attachments(), rows)

    async def drop_stale_attachments(self, before: datetime) -> list[str]:
        return await self._write(statements.drop_stale_attachments, before.timestamp())

    async def _read(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._database.read(lambda connection: statement(connection, *args, **kwargs))

    async def _write(
        self, statement: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        writer = writing_as.get()
        if writer is None or writer.log is not self._turn_log:
            return await self._database.write(lambda connection: statement(connection, *args, **kwargs))
        fence = writer.fence
        batch = batch_of(fence.turn_id, writer.entries) if writer.entries else None
        writer.entries = None

        def work(connection: sqlite3.Connection) -> T:
            turn_statements.append_fenced(connection, fence, batch)
            return statement(connection, *args, **kwargs)

        return await self._database.write(work)


@cache
def _items() -> TypeAdapter[list[ThreadItem]]:
    return TypeAdapter(list[ThreadItem])


@cache
def _threads() -> TypeAdapter[list[ThreadMetadata]]:
    return TypeAdapter(list[ThreadMetadata])


@cache
def _attachments() -> TypeAdapter[list[Attachment]]:
    return TypeAdapter(list[Attachment])


def _validated(adapter: TypeAdapter[list[T]], rows: Sequence[bytes]) -> list[T]:
    """Validate all rows at once, which costs a third of one by one."""
    return adapter.validate_json(b"[" + b",".join(rows) + b"]")


def _page(adapter: TypeAdapter[list[Any]], rows: Sequence[bytes], has_more: bool) -> Page[Any]:
    data = _validated(adapter, rows)
    return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)
