"""How long a user waits for the first sign of a reply, on a server that has nothing else to do."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator

from benchmarks.apps.script import Script
from benchmarks.client import message_request, open_stream, run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.server import Server
from benchmarks.sides import EVERY, INCUMBENT, MEMORY, SQLITE, server_of

REQUESTS = 200
FIRST = "first event, p50, ms"
FIRST_P99 = "first event, p99, ms"
TEXT = "first text, p50, ms"
UP_TO_TEXT = 6
"""The thread, the user's message, the options, the reply and its part; then comes text, in either package."""


async def _first_events(server: Server) -> Values:
    request = message_request(str(Script("objects", UP_TO_TEXT)))
    firsts, texts = [], []
    for _ in range(REQUESTS):
        stream = await open_stream(server.port, b"")
        await asyncio.sleep(0.002)
        began = time.perf_counter()
        stream.transport.write(request)
        await stream.count(1)
        firsts.append((time.perf_counter() - began) * 1e3)
        await stream.count(UP_TO_TEXT)
        texts.append((time.perf_counter() - began) * 1e3)
        await stream.ended
        stream.transport.close()
    p99 = statistics.quantiles(firsts, n=100)[98]
    return {FIRST: statistics.median(firsts), FIRST_P99: p99, TEXT: statistics.median(texts)}


def first_events(side: str) -> Side:
    """Return the side that measures one message after the other."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with server_of(side) as server:
            run(_first_events(server))
            yield lambda: run(_first_events(server))

    return set_up


FIGURES = [
    Figure(
        "time to first event, idle server",
        {side: first_events(side) for side in EVERY},
        [
            Ratio(FIRST, MEMORY, INCUMBENT, 0.1),
            Ratio(FIRST, SQLITE, INCUMBENT),
            Ratio(FIRST_P99, MEMORY, INCUMBENT),
            Ratio(TEXT, MEMORY, INCUMBENT),
            Ratio(TEXT, SQLITE, INCUMBENT),
        ],
    )
]
