"""What an event costs the server while streams go at the pace of a model, and nothing waits for anything."""

import asyncio

from benchmarks.apps.script import Script
from benchmarks.client import Stream, frames_of, message_request, open_stream, watching_client
from benchmarks.figure import Figure, Ratio, Side, Values
from benchmarks.server import Server, quiet
from benchmarks.sides import BARE, INCUMBENT, MEMORY, SQLITE, served

RATE = 50
SECONDS = 3.0
"""How long an interval is in which events are counted."""
SLACK = 60.0
"""How much longer the streams would go on, so that none ends while events are counted."""
UNDER_WAY = 10
"""So many frames have come of every stream when the counting begins."""
CPU = "CPU, µs an event"
CLIENT = "client busy, share"
CAME = "events that came"
KEPT_PACE = "events that came of those due, share"


async def _paced(server: Server, kind: str, streams: int, seconds: float, rate: float = RATE) -> Values:
    script = Script("str" if kind == "str" else "objects", int(rate * (seconds + SLACK)), rate)
    request = message_request(str(script))
    opened = []
    for _ in range(streams):
        opened.append(await open_stream(server.port, request))
    await asyncio.gather(*(stream.count(UNDER_WAY) for stream in opened))
    values = await counted(server, opened, seconds)
    return {**values, KEPT_PACE: values[CAME] / (streams * rate * seconds)}


async def counted(server: Server, streams: list[Stream], seconds: float) -> Values:
    """Measure what the events of these streams cost in an interval, and close them."""
    with watching_client() as client:
        frames, cpu = frames_of(streams), await asyncio.to_thread(server.cpu)
        await asyncio.sleep(seconds)
        came = frames_of(streams) - frames
        cpu = await asyncio.to_thread(server.cpu) - cpu
    for stream in streams:
        stream.transport.abort()
    await quiet(server)
    return {CPU: cpu / came * 1e6, CLIENT: client.share, CAME: came}


def paced(side: str, kind: str, streams: int, seconds: float = SECONDS, rate: float = RATE) -> Side:
    """Return the side that measures so many streams at so many events a second each."""

    return served(side, lambda server: _paced(server, kind, streams, seconds, rate))


FIGURES = [
    Figure(
        "200 streams at 50 events/s",
        {
            f"{SQLITE}, objects": paced(SQLITE, "objects", 200),
            f"{SQLITE}, str": paced(SQLITE, "str", 200),
            f"{MEMORY}, objects": paced(MEMORY, "objects", 200),
            f"{MEMORY}, str": paced(MEMORY, "str", 200),
            INCUMBENT: paced(INCUMBENT, "objects", 200),
            BARE: paced(BARE, "objects", 200),
        },
        [
            Ratio(CPU, f"{SQLITE}, objects", INCUMBENT, 0.45),
            Ratio(CPU, f"{SQLITE}, objects", BARE, 2.3),
            Ratio(CPU, f"{SQLITE}, str", INCUMBENT, 0.35),
            Ratio(CPU, f"{SQLITE}, str", BARE, 1.8),
            Ratio(CPU, f"{MEMORY}, objects", INCUMBENT, 0.45),
            Ratio(CPU, f"{MEMORY}, str", INCUMBENT, 0.35),
        ],
    ),
    Figure(
        "1,000 streams at 10 events/s",
        {
            f"{SQLITE}, objects": paced(SQLITE, "objects", 1000, rate=10),
            f"{MEMORY}, objects": paced(MEMORY, "objects", 1000, rate=10),
            f"{SQLITE}, objects, 100 streams": paced(SQLITE, "objects", 100, rate=10),
            BARE: paced(BARE, "objects", 1000, rate=10),
        },
        [
            Ratio(CPU, f"{SQLITE}, objects", BARE, 3),
            Ratio(CPU, f"{MEMORY}, objects", BARE, 3),
            Ratio(CPU, f"{SQLITE}, objects", f"{SQLITE}, objects, 100 streams"),
            Ratio(KEPT_PACE, f"{SQLITE}, objects", BARE, 0.95, at_least=True),
        ],
    ),
    Figure(
        "1 stream at 50 events/s",
        {
            f"{SQLITE}, objects": paced(SQLITE, "objects", 1, 5.0),
            f"{MEMORY}, objects": paced(MEMORY, "objects", 1, 5.0),
            INCUMBENT: paced(INCUMBENT, "objects", 1, 5.0),
        },
        [
            Ratio(CPU, f"{SQLITE}, objects", INCUMBENT, 1.2),
            Ratio(CPU, f"{MEMORY}, objects", INCUMBENT, 1.2),
        ],
    ),
]
