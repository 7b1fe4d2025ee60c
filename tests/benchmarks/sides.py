"""The servers that figures measure, by the names that the table gives them."""

import contextlib
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from benchmarks.client import run
from benchmarks.figure import Measure, Side, Values
from benchmarks.server import Server, serving

BARE = "bare ASGI"
INCUMBENT = "openai-chatkit"
MEMORY = "memory log"
SQLITE = "SQLite log"
EVERY = (SQLITE, MEMORY, INCUMBENT, BARE)


@contextlib.contextmanager
def server_of(side: str) -> Iterator[Server]:
    """Run the server of a side: one of the four, or one whose name begins with it."""
    with contextlib.ExitStack() as stack:
        if side.startswith(BARE):
            yield stack.enter_context(serving("bare"))
        elif side.startswith(INCUMBENT):
            yield stack.enter_context(serving("incumbent"))
        elif side.startswith(MEMORY):
            yield stack.enter_context(serving("ours", STORE="memory://"))
        else:
            assert side.startswith(SQLITE)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chatkit-benchmark-"))
            yield stack.enter_context(serving("ours", STORE=f"sqlite:///{Path(folder) / 'chat.db'}"))


def served(side: str, measure: Callable[[Server], Coroutine[Any, Any, Values]]) -> Side:
    """Return the side that measures one server, round after round."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with server_of(side) as server:
            yield lambda: run(measure(server))

    return set_up
