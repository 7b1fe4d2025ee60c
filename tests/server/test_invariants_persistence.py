"""What is in the store, when, and that no reader is waited for."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest
from serving import serve
from talking import (
    JSON,
    Assistant,
    Gate,
    added,
    assistant_message,
    delta,
    done,
    events_of,
    message,
    op,
    saying,
    talking,
    text_of,
    types,
)

from chatkit_core.types import ThreadItemRemovedEvent, ThreadItemReplacedEvent
from chatkit_stores.memory import MemoryStore

DELTA = "assistant_message.content_part.text_delta"


async def test_only_done_and_replaced_bring_an_item_to_the_store_and_removed_takes_it_away() -> None:
    step = asyncio.Semaphore(0)

    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        item = assistant_message()
        for event in (
            added(item),
            delta(item.id, "pending"),
            done(assistant_message("done", id=item.id)),
            ThreadItemReplacedEvent(item=assistant_message("replaced", id=item.id)),
            ThreadItemRemovedEvent(item_id=item.id),
        ):
            yield event
            await step.acquire()

    async with talking(Assistant(reply)) as talk:
        stream = await talk.create()
        await stream.until("stream_options")
        history = []
        for type in ("added", "updated", "done", "replaced", "removed"):
            await stream.until(f"thread.item.{type}" if type != "updated" else DELTA)
            history.append((type, [item.text for item in (await talk.stored())[1:]]))
            step.release()
        assert history == [
            ("added", []),
            ("updated", []),
            ("done", ["done"]),
            ("replaced", ["replaced"]),
            ("removed", []),
        ]


class SlowStore(MemoryStore[Any]):
    """Keeps an item only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.may_write = asyncio.Event()

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        if item.type == "assistant_message":
            self.asked.set()
            await self.may_write.wait()
        await super().add_thread_item(thread_id, item, context)


async def test_an_item_is_said_done_when_the_store_has_it_and_not_before() -> None:
    store = SlowStore()
    async with talking(Assistant(saying("Hello."), store)) as talk:
        stream = await talk.create()
        await stream.until("assistant_message.content_part.done")
        reading = asyncio.create_task(stream.rest())
        await store.asked.wait()
        assert await asyncio.wait({reading}, timeout=0.05) == (set(), {reading})
        assert types(stream.seen)[-1] == "assistant_message.content_part.done"
        store.may_write.set()
        events = await reading
        said = [event["item"] for event in events if event["type"] == "thread.item.done"]
        assert await talk.items() == said


async def test_an_item_that_the_store_does_not_take_is_never_said_done(caplog: pytest.LogCaptureFixture) -> None:
    class FullStore(MemoryStore[Any]):
        async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
            if item.type == "assistant_message":
                raise OSError("no space left on device")
            await super().add_thread_item(thread_id, item, context)

    async with talking(Assistant(saying("Hello."), FullStore())) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert [text_of(event["item"]) for event in events if event["type"] == "thread.item.done"] == ["Hi"]
        assert (types(events).count("error"), types(events)[-1]) == (1, "turn.failed")
        assert await talk.texts() == ["Hi"]
    assert "no space left on device" in caplog.text


APP = """
import asyncio

from chatkit_core import ChatServer, current_turn
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, ThreadItemDoneEvent, utc_now
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(self, thread, message, context):
        yield ThreadItemDoneEvent(
            item=AssistantMessageItem(
                id=current_turn().new_id("message"),
                thread_id=thread.id,
                created_at=utc_now(),
                content=[AssistantMessageContent(text="Saved before said.")],
            )
        )
        await asyncio.Event().wait()


app = Assistant(SQLiteStore("chat.db"))
"""


@asynccontextmanager
async def process(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the app in a process of its own; kill it in the end, if nobody has."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "app:app", "--port", "0", "--no-access-log"),
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert server.stderr is not None
        line = b""
        while b"running on" not in line:
            line = await server.stderr.readline()
            assert line, "the server did not start"
        yield server, next(word for word in line.decode().split() if word.startswith("http://"))
    finally:
        if server.returncode is None:
            os.kill(server.pid, signal.SIGKILL)
        await server.communicate()


async def test_what_was_said_done_is_there_after_a_kill(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    body = b""
    request = op("threads.create", input=message("Hi"))
    async with (
        process(tmp_path) as (server, url),
        httpx2.AsyncClient(headers=JSON) as client,
        client.stream("POST", url, json=request) as response,
    ):
        async for chunk in response.aiter_raw():
            body += chunk
            if b"Saved before said." in body:
                os.kill(server.pid, signal.SIGKILL)
                break
    thread_id = events_of(body)[0]["thread"]["id"]
    async with process(tmp_path) as (_, url), httpx2.AsyncClient(headers=JSON) as client:
        answer = await client.post(url, json=op("threads.get_by_id", thread_id=thread_id))
    assert [text_of(item) for item in answer.json()["items"]["data"]] == ["Hi", "Saved before said."]


async def test_a_client_that_stops_reading_holds_nobody_up_and_misses_nothing() -> None:
    paragraph = "All work and no play. " * 200
    finished = asyncio.Event()

    async def reply(thread: Any, message: Any) -> AsyncIterator[str]:
        for _ in range(5_000):
            yield paragraph
        finished.set()

    server = Assistant(reply)
    async with asyncio.timeout(30), serve(server) as url:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
        body = orjson.dumps(op("threads.create", input=message("Hi")))
        head = f"POST / HTTP/1.0\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await finished.wait()
        server.reply = saying("Others are served.")
        async with httpx2.AsyncClient(headers=JSON, base_url=url) as client:
            listed = (await client.post("/", json=op("threads.list"))).json()["data"]
            request = op("threads.add_user_message", thread_id=listed[0]["id"], input=message("next"))
            assert "Others are served." in (await client.post("/", json=request)).text
        reader._limit = 2**20  # type: ignore[attr-defined]
        _, _, stream = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    events = events_of(stream)
    text = "".join(event["update"]["delta"] for event in events if types([event]) == [DELTA])
    assert (text == paragraph * 5_000, len(events) < 2_500) == (True, True)


async def test_every_turn_ends_once_and_says_so_last() -> None:
    gate = Gate()

    async def reply(thread: Any, message: Any) -> AsyncIterator[str]:
        if message.text == "fail":
            raise RuntimeError
        if message.text == "wait":
            async for word in gate.reply(thread, message):
                yield word

    async with talking(Assistant(reply)) as talk:
        streams = [await talk.create(turns=True)]
        streams += [await talk.say(text, turns=True) for text in ("fail", "wait", "too late")]
        await streams[2].until(DELTA)
        asked = {"thread_id": talk.thread_id, "item_id": (await talk.items())[0]["id"]}
        streams.append(await talk.start("threads.retry_after_item", turns=True, **asked))
        for stream, ending in zip(streams, ("completed", "failed", "cancelled", "cancelled", "completed"), strict=True):
            said = types(await stream.rest())
            assert said[-1] == f"turn.{ending}"
            assert sum(type in ("turn.completed", "turn.failed", "turn.cancelled") for type in said) == 1
