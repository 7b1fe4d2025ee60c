"""What the store does inside a transaction: functions of a connection, in the connection's thread."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import merge_thread, reserved_metadata
from chatkit_core.types import AssistantMessageItem, FeedbackKind, ThreadItem, ThreadMetadata, UserMessageItem

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


def load_thread(connection: Connection, thread_id: str, owner: str) -> bytes:
    """Return the thread's data; `NotFoundError` if there is none for this owner."""
    row = connection.execute("SELECT data FROM threads WHERE id = ? AND owner = ?", (thread_id, owner)).fetchone()
    if row is None:
        raise NotFoundError("thread", thread_id)
    return bytes(row[0])


def thread_row(thread: ThreadMetadata, owner: str) -> dict[str, Any]:
    """Return what `save_thread` saves of the thread."""
    reserved = reserved_metadata(thread)
    return {
        "id": thread.id,
        "owner": owner,
        "title": thread.title and thread.title.casefold(),
        "archived": bool(reserved.get("archived")),
        "key": reserved.get("key"),
        "data": thread.model_dump_json(by_alias=True, exclude={"items"}).encode(),
    }


def save_thread(connection: Connection, row: dict[str, Any]) -> None:
    """Insert or replace the thread; `NotFoundError` if it is another owner's, `ConflictError` if its key is taken."""
    if row["key"] is not None:
        taken = connection.execute(
            "SELECT key FROM threads WHERE owner = :owner AND key = :key AND id != :id", row
        ).fetchone()
        if taken is not None:
            raise ConflictError(f"Another thread has the key {row['key']!r}.", code="thread.key_taken")
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
        raise NotFoundError("thread", row["id"])


def update_thread(
    connection: Connection, thread_id: str, changes: Mapping[str, Any], owner: str, only_missing: bool
) -> ThreadMetadata:
    """Merge the changes into the thread, and return it."""
    thread = ThreadMetadata.model_validate_json(load_thread(connection, thread_id, owner))
    merged = merge_thread(thread, changes, only_missing=only_missing)
    save_thread(connection, thread_row(merged, owner))
    return merged


def delete_thread(connection: Connection, thread_id: str, owner: str) -> None:
    """Delete the thread, its items and its attachments; nothing if it is missing."""
    deleted = connection.execute("DELETE FROM threads WHERE id = ? AND owner = ?", (thread_id, owner))
    if deleted.rowcount:
        connection.execute("DELETE FROM attachments WHERE thread_id = ? AND owner = ?", (thread_id, owner))


def find_thread(connection: Connection, key: str, owner: str) -> bytes | None:
    """Return the data of the thread with this key."""
    row = connection.execute("SELECT data FROM threads WHERE owner = ? AND key = ?", (owner, key)).fetchone()
    return None if row is None else bytes(row[0])


def item_row(item: ThreadItem) -> dict[str, Any]:
    """Return what `save_item` saves of the item."""
    text = item.text.casefold() if isinstance(item, UserMessageItem | AssistantMessageItem) else None
    return {
        "id": item.id,
        "text": text,
        "data": item.model_dump_json(by_alias=True).encode(),
    }


def save_item(
    connection: Connection, thread_id: str, row: dict[str, Any], attachment_ids: Sequence[str], owner: str
) -> None:
    """Replace the item in its place, or append it; note of its attachments that this thread has them."""
    saved = connection.execute(
        """
        INSERT INTO items (thread, id, text, data)
        SELECT number, :id, :text, :data FROM threads WHERE id = :thread_id AND owner = :owner
        ON CONFLICT (thread, id) DO UPDATE SET text = excluded.text, data = excluded.data
        """,
        {"thread_id": thread_id, "owner": owner, **row},
    )
    if saved.rowcount == 0:
        raise NotFoundError("thread", thread_id)
    for attachment_id in attachment_ids:
        connection.execute(
            "UPDATE attachments SET thread_id = ? WHERE id = ? AND owner = ? AND thread_id IS NULL",
            (thread_id, attachment_id, owner),
        )


def load_item(connection: Connection, thread_id: str, item_id: str, owner: str) -> bytes:
    """Return the item's data; `NotFoundError` if there is none in a thread of this owner."""
    thread = thread_number(connection, thread_id, owner)
    row = connection.execute("SELECT data FROM items WHERE thread = ? AND id = ?", (thread, item_id)).fetchone()
    if row is None:
        raise NotFoundError("item", item_id)
    return bytes(row[0])


def delete_item(connection: Connection, thread_id: str, item_id: str, owner: str) -> None:
    """Delete the item; nothing if it is missing."""
    connection.execute(
        "DELETE FROM items WHERE id = ? AND thread = (SELECT number FROM threads WHERE id = ? AND owner = ?)",
        (item_id, thread_id, owner),
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
        connection.execute("UPDATE items SET feedback = ? WHERE place = ?", (kind, place))


def load_feedback(connection: Connection, thread_id: str, owner: str) -> list[tuple[str, FeedbackKind]]:
    """Return the feedback on the thread's items, with their ids."""
    thread = thread_number(connection, thread_id, owner)
    return connection.execute(
        "SELECT id, feedback FROM items WHERE thread = ? AND feedback IS NOT NULL ORDER BY place", (thread,)
    ).fetchall()


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


def save_attachment(connection: Connection, row: dict[str, Any]) -> None:
    """Insert or replace the attachment; `NotFoundError` if it is another owner's. A thread that has it keeps it."""
    saved = connection.execute(
        """
        INSERT INTO attachments (id, owner, thread_id, created_at, data)
        VALUES (:id, :owner, :thread_id, :created_at, :data)
        ON CONFLICT (id) DO UPDATE SET thread_id = coalesce(excluded.thread_id, thread_id), data = excluded.data
        WHERE owner = excluded.owner
        """,
        row,
    )
    if saved.rowcount == 0:
        raise NotFoundError("attachment", row["id"])


def delete_attachment(connection: Connection, attachment_id: str, owner: str) -> None:
    """Delete the attachment; nothing if it is missing."""
    connection.execute("DELETE FROM attachments WHERE id = ? AND owner = ?", (attachment_id, owner))


def load_attachment(connection: Connection, attachment_id: str, owner: str) -> bytes:
    """Return the attachment's data; `NotFoundError` if there is none for this owner."""
    row = connection.execute(
        "SELECT data FROM attachments WHERE id = ? AND owner = ?", (attachment_id, owner)
    ).fetchone()
    if row is None:
        raise NotFoundError("attachment", attachment_id)
    return bytes(row[0])


def thread_attachments(connection: Connection, thread_id: str, owner: str) -> list[bytes]:
    """Return the data of the attachments that the thread has."""
    thread_number(connection, thread_id, owner)
    rows = connection.execute(
        "SELECT data FROM attachments WHERE thread_id = ? AND owner = ? ORDER BY id", (thread_id, owner)
    )
    return [row[0] for row in rows]


def drop_stale_attachments(connection: Connection, before: float) -> list[str]:
    """Delete the attachments that no thread has and that are older; return their ids."""
    rows = connection.execute(
        "DELETE FROM attachments WHERE thread_id IS NULL AND created_at < ? RETURNING id", (before,)
    )
    return [row[0] for row in rows]
