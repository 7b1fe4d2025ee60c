"""How long it takes until there is something: to import the package, and to start a server."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.apps.script import Script
from benchmarks.client import message_request, open_stream, run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.server import serving
from benchmarks.sides import INCUMBENT, SQLITE
from benchmarks.without_http import add_thread, folder_on_disk
from chatkit_stores.sqlite import SQLiteStore

IMPORTS = 2
"""How many imports there are in a round, of which the quickest counts."""
IMPORT = "interpreter and import, ms"
START = "from start to the first reply, s"
ITEMS = 10
"""How many items each thread has that a server finds."""
AT_ONCE = 250
"""How many threads are written together."""


def _import(module: str) -> Values:
    times = []
    for _ in range(IMPORTS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        times.append((time.perf_counter() - began) * 1e3)
    return {IMPORT: min(times)}


def importing(module: str) -> Side:
    """Return the side that imports a module in a new interpreter."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        yield lambda: _import(module)

    return set_up


async def _reply(port: int) -> None:
    stream = await open_stream(port, message_request(str(Script("objects", 1))))
    await stream.ended
    stream.transport.close()


def _start(app: str, **settings: str) -> Values:
    began = time.perf_counter()
    with serving(app, **settings) as server:
        run(_reply(server.port))
        return {START: time.perf_counter() - began}


async def _fill(path: Path, threads: int) -> None:
    store = SQLiteStore[Any](path)
    for _ in range(0, threads, AT_ONCE):
        await asyncio.gather(*(add_thread(store, ITEMS) for _ in range(AT_ONCE)))
    await store.close()


def starting(threads: int) -> Side:
    """Return the side that starts our server on a SQLite file with so many threads."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with folder_on_disk() as folder:
            path = folder / "chat.db"
            run(_fill(path, threads))
            yield lambda: _start("ours", STORE=f"sqlite:///{path}")

    return set_up


@contextlib.contextmanager
def _starting_incumbent() -> Iterator[Measure]:
    yield lambda: _start("incumbent")


_NEW, _SOME, _MANY = (f"{SQLITE}, {threads}" for threads in ("a new file", "1,000 threads", "10,000 threads"))

FIGURES = [
    Figure(
        "import",
        {"import chatkit_core": importing("chatkit_core"), "import chatkit.server": importing("chatkit.server")},
        [Ratio(IMPORT, "import chatkit_core", "import chatkit.server", 0.25)],
    ),
    Figure(
        "start of a server",
        {_NEW: starting(0), _SOME: starting(1_000), _MANY: starting(10_000), INCUMBENT: _starting_incumbent},
        [Ratio(START, _NEW, INCUMBENT), Ratio(START, _MANY, _SOME, 1.5)],
    ),
]
