"""How fast items get into SQLite on a disk when many turns run at once.

Beside it stands a plain program, which commits each item by itself. The fastest that does has one connection for all
tasks, in autocommit, so that an item is one statement; the usual one takes turns to execute and to commit. A connection
for each task is slower than both: they wait for each other's locks.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

from benchmarks.apps.assistant import Assistant
from benchmarks.client import run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.ops import message_op
from benchmarks.without_http import CONTEXT, add_thread, folder_on_disk, frames_of, said
from chatkit_core.types import ThreadItemDoneEvent
from chatkit_stores.sqlite import SQLiteStore

WRITERS = 16
TEXT = "A short message, as a tool might report what it does."
PER_SECOND = "items/s"
CPU = "CPU, µs an item"
INSERT = "INSERT INTO items (thread, id, text, data) VALUES (?, ?, ?, ?)"


class Writer(Assistant):
    """Says as many items as the message asks for, each done at once."""

    def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        return self._items(thread.id, int(message.text))

    async def _items(self, thread_id: str, count: int) -> AsyncIterator[Any]:
        for _ in range(count):
            yield ThreadItemDoneEvent(item=said(thread_id, TEXT))


async def _turns(path: Path, turns: int, each: int) -> Values:
    server = Writer(SQLiteStore(path))
    async with server.lifespan():
        await frames_of(server, message_op("1"))
        with _measured(turns * each) as values:
            frames = await asyncio.gather(*(frames_of(server, message_op(str(each))) for _ in range(turns)))
        assert min(frames) > each
    return values


async def _store(path: Path, tasks: int, each: int) -> Values:
    store = SQLiteStore[Any](path)
    threads = [(await add_thread(store, 1))[0] for _ in range(tasks)]

    async def write(thread_id: str) -> None:
        for _ in range(each):
            await store.add_thread_item(thread_id, said(thread_id, TEXT), CONTEXT)

    with _measured(tasks * each) as values:
        await asyncio.gather(*map(write, threads))
    await store.close()
    return values


async def _plain(path: Path, tasks: int, each: int, *, autocommit: bool) -> Values:
    store = SQLiteStore[Any](path)
    for _ in range(tasks):
        await add_thread(store, 1)
    await store.close()
    committing = asyncio.Lock()
    async with aiosqlite.connect(path, isolation_level=None if autocommit else "DEFERRED") as connection:
        await connection.execute("PRAGMA synchronous = NORMAL")

        async def write(thread: int) -> None:
            for _ in range(each):
                item = said(str(thread), TEXT)
                row = (thread, item.id, item.text.casefold(), item.model_dump_json().encode())
                if autocommit:
                    await connection.execute(INSERT, row)
                    continue
                async with committing:
                    await connection.execute(INSERT, row)
                    await connection.commit()

        with _measured(tasks * each) as values:
            await asyncio.gather(*map(write, range(1, tasks + 1)))
    return values


@contextlib.contextmanager
def _measured(items: int) -> Iterator[dict[str, float]]:
    values: dict[str, float] = {}
    began, cpu = time.perf_counter(), time.process_time()
    yield values
    values[PER_SECOND] = items / (time.perf_counter() - began)
    values[CPU] = (time.process_time() - cpu) / items * 1e6


def writing(write: Any, writers: int, each: int) -> Side:
    """Return the side that writes into a new file each time."""

    def measure() -> Values:
        with folder_on_disk() as folder:
            values: Values = run(write(folder / "chat.db", writers, each))
            return values

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        yield measure

    return set_up


_TURNS, _STORE = f"{WRITERS} turns, 200 items", f"{WRITERS} tasks, the store alone"
_PLAIN, _USUAL = f"{WRITERS} tasks, aiosqlite in autocommit", f"{WRITERS} tasks, aiosqlite, execute and commit"

FIGURES = [
    Figure(
        "items into SQLite on a disk",
        {
            _TURNS: writing(_turns, WRITERS, 200),
            _STORE: writing(_store, WRITERS, 200),
            _PLAIN: writing(partial(_plain, autocommit=True), WRITERS, 150),
            _USUAL: writing(partial(_plain, autocommit=False), WRITERS, 100),
            "2 turns, 50 items": writing(_turns, 2, 50),
            "16 turns, 50 items": writing(_turns, 16, 50),
            "160 turns, 50 items": writing(_turns, 160, 50),
        },
        [
            Ratio(PER_SECOND, _TURNS, _USUAL, 3, at_least=True),
            Ratio(PER_SECOND, _STORE, _USUAL, 3, at_least=True),
            Ratio(PER_SECOND, _TURNS, _PLAIN),
            Ratio(PER_SECOND, _STORE, _PLAIN),
            Ratio(PER_SECOND, "16 turns, 50 items", "2 turns, 50 items"),
            Ratio(PER_SECOND, "160 turns, 50 items", "16 turns, 50 items"),
            Ratio(CPU, _TURNS, _PLAIN),
        ],
    )
]
