"""The file of a SQLiteStore: what it keeps, what is refused, and how it grows with the package."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from chatkit_core.backends import open_store
from chatkit_core.testing.samples import a_file, asked, new_thread, one_of_each, said
from chatkit_stores.sqlite import SQLiteStore, UnreadableDatabaseError
from chatkit_stores.sqlite.schema import APPLICATION_ID, MIGRATIONS, connect_writer, migrate

ADA = {"user_id": "ada"}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def sizes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    thread, attachment = new_thread(title="Kept"), a_file()
    items = [*one_of_each(thread), asked(thread, "And this.", attachment)]
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    await store.save_thread(thread, context=ADA)
    await store.save_attachment(attachment, context=ADA)
    for item in items:
        await store.add_thread_item(thread.id, item, context=ADA)
    await store.save_feedback(thread.id, ["assistant"], "positive", context=ADA)
    await store.close()

    again: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    assert await again.load_thread(thread.id, context=ADA) == thread
    page = await again.load_thread_items(thread.id, after=None, limit=100, order="asc", context=ADA)
    assert page.data == items
    assert await again.load_feedback(thread.id, context=ADA) == {"assistant": "positive"}
    assert await again.thread_attachments(thread.id, context=ADA) == [attachment]
    await again.close()


async def test_closing_leaves_one_file_in_wal_mode_and_marked_as_ours(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    await store.open()
    await store.close()
    await store.close()
    assert names_in(tmp_path) == ["chat.db"]
    with closing(sqlite3.connect(tmp_path / "chat.db")) as connection:
        header = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "application_id", "user_version", "encoding")
        ]
    assert header == ["wal", APPLICATION_ID, len(MIGRATIONS), "UTF-8"]


async def test_a_store_that_is_used_by_many_before_it_is_open_opens_once(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    threads = [new_thread() for _ in range(8)]
    await asyncio.gather(store.open(), *(store.save_thread(thread, context=ADA) for thread in threads), store.open())
    page = await store.load_threads(limit=20, after=None, order="asc", context=ADA)
    assert page.data == threads
    await store.close()


def test_a_store_that_was_closed_serves_another_event_loop(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    first, second = new_thread(), new_thread()

    async def save(thread: Any) -> list[str]:
        await asyncio.gather(store.open(), store.save_thread(thread, context=ADA))
        page = await store.load_threads(limit=20, after=None, order="asc", context=ADA)
        await asyncio.gather(store.close(), store.close())
        return [thread.id for thread in page.data]

    assert asyncio.run(save(first)) == [first.id]
    assert asyncio.run(save(second)) == [first.id, second.id]


def test_a_store_that_nobody_closed_serves_another_event_loop(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    thread = new_thread()

    async def cut_off() -> None:
        await store.open()
        asyncio.get_running_loop().create_task(store.save_thread(thread, context=ADA))
        await asyncio.sleep(0)

    asyncio.run(cut_off())

    async def load() -> Any:
        await store.save_thread(new_thread(), context=ADA)
        loaded = await store.load_thread(thread.id, context=ADA)
        await store.close()
        return loaded

    assert asyncio.run(load()) == thread


async def test_a_file_of_an_older_version_is_migrated_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    thread = new_thread(title="old")
    store: SQLiteStore[Any] = SQLiteStore(path)
    await store.save_thread(thread, context=ADA)
    await store.close()

    two_more = (*MIGRATIONS, ["ALTER TABLE threads ADD COLUMN colour TEXT"], ["UPDATE threads SET colour = 'red'"])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nonsense"):
            migrate(connection, path, (*two_more, ["nonsense"]))
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        migrate(connection, path, two_more)
        migrate(connection, path, two_more)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(two_more),)
        assert connection.execute("SELECT id, colour FROM threads").fetchall() == [(thread.id, "red")]
    with pytest.raises(UnreadableDatabaseError) as caught:
        await SQLiteStore(path).open()
    assert str(caught.value) == (
        f"{path} is of version {len(two_more)}, which a newer version of this package has written; "
        f"this one knows versions up to {len(MIGRATIONS)}."
    )


def other_program(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")
    return f"{path} is a database of something else."


def other_program_with_a_mark(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 7")
    return f"{path} is a database of something else."


def no_database(path: Path) -> str:
    path.write_text("Dear diary, " * 100)
    return f"{path} cannot be used: file is not a database."


def a_folder(path: Path) -> str:
    path.mkdir()
    return f"{path} cannot be used: unable to open database file."


@pytest.mark.parametrize("spoil", [other_program, other_program_with_a_mark, no_database, a_folder])
async def test_what_is_not_ours_is_refused_and_left_as_it_is(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "chat.db"
    message = spoil(path)
    before = path.read_bytes() if path.is_file() else None
    store: SQLiteStore[Any] = SQLiteStore(path)
    for call in (store.open, lambda: store.load_thread("thr_1", context=ADA)):
        with pytest.raises(UnreadableDatabaseError) as caught:
            await call()
        assert str(caught.value) == message
    await store.close()
    assert (path.read_bytes() if path.is_file() else None) == before
    assert names_in(tmp_path) == ["chat.db"]


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "chat.db"
    with pytest.raises(UnreadableDatabaseError) as caught:
        await SQLiteStore(path).open()
    assert str(caught.value) == f"{path} cannot be opened: there is no folder {path.parent}."
    assert not path.parent.exists()


async def test_a_store_that_could_not_open_opens_once_the_cause_is_gone(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "later" / "chat.db")
    with pytest.raises(UnreadableDatabaseError):
        await store.open()
    (tmp_path / "later").mkdir()
    await store.open()
    await store.close()


READ_ONLY = """
import asyncio, os, sys
from chatkit_stores.sqlite import SQLiteStore, UnreadableDatabaseError

