"""A stream as a response of server-sent events."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatkit_core import sse
from chatkit_core.engine import Streaming


class EventStream(Response):
    """Sends what there is to read, all that is ready in one body message, until its end.

    Args:
        heartbeat: seconds of silence after which a comment is sent; None for never.
    """

    def __init__(self, answer: Streaming, *, heartbeat: float | None) -> None:
        self.status_code = 200
        self.background = None
        self._reader = answer.frames
        self._heartbeat = heartbeat
        self._on_disconnect = answer.on_disconnect
        self._gone = False
        self._ping_due = False
        self._last_sent = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.raw_headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-cache"),
            (b"x-accel-buffering", b"no"),
        ]
        if answer.turn_id is not None:
            self.raw_headers.append((b"chatkit-turn-id", answer.turn_id.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        watch = asyncio.create_task(self._watch(receive))
        self._last_sent = loop.time()
        self._schedule_ping()
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while not self._gone:  # a hot path, and in this coroutine, because each one more costs every event
                reader = self._reader
                if frames := reader.take():
                    await send({"type": "http.response.body", "body": frames, "more_body": True})
                    self._last_sent = loop.time()
                elif reader.at_end:
                    if then := reader.then():
                        reader.close()
                        self._reader = then
                        continue
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    return
                elif self._ping_due:
                    self._ping_due = False
                    await send({"type": "http.response.body", "body": sse.PING, "more_body": True})
                    self._last_sent = loop.time()
                else:
                    await reader.wait()
        except OSError:  # the client has gone (ASGI 2.4)
            self._gone = True
        finally:
            if self._timer is not None:
                self._timer.cancel()
            watch.cancel()
            self._reader.close()
            if self._gone:
                self._on_disconnect()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._reader.interrupt()

    def _schedule_ping(self) -> None:
        if self._heartbeat is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() - self._last_sent >= self._heartbeat:
            self._ping_due = True
            self._last_sent = loop.time()
            self._reader.interrupt()
        self._timer = loop.call_at(self._last_sent + self._heartbeat, self._schedule_ping)
