"""What a page of a thread costs, however long the thread is."""

import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from chatkit.types import ThreadMetadata

from benchmarks.apps import incumbent
from benchmarks.apps.assistant import Assistant
from benchmarks.apps.incumbent_sqlite import IncumbentSQLiteStore, new_items
from benchmarks.client import run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.ops import op
from benchmarks.sides import INCUMBENT
from benchmarks.without_http import CONTEXT, TEXT, add_thread, folder_on_disk
from chatkit_stores.sqlite import SQLiteStore

CALLS = 300
CALLS_OF_INCUMBENT = 60
WARM_UP = 20
PAGE = 20
FIRST = "threads.get_by_id"
DEEP = "items.list from the middle"
STORED = "first page of the store"
STORED_DEEP = "page of the store from the middle"

Page = Callable[[], Awaitable[object]]


def p50(page: str) -> str:
    """Return the name of a page's quantity."""
    return f"{page}, p50, µs"


def p99(page: str) -> str:
    return f"{page}, p99, µs"


async def _times(pages: dict[str, Page], calls: int) -> Values:
    """Read one page after the other, again and again."""
    times: dict[str, list[float]] = {page: [] for page in pages}
    for number in range(WARM_UP + calls):
        for name, page in pages.items():
            began = time.perf_counter_ns()
            await page()
            if number >= WARM_UP:
                times[name].append((time.perf_counter_ns() - began) / 1e3)
    medians = {p50(name): statistics.median(values) for name, values in times.items()}
    return medians | {p99(name): statistics.quantiles(values, n=100)[98] for name, values in times.items()}


def _pages(server: Any, thread_id: str, middle: str) -> dict[str, Page]:
    store = server.store
    by_id = op("threads.get_by_id", thread_id=thread_id)
    listed = op("items.list", thread_id=thread_id, after=middle, limit=PAGE, order="desc")
    return {
        FIRST: lambda: server.process(by_id, CONTEXT),
        DEEP: lambda: server.process(listed, CONTEXT),
        STORED: lambda: store.load_thread_items(thread_id, after=None, limit=PAGE, order="desc", context=CONTEXT),
        STORED_DEEP: lambda: store.load_thread_items(
            thread_id, after=middle, limit=PAGE, order="desc", context=CONTEXT
        ),
    }


async def _fill(path: Path, items: int) -> tuple[str, str]:
    store = SQLiteStore[Any](path)
    thread_id, ids = await add_thread(store, items)
    await store.close()
    return thread_id, ids[items // 2]


async def _read(path: Path, thread_id: str, middle: str) -> Values:
    server = Assistant(SQLiteStore(path))
    async with server.lifespan():
        return await _times(_pages(server, thread_id, middle), CALLS)


def pages(items: int) -> Side:
    """Return the side that reads a thread of so many items."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with folder_on_disk() as folder:
            path = folder / "chat.db"
            thread_id, middle = run(_fill(path, items))
            yield lambda: run(_read(path, thread_id, middle))

    return set_up


def incumbent_pages(items: int) -> Side:
    """Return the side that reads it with `openai-chatkit`, from a store as its samples have one."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with folder_on_disk() as folder:
            then = datetime(2026, 1, 31, tzinfo=UTC)
            store = IncumbentSQLiteStore(folder / "chat.db")
            times = (then + timedelta(seconds=second) for second in count())
            filled = new_items("thr_1", items, TEXT, times)
            store.fill(ThreadMetadata(id="thr_1", created_at=then), filled)
            server = incumbent.Assistant(store)
            reads = _pages(server, "thr_1", filled[items // 2].id)
            yield lambda: run(_times(reads, CALLS_OF_INCUMBENT))

    return set_up


_LARGE, _MIDDLE, _SMALL = "100,000 items", "10,000 items", "100 items"

FIGURES = [
    Figure(
        "a page of a thread, SQLite",
        {
            _LARGE: pages(100_000),
            _MIDDLE: pages(10_000),
            _SMALL: pages(100),
            f"{INCUMBENT}, {_SMALL}": incumbent_pages(100),
        },
        [
            *(Ratio(p50(page), _LARGE, _SMALL, 1.5) for page in (FIRST, DEEP, STORED, STORED_DEEP)),
            *(Ratio(p99(page), _LARGE, _SMALL) for page in (FIRST, DEEP, STORED, STORED_DEEP)),
            *(Ratio(p50(page), _MIDDLE, _SMALL) for page in (FIRST, DEEP)),
            *(Ratio(p50(page), _SMALL, f"{INCUMBENT}, {_SMALL}", 1) for page in (FIRST, DEEP, STORED, STORED_DEEP)),
        ],
    )
]
