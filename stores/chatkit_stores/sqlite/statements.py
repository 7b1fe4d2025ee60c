"""What the store does inside a transaction: functions of a connection, in the connection's thread."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import merge_thread, reserved_metadata
from chatkit_core.types import AssistantMessageItem, ThreadItem, ThreadMetadata, UserMessageItem

Connection = sqlite3.Connection


def thread_number(connection: Connection, thread_id: str, owner: str) -> int:
    """Return the thread's row.

    Raises:
        NotFoundError: there is no such thread for this owner.
    """
    row = connection.execute("SELECT number FROM threads WHERE id = ? AND owner = ?", (thread_id, owner)).fetchone()
    if row is None:
        raise NotFoundError("thread", thread_id)
    return int(row[0])


def item_place(connection: Connection, thread: int, item_id: str) -> int:
    """Return the item's place in its thread.

    Raises:
        NotFoundError: the thread has no such item.
    """
    row = connection.execute("SELECT place FROM items WHERE thread = ? AND id = ?", (thread, item_id)).fetchone()
    if row is None:
        raise NotFoundError("item", item_id)
    return int(row[0])


def load_thread(connection: Connection, thread_id: str, owner: str) -> ThreadMetadata:
    """Return the thread; `NotFoundError` if there is none for this owner."""
    row = connection.execute("SELECT data FROM threads WHERE id = ? AND owner = ?", (thread_id, owner)).fetchone()
    if row is None:
        raise NotFoundError("thread", thread_id)
    return ThreadMetadata.model_validate_json(row[0])


def save_thread(connection: Connection, thread: ThreadMetadata, owner: str) -> None:
    """Insert or replace the thread; `NotFoundError` if it is another owner's, `ConflictError` if its key is taken."""
    reserved = reserved_metadata(thread)
    key = reserved.get("key")
    if key is not None:
        taken = connection.execute("SELECT id FROM threads WHERE owner = ? AND key = ?", (owner, key)).fetchone()
        if taken is not None and taken[0] != thread.id:
            raise ConflictError(f"Another thread has the key {key!r}.", code="thread.key_taken")
    row = {
        "id": thread.id,
        "owner": owner,
        "title": thread.title and thread.title.casefold(),
        "archived": bool(reserved.get("archived")),
        "key": key,
        "data": thread.model_dump_json(exclude={"items"}).encode(),
    }
    saved = connection.execute(
        """
        INSERT INTO threads (id, owner, title, archived, key, data)
        VALUES (:id, :owner, :title, :archived, :key, :data)
        ON CONFLICT (id) DO UPDATE
        SET title = excluded.title, archived = excluded.archived, key = excluded.key, data = excluded.data
        WHERE owner = excluded.owner
        """,
        row,
    )
    if saved.rowcount == 0:
        raise NotFoundError("thread", thread.id)


def update_thread(
    connection: Connection, thread_id: str, changes: Any, owner: str, only_missing: bool
) -> ThreadMetadata:
    """Merge the changes into the thread, and return it."""
    merged = merge_thread(load_thread(connection, thread_id, owner), changes, only_missing=only_missing)
    save_thread(connection, merged, owner)
    return merged


def save_item(connection: Connection, thread_id: str, item: ThreadItem, data: bytes, owner: str) -> None:
    """Replace the item in its place, or append it."""
    thread = thread_number(connection, thread_id, owner)
    text = item.text.casefold() if isinstance(item, UserMessageItem | AssistantMessageItem) else None
    connection.execute(
        """
        INSERT INTO items (thread, place, id, text, data)
        SELECT :thread, coalesce(max(place), 0) + 1, :id, :text, :data FROM items WHERE thread = :thread
        ON CONFLICT (thread, id) DO UPDATE SET text = excluded.text, data = excluded.data
        """,
        {"thread": thread, "id": item.id, "text": text, "data": data},
    )


def remove_items_after(connection: Connection, thread_id: str, item_id: str, owner: str) -> list[bytes]:
    """Delete the items after one; return their data, oldest first."""
    thread = thread_number(connection, thread_id, owner)
    place = item_place(connection, thread, item_id)
    rows = connection.execute(
        "SELECT data FROM items WHERE thread = ? AND place > ? ORDER BY place", (thread, place)
    ).fetchall()
    connection.execute("DELETE FROM items WHERE thread = ? AND place > ?", (thread, place))
    return [row[0] for row in rows]


def save_feedback(connection: Connection, thread_id: str, item_ids: Iterable[str], kind: str, owner: str) -> None:
    """Keep feedback on all the items, or on none."""
    thread = thread_number(connection, thread_id, owner)
    for item_id in item_ids:
        place = item_place(connection, thread, item_id)
        connection.execute("UPDATE items SET feedback = ? WHERE thread = ? AND place = ?", (kind, thread, place))


def item_page(
    connection: Connection, thread_id: str, after: str | None, limit: int, descending: bool, owner: str
) -> tuple[list[bytes], bool]:
    """Return the data of a page of items, and whether there are more."""
    thread = thread_number(connection, thread_id, owner)
    if descending:
        edge = 2**63 - 1 if after is None else item_place(connection, thread, after)
        sql = "SELECT data FROM items WHERE thread = ? AND place < ? ORDER BY place DESC LIMIT ?"
    else:
        edge = 0 if after is None else item_place(connection, thread, after)
        sql = "SELECT data FROM items WHERE thread = ? AND place > ? ORDER BY place LIMIT ?"
    rows = connection.execute(sql, (thread, edge, limit + 1)).fetchall()
    return [row[0] for row in rows[:limit]], len(rows) > limit


def thread_page(
    connection: Connection,
    after: str | None,
    limit: int,
    descending: bool,
    owner: str,
    *,
    archived: bool | None = None,
    text: str | None = None,
) -> tuple[list[bytes], bool]:
    """Return the data of a page of threads, and whether there are more.

    Args:
        archived: which threads; None for all.
        text: casefolded text that the title or a message contains; None for all.
    """
    sql = "SELECT data FROM threads WHERE owner = :owner"
    edge = None if after is None else thread_number(connection, after, owner)
    if archived is not None:
        sql += " AND archived = :archived"
    if edge is not None:
        sql += " AND number < :edge" if descending else " AND number > :edge"
    if text is not None:
        sql += """ AND (instr(title, :text) > 0 OR EXISTS (
            SELECT 1 FROM items WHERE thread = number AND instr(items.text, :text) > 0))"""
    sql += f" ORDER BY number {'DESC' if descending else 'ASC'} LIMIT :limit"
    values = {"owner": owner, "archived": archived, "edge": edge, "text": text, "limit": limit + 1}
    rows = connection.execute(sql, values).fetchall()
    return [row[0] for row in rows[:limit]], len(rows) > limit
