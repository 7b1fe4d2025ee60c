"""What turns cost without HTTP: `process()` is called, and its frames are counted, in the same process."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from benchmarks.apps import incumbent
from benchmarks.apps.assistant import Assistant
from benchmarks.apps.script import Script
from benchmarks.client import run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.ops import message_op
from benchmarks.sides import INCUMBENT, MEMORY, SQLITE
from benchmarks.without_http import folder_on_disk, frames_of
from chatkit_core.backends import open_store

CPU = "CPU, µs an event"
PER_SECOND = "events/s"
DELTAS = 400


@contextlib.asynccontextmanager
async def _opened(side: str, folder: Any) -> AsyncIterator[Any]:
    if side == INCUMBENT:
        yield incumbent.Assistant(incumbent.DictStore())
        return
    server = Assistant(open_store("memory://" if side == MEMORY else f"sqlite:///{folder / 'chat.db'}"))
    async with server.lifespan():
        yield server


async def _turns(side: str, script: Script, at_once: int, times: int, folder: Any) -> Values:
    request = message_op(str(script))
    async with _opened(side, folder) as server:
        await frames_of(server, message_op(str(Script(script.kind, 10))))
        gc.collect()
        frames = 0
        began, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            frames += sum(await asyncio.gather(*(frames_of(server, request) for _ in range(at_once))))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert frames >= script.deltas * at_once * times, "Events came in the frames of others."
    return {CPU: cpu / frames * 1e6, PER_SECOND: frames / seconds}


def turns(side: str, script: Script, at_once: int = 1, times: int = 1) -> Side:
    """Return the side that measures turns on a new store: so many at once, and again and again."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        with folder_on_disk() as folder:
            yield lambda: run(_turns(side, script, at_once, times, folder))

    return set_up


def _one(side: str) -> Side:
    return turns(side, Script("objects", DELTAS), times=10)


def _many(side: str) -> Side:
    return turns(side, Script("objects", DELTAS), at_once=100)


FIGURES = [
    Figure(
        "turns without HTTP",
        {
            **{f"{side}, 1 turn": _one(side) for side in (SQLITE, MEMORY, INCUMBENT)},
            **{f"{side}, 100 turns": _many(side) for side in (SQLITE, MEMORY, INCUMBENT)},
        },
        [
            *(
                Ratio(PER_SECOND, f"{side}, {turns}", f"{INCUMBENT}, {turns}")
                for turns in ("1 turn", "100 turns")
                for side in (SQLITE, MEMORY)
            ),
            Ratio(CPU, f"{SQLITE}, 100 turns", f"{SQLITE}, 1 turn"),
            Ratio(CPU, f"{MEMORY}, 100 turns", f"{MEMORY}, 1 turn"),
        ],
    )
]
