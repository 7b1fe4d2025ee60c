"""How much memory a server has, before it does anything, and for each stream that is open and silent."""

import asyncio
import contextlib
from collections.abc import Iterator

from benchmarks.apps.script import Script
from benchmarks.client import message_request, open_stream, run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.figures.first_event import UP_TO_TEXT
from benchmarks.server import Server
from benchmarks.sides import BARE, EVERY, INCUMBENT, MEMORY, SQLITE, server_of

BEFORE = "before the first stream, MiB"
STREAM = "a silent stream, KiB"
SILENT = Script("objects", 2, 0.001)
"""The first delta comes at once, the next one after this benchmark."""
WARM_UP = 20


async def _memory(server: Server, side: str, streams: int) -> Values:
    request = message_request(str(SILENT))
    frames = 1 if side == BARE else UP_TO_TEXT
    before = server.memory()
    opened = [await open_stream(server.port, request) for _ in range(WARM_UP)]
    await asyncio.gather(*(stream.count(frames) for stream in opened))
    few = server.memory()
    more = [await open_stream(server.port, request) for _ in range(streams)]
    await asyncio.gather(*(stream.count(frames) for stream in more))
    many = server.memory()
    return {BEFORE: before / 2**20, STREAM: (many - few) / streams / 2**10}


def memory(side: str, streams: int = 1000) -> Side:
    """Return the side that measures a new server each time."""

    def measure() -> Values:
        with server_of(side) as server:
            return run(_memory(server, side, streams))

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        yield measure

    return set_up


FIGURES = [
    Figure(
        "resident memory",
        {**{side: memory(side) for side in EVERY}, f"{SQLITE}, 100 streams": memory(SQLITE, 100)},
        [
            Ratio(BEFORE, SQLITE, INCUMBENT, 0.55),
            Ratio(STREAM, SQLITE, INCUMBENT, 0.75),
            Ratio(BEFORE, MEMORY, INCUMBENT, 0.55),
            Ratio(STREAM, MEMORY, INCUMBENT, 0.75),
            Ratio(STREAM, SQLITE, BARE),
            Ratio(STREAM, SQLITE, f"{SQLITE}, 100 streams"),
        ],
    )
]
