"""An ASGI app without any framework, which sends bytes that are ready made, an event a send."""

import asyncio
from typing import Any

import orjson

from benchmarks.apps.cpu import with_cpu
from benchmarks.apps.script import WORD, Pace, Script

_EVENT = {
    "type": "thread.item.updated",
    "item_id": "msg_" + "0" * 32,
    "update": {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": WORD},
}
_FRAME = {"type": "http.response.body", "body": b"data: " + orjson.dumps(_EVENT) + b"\n\n", "more_body": True}
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Send as many frames as our server sends for the same message."""
    if scope["type"] != "http":
        return
    message = await receive()
    script = Script.parse(orjson.loads(message["body"])["params"]["input"]["content"][0]["text"])
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    gone = asyncio.ensure_future(receive())
    pace = Pace(script.rate) if script.rate else None
    for _ in range(script.deltas):
        if pace is not None:
            await pace.wait()
            if gone.done():
                return
        await send(_FRAME)
    gone.cancel()
    await send({"type": "http.response.body", "body": b""})


app = with_cpu(bare)
