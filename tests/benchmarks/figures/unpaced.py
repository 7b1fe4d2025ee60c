"""What an event costs the server while streams go as fast as they can."""

import asyncio
import time

from benchmarks.apps.script import Script
from benchmarks.client import frames_of, message_request, open_stream, watching_client
from benchmarks.figure import Figure, Ratio, Side, Values
from benchmarks.figures.paced import CLIENT, CPU
from benchmarks.server import Server
from benchmarks.sides import BARE, INCUMBENT, MEMORY, SQLITE, served

DELTAS = 2000
PER_SECOND = "events/s"
SERVER = "server busy, share"


async def _unpaced(server: Server, kind: str, streams: int) -> Values:
    request = message_request(str(Script("str" if kind == "str" else "objects", DELTAS)))
    with watching_client() as client:
        began, cpu = time.perf_counter(), await asyncio.to_thread(server.cpu)
        opened = await asyncio.gather(*(open_stream(server.port, request) for _ in range(streams)))
        await asyncio.gather(*(stream.ended for stream in opened))
        seconds = time.perf_counter() - began
        cpu = await asyncio.to_thread(server.cpu) - cpu
    came = frames_of(opened)
    for stream in opened:
        assert stream.frames >= DELTAS, f"{DELTAS - stream.frames} events came in the frames of others."
        stream.transport.close()
    return {CPU: cpu / came * 1e6, PER_SECOND: came / seconds, SERVER: cpu / seconds, CLIENT: client.share}


def unpaced(side: str, kind: str, streams: int) -> Side:
    """Return the side that measures so many streams from their start to their end."""

    return served(side, lambda server: _unpaced(server, kind, streams))


FIGURES = [
    Figure(
        "100 unpaced streams",
        {
            f"{SQLITE}, objects": unpaced(SQLITE, "objects", 100),
            f"{SQLITE}, str": unpaced(SQLITE, "str", 100),
            f"{MEMORY}, objects": unpaced(MEMORY, "objects", 100),
            f"{MEMORY}, str": unpaced(MEMORY, "str", 100),
            f"{SQLITE}, objects, 10 streams": unpaced(SQLITE, "objects", 10),
            INCUMBENT: unpaced(INCUMBENT, "objects", 100),
            BARE: unpaced(BARE, "objects", 100),
        },
        [
            Ratio(CPU, f"{SQLITE}, objects", INCUMBENT, 0.2),
            Ratio(CPU, f"{SQLITE}, str", INCUMBENT, 0.1),
            Ratio(CPU, f"{MEMORY}, objects", INCUMBENT, 0.2),
            Ratio(CPU, f"{MEMORY}, str", INCUMBENT, 0.1),
            Ratio(CPU, f"{SQLITE}, objects", f"{SQLITE}, objects, 10 streams"),
            Ratio(PER_SECOND, f"{SQLITE}, objects", INCUMBENT),
            Ratio(PER_SECOND, f"{SQLITE}, objects", BARE),
        ],
    ),
]