asyncio.run(asyncio.to_thread(int))  # so that all is imported
if os.geteuid() == 0:  # root may write anything
    os.seteuid(65534)
try:
    asyncio.run(SQLiteStore("chat.db").open())
except UnreadableDatabaseError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_refused() -> None:
    with TemporaryDirectory() as name:  # unlike `tmp_path` in a place that others may look into
        folder = Path(name)
        with closing(sqlite3.connect(folder / "chat.db", isolation_level=None)) as connection:
            migrate(connection, folder / "chat.db")
        (folder / "chat.db").chmod(0o444)
        folder.chmod(0o555)
        outcome = subprocess.run([sys.executable, "-c", READ_ONLY], cwd=folder, capture_output=True, text=True)
        folder.chmod(0o755)
    refused = "chat.db cannot be used: attempt to write a readonly database.\n"
    assert (outcome.stdout, outcome.stderr) == (refused, "")


async def test_the_files_beside_it_stay_small_however_much_is_written(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    thread = new_thread()
    await store.save_thread(thread, context=ADA)
    for n in range(40):
        await store.add_thread_item(thread.id, said(thread, "x" * 1_000_000, str(n)), context=ADA)
    sizes = sizes_in(tmp_path)
    await store.close()
    assert sizes["chat.db"] > 20_000_000
    assert sizes["chat.db-wal"] < 20_000_000


async def test_a_url_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///chat.db", f"sqlite:///{tmp_path}/my%20chat.db"):
        store = open_store(url)
        await store.open()
        await store.close()
    assert names_in(tmp_path) == ["chat.db", "my chat.db"]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:chat.db",
        "sqlite://chat.db",
        "sqlite:///a.db?mode=ro",
        "sqlite:///a.db#b",
        "x:///a",
    ],
)
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not sqlite:///relative"):
        SQLiteStore.from_url(url)


def test_a_store_needs_a_file_and_a_way_to_commit() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        SQLiteStore.from_url("sqlite:///:memory:")
    with pytest.raises(ValueError, match="NORMAL or FULL, not 'OFF'"):
        SQLiteStore("chat.db", synchronous="OFF")  # type: ignore[arg-type]


def test_of_many_who_make_a_file_at_once_nobody_fails(tmp_path: Path) -> None:
    for n in range(10):
        path = tmp_path / f"{n}.db"
        together = threading.Barrier(8)

        def connect(path: Path = path, together: threading.Barrier = together) -> int:
            together.wait()
            with closing(connect_writer(path, "NORMAL")) as connection:
                return int(connection.execute("PRAGMA user_version").fetchone()[0])

        with ThreadPoolExecutor(8) as pool:
            versions = [future.result() for future in [pool.submit(connect) for _ in range(8)]]
        assert versions == [len(MIGRATIONS)] * 8
