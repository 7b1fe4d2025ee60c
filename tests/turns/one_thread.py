"""A client of one thread, in the process of the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chatkit_core import ChatServer, sse
from chatkit_core.server import NonStreamingResult, StreamingResult

ADA = {"user_id": "ada"}
Event = dict[str, Any]


class Talk:
    """A client of one thread that knows turns."""

    def __init__(self, server: ChatServer[Any], thread_id: str) -> None:
        self._server = server
        self._thread_id = thread_id

    async def ask(self, type: str, **params: Any) -> Any:
        result = await self._server.process(json.dumps({"type": type, "params": params}), ADA)
        assert isinstance(result, NonStreamingResult)
        return json.loads(result.json)

    async def hear(self, type: str, **params: Any) -> AsyncIterator[Event]:
        """Send an op that is answered with a stream; return its events."""
        op = {"type": type, "params": {"thread_id": self._thread_id, **params}}
        result = await self._server.process(json.dumps(op), ADA, turns=True)
        assert isinstance(result, StreamingResult)
        return self._read(result)

    async def start(self, type: str, **params: Any) -> asyncio.Task[list[Event]]:
        """Send such an op; return the task that reads the events to their end."""
        return asyncio.create_task(self._to_the_end(await self.hear(type, **params)))

    async def say(self, text: str) -> asyncio.Task[list[Event]]:
        return await self.start("threads.add_user_message", **message(text))

    async def answer(self, question: Event, text: str) -> asyncio.Task[list[Event]]:
        return await self.start("threads.add_structured_input", **answers(question, text))

    async def items(self, type: str) -> list[Event]:
        page = await self.ask("items.list", thread_id=self._thread_id, order="asc", limit=100)
        return [item for item in page["data"] if item["type"] == type]

    async def statuses(self) -> list[str]:
        page = await self.ask("turns.list", thread_id=self._thread_id, order="asc")
        return [turn["status"] for turn in page["data"]]

    def through(self, server: ChatServer[Any]) -> "Talk":
        """Return a client of the same thread that another process serves."""
        return Talk(server, self._thread_id)

    async def events(self) -> list[Event]:
        """Return all events of the first turn."""
        page = await self.ask("turns.list", thread_id=self._thread_id, order="asc")
        polled = await self.ask("turns.events", turn_id=page["data"][0]["id"])
        return [one["event"] for one in polled["events"]]

    @staticmethod
    async def _to_the_end(events: AsyncIterator[Event]) -> list[Event]:
        return [event async for event in events]

    @staticmethod
    async def _read(result: StreamingResult) -> AsyncIterator[Event]:
        decoder = sse.Decoder()
        async for frames in result:
            for frame in decoder.feed(frames):
                yield json.loads(frame.data)


def message(text: str) -> Event:
    """Return what `threads.add_user_message` takes."""
    return {"input": {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}}


def answers(question: Event, text: str) -> Event:
    """Return what `threads.add_structured_input` takes."""
    given = {one["id"]: {"values": [text]} for one in question["inputs"]}
    return {"item_id": question["id"], "input": {"answers": given}}


def still_open(events: list[Event]) -> set[str]:
    """Return the items that were added, and neither said done nor removed."""
    added = {event["item"]["id"] for event in events if event["type"] == "thread.item.added"}
    done = {event["item"]["id"] for event in events if event["type"] == "thread.item.done"}
    return added - done - {event["item_id"] for event in events if event["type"] == "thread.item.removed"}


@asynccontextmanager
async def talking(server: ChatServer[Any]) -> AsyncIterator[Talk]:
    async with asyncio.timeout(10), server.lifespan():
        result = await server.process('{"type": "threads.start"}', ADA)
        assert isinstance(result, NonStreamingResult)
        yield Talk(server, json.loads(result.json)["id"])
