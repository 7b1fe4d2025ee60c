"""A store for `openai-chatkit` in a SQLite file, as its samples have one: JSON, ordered by the time of creation."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatkit.types import AssistantMessageContent, AssistantMessageItem, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

from benchmarks.apps.incumbent import DictStore

_items: TypeAdapter[Any] = TypeAdapter(ThreadItem)


class IncumbentSQLiteStore(DictStore):
    """A thread and its items, to be read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def fill(self, thread: ThreadMetadata, items: Iterable[AssistantMessageItem]) -> None:
        """Write a thread."""
        with sqlite3.connect(self._path) as connection:
            connection.execute("CREATE TABLE threads (id TEXT PRIMARY KEY, data TEXT)")
            connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, thread_id TEXT, created_at TEXT, data TEXT)")
            connection.execute("INSERT INTO threads VALUES (?, ?)", (thread.id, thread.model_dump_json()))
            rows = ((item.id, thread.id, item.created_at.isoformat(), item.model_dump_json()) for item in items)
            connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        with sqlite3.connect(self._path) as connection:
            row = connection.execute("SELECT data FROM threads WHERE id = ?", (thread_id,)).fetchone()
        return ThreadMetadata.model_validate_json(row[0])

    async def load_thread_items(self, thread_id: str, after: str | None, limit: int, order: str, context: Any) -> Any:
        sql, values = "SELECT data FROM items WHERE thread_id = ?", [thread_id]
        with sqlite3.connect(self._path) as connection:
            if after is not None:
                created_at = connection.execute("SELECT created_at FROM items WHERE id = ?", (after,)).fetchone()[0]
                sql += " AND created_at " + (">" if order == "asc" else "<") + " ?"
                values.append(created_at)
            rows = connection.execute(f"{sql} ORDER BY created_at {order} LIMIT {limit + 1}", values).fetchall()
        data = [_items.validate_json(row[0]) for row in rows[:limit]]
        return Page(data=data, has_more=len(rows) > limit, after=data[-1].id if len(rows) > limit else None)


def new_items(thread_id: str, count: int, text: str, times: Iterable[Any]) -> list[AssistantMessageItem]:
    """Return items, one a time."""
    content = [AssistantMessageContent(text=text)]
    return [
        AssistantMessageItem(id=f"msg_{number}", thread_id=thread_id, created_at=time, content=content)
        for number, time in zip(range(count), times, strict=False)
    ]
