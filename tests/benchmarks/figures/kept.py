"""How much memory a server keeps of turns that have ended; what is in SQLite need not be in memory."""

import asyncio
import contextlib
from collections.abc import Iterator

import orjson

from benchmarks.apps.script import Script
from benchmarks.client import Stream, message_request, open_stream, run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.server import Server
from benchmarks.sides import INCUMBENT, MEMORY, SQLITE, server_of

TURN = "kept of a turn, KiB"
FEW = "resident after 1,000 turns, MiB"
WARM_UP, TURNS = 1000, 1500
"""Caches fill up at first: those of SQLite, and of the strings that pydantic has seen."""
AT_ONCE = 16
SCRIPT = str(Script("objects", 20))


async def _send(port: int, request: bytes) -> Stream:
    stream = await open_stream(port, request)
    await stream.ended
    stream.transport.close()
    return stream


async def _threads(port: int, turns: int) -> None:
    """Have turns, each in a thread of its own."""

    async def some() -> None:
        for _ in range(turns // AT_ONCE):
            await _send(port, message_request(SCRIPT))

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _one_thread(port: int, turns: int) -> None:
    """Have turns, of which many are in the same thread."""

    async def some() -> None:
        first = await _send(port, message_request(SCRIPT))
        created = orjson.loads(first.body.partition(b"data: ")[2].partition(b"\n\n")[0])
        for _ in range(turns // AT_ONCE):
            await _send(port, message_request(SCRIPT, created["thread"]["id"]))

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _kept(server: Server, same_thread: bool) -> Values:
    have_turns = _one_thread if same_thread else _threads
    await have_turns(server.port, WARM_UP)
    few = server.memory()
    await have_turns(server.port, TURNS)
    many = server.memory()
    return {TURN: (many - few) / TURNS / 2**10, FEW: few / 2**20}


def kept(side: str, *, same_thread: bool = False) -> Side:
    """Return the side that measures a new server each time."""

    def measure() -> Values:
        with server_of(side) as server:
            return run(_kept(server, same_thread))

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        yield measure

    return set_up


_SAME = "16 threads"

FIGURES = [
    Figure(
        "memory that turns leave",
        {
            SQLITE: kept(SQLITE),
            f"{SQLITE}, {_SAME}": kept(SQLITE, same_thread=True),
            MEMORY: kept(MEMORY),
            f"{MEMORY}, {_SAME}": kept(MEMORY, same_thread=True),
            INCUMBENT: kept(INCUMBENT),
        },
        [
            Ratio(TURN, SQLITE, MEMORY),
            Ratio(TURN, f"{SQLITE}, {_SAME}", f"{MEMORY}, {_SAME}"),
            Ratio(TURN, MEMORY, INCUMBENT),
        ],
        rounds=1,
    )
]
