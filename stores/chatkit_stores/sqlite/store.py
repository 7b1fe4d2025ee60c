"""`SQLiteStore`: the contract of a store, over a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store, TContext
from chatkit_core.types import Attachment, FeedbackKind, Page, ThreadItem, ThreadMetadata, utc_now

from . import statements
from .database import Database


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
        if synchronous not in ("NORMAL", "FULL"):
            raise ValueError(f"synchronous is NORMAL or FULL, not {synchronous!r}.")
        self._database = Database(Path(path), synchronous)

    @classmethod
    def from_url(cls, url: str) -> SQLiteStore[Any]:
        """Return the store for `sqlite:///relative.db` or `sqlite:////absolute.db`.

        Raises:
            ValueError: the URL is not one of these.
        """
        parts = urlsplit(url)
        if parts.scheme != "sqlite" or parts.netloc or parts.query or parts.fragment or len(parts.path) < 2:
            raise ValueError(f"{url!r} is not sqlite:///relative.db or sqlite:////absolute.db.")
        return SQLiteStore(unquote(parts.path[1:]))

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    # Threads

    async def load_thread(self, thread_id: str, context: TContext) -> ThreadMetadata:
        owner = self.owner_id(context)
        return await self._database.read(lambda connection: statements.load_thread(connection, thread_id, owner))

    async def save_thread(self, thread: ThreadMetadata, context: TContext) -> None:
        owner = self.owner_id(context)
        await self._database.write(lambda connection: statements.save_thread(connection, thread, owner))

    async def load_threads(self, limit: int, after: str | None, order: str, context: TContext) -> Page[ThreadMetadata]:
        owner = self.owner_id(context)
        rows, has_more = await self._database.read(
            lambda connection: statements.thread_page(connection, after, limit, order == "desc", owner)
        )
        return _page(_threads(), rows, has_more)

    async def delete_thread(self, thread_id: str, context: TContext) -> None:
        owner = self.owner_id(context)

        def delete(connection: sqlite3.Connection) -> None:
            deleted = connection.execute("DELETE FROM threads WHERE id = ? AND owner = ?", (thread_id, owner))
            if deleted.rowcount:
                connection.execute("DELETE FROM attachments WHERE thread_id = ?", (thread_id,))

        await self._database.write(delete)

    async def update_thread(
        self, thread_id: str, changes: Mapping[str, Any], context: TContext, *, only_missing: bool = False
    ) -> ThreadMetadata:
        owner = self.owner_id(context)
        return await self._database.write(
            lambda connection: statements.update_thread(connection, thread_id, changes, owner, only_missing)
        )

    async def search(
        self, query: str | None, archived: bool, limit: int, after: str | None, order: str, context: TContext
    ) -> Page[ThreadMetadata]:
        find = partial(
            statements.thread_page,
            after=after,
            limit=limit,
            descending=order == "desc",
            owner=self.owner_id(context),
            archived=archived,
            text=None if query is None else query.casefold(),
        )
        rows, has_more = await self._database.read(find)
        return _page(_threads(), rows, has_more)

    async def find_thread(self, key: str, context: TContext) -> ThreadMetadata | None:
        owner = self.owner_id(context)

        def find(connection: sqlite3.Connection) -> Any:
            return connection.execute("SELECT data FROM threads WHERE owner = ? AND key = ?", (owner, key)).fetchone()

        row = await self._database.read(find)
        return None if row is None else ThreadMetadata.model_validate_json(row[0])

    # Items

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: TContext
    ) -> Page[ThreadItem]:
        owner = self.owner_id(context)
        rows, has_more = await self._database.read(
            lambda connection: statements.item_page(connection, thread_id, after, limit, order == "desc", owner)
        )
        return _page(_items(), rows, has_more)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        owner, data = self.owner_id(context), item.model_dump_json(by_alias=True).encode()
        await self._database.write(lambda connection: statements.save_item(connection, thread_id, item, data, owner))

    async def save_item(self, thread_id: str, item: ThreadItem, context: TContext) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: TContext) -> ThreadItem:
        owner = self.owner_id(context)

        def load(connection: sqlite3.Connection) -> bytes:
            thread = statements.thread_number(connection, thread_id, owner)
            row = connection.execute("SELECT data FROM items WHERE thread = ? AND id = ?", (thread, item_id)).fetchone()
            if row is None:
                raise NotFoundError("item", item_id)
            return bytes(row[0])

        return _items().validate_json(b"[" + await self._database.read(load) + b"]")[0]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: TContext) -> None:
        await self._database.write_one(
            "DELETE FROM items WHERE id = ? AND thread = (SELECT number FROM threads WHERE id = ? AND owner = ?)",
            (item_id, thread_id, self.owner_id(context)),
        )

    async def remove_items_after(self, thread_id: str, item_id: str, context: TContext) -> list[ThreadItem]:
        owner = self.owner_id(context)
        rows = await self._database.write(
            lambda connection: statements.remove_items_after(connection, thread_id, item_id, owner)
        )
        return _validated(_items(), rows)

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, context: TContext
    ) -> None:
        owner = self.owner_id(context)
        await self._database.write(
            lambda connection: statements.save_feedback(connection, thread_id, item_ids, kind, owner)
        )

    async def load_feedback(self, thread_id: str, context: TContext) -> dict[str, FeedbackKind]:
        owner = self.owner_id(context)

        def load(connection: sqlite3.Connection) -> list[Any]:
            thread = statements.thread_number(connection, thread_id, owner)
            return connection.execute(
                "SELECT id, feedback FROM items WHERE thread = ? AND feedback IS NOT NULL ORDER BY place",
                (thread,),
            ).fetchall()

        return dict(await self._database.read(load))

    # Attachments

    async def save_attachment(self, attachment: Attachment, context: TContext) -> None:
        row = {
            "id": attachment.id,
            "owner": self.owner_id(context),
            "thread_id": attachment.thread_id,
            "created_at": utc_now().timestamp(),
            "data": attachment.model_dump_json(by_alias=True).encode(),
        }

        def save(connection: sqlite3.Connection) -> None:
            saved = connection.execute(
                """
                INSERT INTO attachments (id, owner, thread_id, created_at, data)
                VALUES (:id, :owner, :thread_id, :created_at, :data)
                ON CONFLICT (id) DO UPDATE SET thread_id = excluded.thread_id, data = excluded.data
                WHERE owner = excluded.owner
                """,
                row,
            )
            if saved.rowcount == 0:
                raise NotFoundError("attachment", attachment.id)

        await self._database.write(save)

    async def load_attachment(self, attachment_id: str, context: TContext) -> Attachment:
        owner = self.owner_id(context)

        def load(connection: sqlite3.Connection) -> Any:
            return connection.execute(
                "SELECT data FROM attachments WHERE id = ? AND owner = ?", (attachment_id, owner)
            ).fetchone()

        row = await self._database.read(load)
        if row is None:
            raise NotFoundError("attachment", attachment_id)
        return _attachments().validate_json(b"[" + row[0] + b"]")[0]

    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        values = (attachment_id, self.owner_id(context))
        await self._database.write_one("DELETE FROM attachments WHERE id = ? AND owner = ?", values)

    async def thread_attachments(self, thread_id: str, context: TContext) -> list[Attachment]:
        owner = self.owner_id(context)

        def load(connection: sqlite3.Connection) -> list[bytes]:
            statements.thread_number(connection, thread_id, owner)
            rows = connection.execute(
                "SELECT data FROM attachments WHERE thread_id = ? AND owner = ? ORDER BY id", (thread_id, owner)
            )
            return [row[0] for row in rows]

        return _validated(_attachments(), await self._database.read(load))

    async def drop_stale_attachments(self, before: datetime) -> list[str]:
        def drop(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "DELETE FROM attachments WHERE thread_id IS NULL AND created_at < ? RETURNING id",
                (before.timestamp(),),
            )
            return [row[0] for row in rows]

        return await self._database.write(drop)


@cache
def _items() -> TypeAdapter[list[ThreadItem]]:
    return TypeAdapter(list[ThreadItem])


@cache
def _threads() -> TypeAdapter[list[ThreadMetadata]]:
    return TypeAdapter(list[ThreadMetadata])


@cache
def _attachments() -> TypeAdapter[list[Attachment]]:
    return TypeAdapter(list[Attachment])


def _validated(adapter: TypeAdapter[list[Any]], rows: Sequence[bytes]) -> list[Any]:
    """Validate all rows at once, which costs a third of one by one."""
    return adapter.validate_json(b"[" + b",".join(rows) + b"]")


def _page(adapter: TypeAdapter[list[Any]], rows: Sequence[bytes], has_more: bool) -> Page[Any]:
    data = _validated(adapter, rows)
    return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)
