"""A client that reads a turn, loses its connection, and goes on from its cursor."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from chatkit_core import sse

Event = dict[str, Any]
Stop = Callable[[Event], bool]

DELTA = "assistant_message.content_part.text_delta"


class Reader:
    """What one client has seen."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.cursors: list[str] = []
        self.turn_id = ""
        """The turn of the last event."""

    @property
    def cursor(self) -> str:
        """Of the last event."""
        return self.cursors[-1]

    @property
    def seqs(self) -> list[int]:
        return [int(cursor.rpartition(":")[2]) for cursor in self.cursors]

    @property
    def text(self) -> str:
        """What the deltas say together."""
        return "".join(event["update"]["delta"] for event in self.events if kind(event) == DELTA)

    @property
    def kinds(self) -> list[str]:
        return [kind(event) for event in self.events]

    @property
    def thread_id(self) -> str:
        """The thread that was begun."""
        return next(str(event["thread"]["id"]) for event in self.events if event["type"] == "thread.created")

    async def send(self, client: httpx2.AsyncClient, type: str, *, stop: Stop | None = None, **params: Any) -> None:
        """Send an op and read its answer: to the end, or until an event after which the connection is lost."""
        async with client.stream("POST", "/", json={"type": type, "params": params}) as response:
            await self._read(response, stop)

    async def say(
        self, client: httpx2.AsyncClient, text: str, *, thread_id: str | None = None, stop: Stop | None = None
    ) -> None:
        """Send a message, which begins a thread unless there is one, and read the answer."""
        content = [{"type": "input_text", "text": text}]
        params: Event = {"input": {"content": content, "attachments": [], "inference_options": {}}}
        if thread_id is None:
            await self.send(client, "threads.create", stop=stop, **params)
        else:
            await self.send(client, "threads.add_user_message", stop=stop, thread_id=thread_id, **params)

    async def follow(self, client: httpx2.AsyncClient, *, stop: Stop | None = None, **query: str) -> None:
        """Follow a turn or a thread, from the cursor if there is one."""
        async with self.following(client, **query) as response:
            await self._read(response, stop)

    @asynccontextmanager
    async def following(self, client: httpx2.AsyncClient, **query: str) -> AsyncIterator[httpx2.Response]:
        headers = {"Last-Event-ID": self.cursor} if self.cursors else {}
        async with client.stream("GET", "/", params=query, headers=headers) as response:
            yield response

    async def _read(self, response: httpx2.Response, stop: Stop | None) -> None:
        assert response.status_code == 200, (response.status_code, await response.aread())
        decoder = sse.Decoder()
        async for chunk in response.aiter_raw():
            for frame in decoder.feed(chunk):
                event = json.loads(frame.data)
                self.events.append(event)
                self.cursors.append(frame.id)
                self.turn_id = frame.id.rpartition(":")[0]
                if stop is not None and stop(event):
                    return


def kind(event: Event) -> str:
    """Return an event's type; of an item update the update's."""
    return str(event.get("update", event)["type"])


def text_of(item: Event) -> str:
    return "".join(part["text"] for part in item["content"]) if "content" in item else f"<{item['type']}>"


def after(text: str, reader: Reader) -> Stop:
    """Return what stops the reader once it has read this."""
    return lambda _: text in reader.text


def is_kind(name: str) -> Stop:
    return lambda event: kind(event) == name
