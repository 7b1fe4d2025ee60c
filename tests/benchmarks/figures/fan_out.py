"""What it costs to send one turn to many readers."""

import asyncio
import re

from benchmarks.apps.script import Script
from benchmarks.client import follow_request, message_request, open_stream
from benchmarks.figure import Figure, Ratio, Side, Values
from benchmarks.figures.paced import CLIENT, RATE, SECONDS, SLACK, UNDER_WAY, counted, paced
from benchmarks.figures.paced import CPU as CPU_AN_EVENT
from benchmarks.server import Server
from benchmarks.sides import BARE, SQLITE, served

CPU = "CPU, µs a delivery"
_TURN_ID = re.compile(rb"chatkit-turn-id: (\w+)", re.IGNORECASE)


async def _fan_out(server: Server, readers: int) -> Values:
    script = Script("objects", int(RATE * (SECONDS + SLACK)), RATE)
    first = await open_stream(server.port, message_request(str(script)))
    await first.count(1)
    turn_id = _TURN_ID.findall(first.body)[0].decode()
    opened = [first]
    for _ in range(readers - 1):
        opened.append(await open_stream(server.port, follow_request(turn_id)))
    await asyncio.gather(*(stream.count(UNDER_WAY) for stream in opened))
    values = await counted(server, opened, SECONDS)
    return {CPU: values[CPU_AN_EVENT], CLIENT: values[CLIENT]}


def fan_out(readers: int) -> Side:
    """Return the side that measures one turn with so many readers."""

    return served(SQLITE, lambda server: _fan_out(server, readers))


FIGURES = [
    Figure(
        "one turn to many readers",
        {
            "1 reader": fan_out(1),
            "10 readers": fan_out(10),
            "100 readers": fan_out(100),
            f"{BARE}, 100 streams": paced(BARE, "objects", 100),
        },
        [
            Ratio(CPU, "100 readers", f"{BARE}, 100 streams", 1.5, over_quantity=CPU_AN_EVENT),
            Ratio(CPU, "10 readers", "1 reader"),
            Ratio(CPU, "100 readers", "10 readers"),
        ],
    )
]
