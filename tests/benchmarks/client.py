"""A client that costs little: it opens streams and counts frames.

An event counts when it has come as a frame of its own; how many come in one read does not matter.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from benchmarks.ops import message_op

T = TypeVar("T")
TIMEOUT = 300.0


class Stream(asyncio.Protocol):
    """One request, and its answer, of which it counts the frames."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._tail = b""
        self._awaited: list[tuple[int, asyncio.Future[None]]] = []
        self.frames = 0
        self.body = bytearray()
        """What came until the first frame was complete."""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.frames:
            self.body += data
        self.frames += data.count(b"\n\n") + (self._tail[-1:] == b"\n" == data[:1])
        if self._awaited and self._awaited[0][0] <= self.frames:
            self._awaited.pop(0)[1].set_result(None)
        self._tail = (self._tail + data[-5:])[-5:]
        if self._tail == b"0\r\n\r\n":
            self.ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None and not self.ended.done():
            self.ended.set_exception(error)

    async def count(self, frames: int) -> None:
        """Return when so many frames have come."""
        if self.frames < frames:
            future = asyncio.get_running_loop().create_future()
            self._awaited.append((frames, future))
            await future


async def open_stream(port: int, request: bytes) -> Stream:
    """Connect, and send a request."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(lambda: Stream(request), "127.0.0.1", port)
    return stream


def message_request(text: str, thread_id: str | None = None) -> bytes:
    """Return the request that sends a message, by default to a new thread."""
    body = message_op(text, thread_id)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def follow_request(turn_id: str) -> bytes:
    """Return the request that follows a turn."""
    return f"GET /?turn_id={turn_id} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(main, TIMEOUT))


@dataclass(slots=True)
class Busy:
    """How much of the time the client's process was busy, from 0 to 1; near 1 it may be the bottleneck."""

    share: float = 0.0


@contextlib.contextmanager
def watching_client() -> Iterator[Busy]:
    """Measure how busy this process is until the end of the block."""
    busy = Busy()
    wall, cpu = time.perf_counter(), time.process_time()
    yield busy
    busy.share = (time.process_time() - cpu) / (time.perf_counter() - wall)


def frames_of(streams: list[Stream]) -> int:
    """Return how many frames have come in all streams."""
    return sum(stream.frames for stream in streams)
