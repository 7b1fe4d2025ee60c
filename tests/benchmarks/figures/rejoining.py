"""What a client gets that joins a turn from its start, when much of it has been said: few frames, whatever it was."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

from benchmarks.apps.assistant import Assistant
from benchmarks.apps.script import Script
from benchmarks.client import run
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.ops import message_op, op
from benchmarks.without_http import CONTEXT, folder_on_disk
from chatkit_core.server import StreamingResult
from chatkit_stores.sqlite import SQLiteStore

FRAMES = "frames"
TIME = "time to catch up, ms"
_CURSOR = re.compile(rb"id: (\w+):(\d+)\n")


class Paused(Assistant):
    """Answers, and then stays until `go_on`."""

    go_on: asyncio.Event

    async def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        async for event in super().respond(thread, message, context):
            yield event
        await self.go_on.wait()


async def _stream(server: Paused, request: bytes) -> AsyncGenerator[bytes, None]:
    result = await server.process(request, CONTEXT, turns=True)
    assert isinstance(result, StreamingResult)
    return result.json_events


async def _catch_up(server: Paused, turn_id: str, last: int) -> Values:
    """Follow the turn from its start until an event."""
    began = time.perf_counter()
    frames, seq = 0, 0
    stream = await _stream(server, op("turns.follow", turn_id=turn_id))
    while seq < last:
        chunk = await anext(stream)
        cursors = _CURSOR.findall(chunk)
        frames, seq = frames + len(cursors), int(cursors[-1][1])
    seconds = time.perf_counter() - began
    await stream.aclose()
    return {FRAMES: frames, TIME: seconds * 1e3}


async def _rejoin(folder: Any, script: Script, ended: bool) -> Values:
    server = Paused(SQLiteStore(folder / "chat.db"))
    server.go_on = asyncio.Event()
    async with server.lifespan():
        first = await _stream(server, message_op(str(script)))
        turn_id, seq = "", 0
        while seq < script.deltas:
            turn, number = _CURSOR.findall(await anext(first))[-1]
            turn_id, seq = turn.decode(), int(number)
        if ended:
            server.go_on.set()
            async for chunk in first:
                seq = int(_CURSOR.findall(chunk)[-1][1])
        values = await _catch_up(server, turn_id, seq)
        server.go_on.set()
        async for _ in first:
            pass
    return values


def rejoin(deltas: int, kind: str, *, ended: bool) -> Side:
    """Return the side that joins a turn, which runs still, or has ended and is read from the log."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        script = Script("str" if kind == "str" else "objects", deltas)
        with folder_on_disk() as folder:
            yield lambda: run(_rejoin(folder, script, ended))

    return set_up


@contextlib.contextmanager
def _one_frame() -> Iterator[Measure]:
    yield lambda: {FRAMES: 1.0}


_ONE = "one frame"
_LONG, _SHORT = "20,000 deltas", "2,000 deltas"
_ALIVE, _ENDED, _STR = "while it runs", "after its end", "while it runs, str"

FIGURES = [
    Figure(
        "re-joining a turn, without HTTP",
        {
            f"{_LONG}, {_ALIVE}": rejoin(20_000, "objects", ended=False),
            f"{_LONG}, {_ENDED}": rejoin(20_000, "objects", ended=True),
            f"{_LONG}, {_STR}": rejoin(20_000, "str", ended=False),
            f"{_SHORT}, {_ALIVE}": rejoin(2_000, "objects", ended=False),
            f"{_SHORT}, {_ENDED}": rejoin(2_000, "objects", ended=True),
            _ONE: _one_frame,
        },
        [
            *(Ratio(FRAMES, f"{_LONG}, {when}", _ONE, 25) for when in (_ALIVE, _ENDED, _STR)),
            *(Ratio(FRAMES, f"{_LONG}, {when}", f"{_SHORT}, {when}") for when in (_ALIVE, _ENDED)),
            *(Ratio(TIME, f"{_LONG}, {when}", f"{_SHORT}, {when}") for when in (_ALIVE, _ENDED)),
        ],
    )
]
