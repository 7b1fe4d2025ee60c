"""How a SQLiteStore writes: together, and each for itself."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticSerializationError

from chatkit_core.errors import NotFoundError
from chatkit_core.testing.samples import new_thread, said
from chatkit_stores.sqlite import SQLiteStore
from chatkit_stores.sqlite.database import Database

ADA = {"user_id": "ada"}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "chat.db", "NORMAL")
    await database.write(
        lambda connection: connection.execute("CREATE TABLE notes (note TEXT NOT NULL UNIQUE)").rowcount
    )
    yield database
    await database.close()


def note(text: str | None) -> Any:
    return lambda connection: connection.execute("INSERT INTO notes VALUES (?)", (text,)).rowcount


async def notes(database: Database) -> list[str]:
    return [
        row[0] for row in await database.read(lambda c: c.execute("SELECT note FROM notes ORDER BY rowid").fetchall())
    ]


async def test_writes_that_wait_together_share_a_commit(database: Database) -> None:
    seen: list[str] = []
    await database.write(lambda connection: connection.set_trace_callback(seen.append))
    seen.clear()
    others_wait = threading.Event()
    writing = [asyncio.create_task(database.write(lambda connection: others_wait.wait()))]
    writing += [asyncio.create_task(database.write(note(str(n)))) for n in range(16)]
    await asyncio.sleep(0)
    others_wait.set()
    await asyncio.gather(*writing)
    assert await notes(database) == [str(n) for n in range(16)]
    assert seen.count("COMMIT") in (1, 2)  # the first write may have begun before the others came


async def test_a_write_that_comes_while_another_is_done_is_done_next(database: Database) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()

    writing = [asyncio.create_task(database.write(slow))]
    await begun.wait()
    writing += [asyncio.create_task(database.write(note(str(n)))) for n in range(3)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*writing)
    assert await notes(database) == ["0", "1", "2"]


async def test_of_many_who_write_again_and_again_nobody_is_forgotten(database: Database) -> None:
    async def write(name: int) -> None:
        for n in range(100):
            await database.write(note(f"{name} {n}"))

    await asyncio.gather(*(write(name) for name in range(8)))
    written = await notes(database)
    for name in range(8):
        assert [text for text in written if text.startswith(f"{name} ")] == [f"{name} {n}" for n in range(100)]


async def test_a_write_that_fails_is_undone_by_itself(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        note("half")(connection)
        note("one")(connection)

    outcomes = await asyncio.gather(
        database.write(note("one")),
        database.write(half),
        database.write(note(None)),
        database.write(note("two")),
        return_exceptions=True,
    )
    assert outcomes[::3] == [1, 1]
    assert [str(outcome) for outcome in outcomes[1:3]] == [
        "UNIQUE constraint failed: notes.note",
        "NOT NULL constraint failed: notes.note",
    ]
    assert await notes(database) == ["one", "two"]


async def test_a_caller_that_is_cancelled_takes_nobody_along(database: Database) -> None:
    writes = [asyncio.create_task(database.write(note(str(n)))) for n in range(4)]
    await asyncio.sleep(0)
    writes[1].cancel()
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, asyncio.CancelledError, int, int]
    assert await notes(database) == ["0", "1", "2", "3"]


async def test_closing_finishes_what_is_being_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "chat.db", "NORMAL")
    await database.write(lambda c: c.execute("CREATE TABLE notes (note TEXT)").rowcount)
    writing = [asyncio.create_task(database.write(note(str(n)))) for n in range(4)]
    await asyncio.sleep(0)
    await database.close()
    assert [write.done() for write in writing] == [True] * 4
    assert await notes(database) == ["0", "1", "2", "3"]
    await database.close()


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    await database.write(note("committed"))
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sqlite3.Connection) -> None:
        note("being written")(connection)
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()

    writing = asyncio.create_task(database.write(slow))
    await begun.wait()
    assert await notes(database) == ["committed"]
    go_on.set()
    await writing
    assert await notes(database) == ["committed", "being written"]


async def test_a_read_sees_one_moment(database: Database) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def count_twice(connection: sqlite3.Connection) -> list[int]:
        first = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return [first, connection.execute("SELECT count(*) FROM notes").fetchone()[0]]

    reading = asyncio.create_task(database.read(count_twice))
    await begun.wait()
    await database.write(note("meanwhile"))
    assert await notes(database) == ["meanwhile"]
    go_on.set()
    assert await reading == [0, 0]


async def test_a_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="attempt to write a readonly database"):
        await database.read(note("no"))


async def test_a_full_disk_loses_nothing_that_was_committed_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    thread = new_thread()
    await store.save_thread(thread, context=ADA)

    async def limit_pages(pages: int) -> None:
        await store._database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())

    async def ids() -> list[str]:
        page = await store.load_thread_items(thread.id, after=None, limit=100, order="asc", context=ADA)
        return [item.id for item in page.data]

    await limit_pages(40)
    items = [said(thread, "x" * 30_000, str(n)) for n in range(16)]
    outcomes = await asyncio.gather(
        *(store.add_thread_item(thread.id, item, context=ADA) for item in items), return_exceptions=True
    )
    failed = [str(outcome) for outcome in outcomes if outcome is not None]
    assert failed
    assert set(failed) == {"database or disk is full"}
    kept = [item.id for item, outcome in zip(items, outcomes, strict=True) if outcome is None]
    assert await ids() == kept
    await limit_pages(1000)
    for item in items:
        await store.add_thread_item(thread.id, item, context=ADA)
    assert sorted(await ids(), key=int) == [str(n) for n in range(16)]
    await store.close()


async def test_text_that_is_no_unicode_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    thread = new_thread(title="whole")
    await store.save_thread(thread, context=ADA)
    item = said(thread, "whole")
    await store.add_thread_item(thread.id, item, context=ADA)
    for call in (
        store.add_thread_item(thread.id, said(thread, "half \ud83d", item.id), context=ADA),
        store.update_thread(thread.id, {"title": "half \ud83d"}, context=ADA),
        store.save_thread(thread.model_copy(update={"title": "half \ud83d"}), context=ADA),
    ):
        with pytest.raises(PydanticSerializationError, match="surrogates not allowed"):
            await call
    assert await store.load_thread(thread.id, context=ADA) == thread
    assert await store.load_item(thread.id, item.id, context=ADA) == item
    await store.close()


async def test_a_write_to_a_missing_thread_does_not_spoil_those_beside_it(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    thread, missing = new_thread(), new_thread()
    await store.save_thread(thread, context=ADA)
    adding = (store.add_thread_item(one.id, said(one, ""), context=ADA) for one in (thread, missing, thread))
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), NotFoundError, type(None)]
    page = await store.load_thread_items(thread.id, after=None, limit=9, order="asc", context=ADA)
    assert len(page.data) == 2
    await store.close()
