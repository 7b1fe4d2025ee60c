"""A SQLiteStore among processes: several that share a file, one that never closes it, one that is killed."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from chatkit_core.testing.samples import THEN
from chatkit_core.types import ThreadMetadata
from chatkit_stores.sqlite import SQLiteStore

T = TypeVar("T")
ADA = {"user_id": "ada"}

WRITER = """
import asyncio, sys
from chatkit_core.testing.samples import THEN, said
from chatkit_core.types import ThreadMetadata
from chatkit_stores.sqlite import SQLiteStore

ADA = {"user_id": "ada"}

async def main():
    name = sys.argv[1]
    store = SQLiteStore("chat.db")
    await store.save_thread(ThreadMetadata(id=name, created_at=THEN), context=ADA)
    print("ready", flush=True)
    shared = ThreadMetadata.model_validate_json(sys.stdin.readline())
    for n in range(0, 100, 4):
        adding = (store.add_thread_item("shared", said(shared, "", f"{name}_{n + i}"), context=ADA) for i in range(4))
        await asyncio.gather(*adding, store.update_thread("shared", {"metadata": {f"{name}_{n}": n}}, context=ADA))
    await store.close()

asyncio.run(main())
"""

FORGETFUL = """
import asyncio
from chatkit_core.testing.samples import THEN
from chatkit_core.types import ThreadMetadata
from chatkit_stores.sqlite import SQLiteStore

store = SQLiteStore("chat.db")

async def main():
    await store.open()
    await store.save_thread(ThreadMetadata(id="kept", created_at=THEN), context={"user_id": "ada"})
    await store.load_thread("kept", context={"user_id": "ada"})
    print("saved", flush=True)
    %s

asyncio.run(main())
"""


def start(folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def with_store(folder: Path, use: Callable[[SQLiteStore[Any]], Awaitable[T]]) -> T:
    async def use_and_close() -> T:
        store: SQLiteStore[Any] = SQLiteStore(folder / "chat.db")
        result = await use(store)
        await store.close()
        return result

    return asyncio.run(use_and_close())


def threads_in(folder: Path) -> list[ThreadMetadata]:
    return with_store(folder, lambda store: store.load_threads(20, None, "asc", context=ADA)).data


def test_processes_that_make_and_write_a_file_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"writer{n}" for n in range(3)]
    writers = [start(tmp_path, WRITER, name) for name in names]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    shared = ThreadMetadata(id="shared", created_at=THEN)
    with_store(tmp_path, lambda store: store.save_thread(shared, context=ADA))
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(shared.model_dump_json() + "\n")
        writer.stdin.flush()
    outcomes = [(*writer.communicate(timeout=30), writer.returncode) for writer in writers]
    assert outcomes == [("", "", 0)] * 3

    page = with_store(tmp_path, lambda store: store.load_thread_items("shared", None, 1000, "asc", context=ADA))
    assert sorted(item.id for item in page.data) == sorted(f"{name}_{n}" for name in names for n in range(100))
    *own, shared = threads_in(tmp_path)
    assert sorted(thread.id for thread in own) == names
    assert shared.metadata == {f"{name}_{n}": n for name in names for n in range(0, 100, 4)}


def test_a_process_that_never_closes_its_store_ends(tmp_path: Path) -> None:
    forgetful = start(tmp_path, FORGETFUL % "return")
    assert (*forgetful.communicate(timeout=10), forgetful.returncode) == ("saved\n", "", 0)
    assert [thread.id for thread in threads_in(tmp_path)] == ["kept"]


def test_a_process_that_ends_in_the_middle_of_a_write_says_nothing_about_it(tmp_path: Path) -> None:
    busy = "[asyncio.create_task(store.load_thread('kept', context={})) for _ in range(99)]; await asyncio.sleep(0)"
    forgetful = start(tmp_path, FORGETFUL % busy)
    output, errors = forgetful.communicate(timeout=10)
    assert (output, forgetful.returncode, "Traceback" in errors) == ("saved\n", 0, False)


def test_what_was_saved_survives_the_death_of_the_process(tmp_path: Path) -> None:
    forgetful = start(tmp_path, FORGETFUL % "await asyncio.Event().wait()")
    assert forgetful.stdout is not None
    assert forgetful.stdout.readline() == "saved\n"
    forgetful.kill()
    forgetful.communicate(timeout=10)
    assert forgetful.returncode == -signal.SIGKILL
    assert [thread.id for thread in threads_in(tmp_path)] == ["kept"]
