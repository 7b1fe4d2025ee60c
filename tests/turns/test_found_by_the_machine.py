"""What `test_thread_machine.py` has found, each as a plain test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chatkit_core import ChatServer, current_turn, reply, sse
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.types import ThreadItemAddedEvent, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

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

    async def start(self, type: str, **params: Any) -> asyncio.Task[list[Event]]:
        """Send an op that is answered with a stream; return the task that reads it to its end."""
        op = {"type": type, "params": {"thread_id": self._thread_id, **params}}
        result = await self._server.process(json.dumps(op), ADA, turns=True)
        assert isinstance(result, StreamingResult)
        return asyncio.create_task(self._read(result))

    async def say(self, text: str) -> asyncio.Task[list[Event]]:
        content = [{"type": "input_text", "text": text}]
        input = {"content": content, "attachments": [], "inference_options": {}}
        return await self.start("threads.add_user_message", input=input)

    async def answer(self, question: Event, text: str) -> asyncio.Task[list[Event]]:
        answers = {one["id"]: {"values": [text]} for one in question["inputs"]}
        return await self.start("threads.add_structured_input", item_id=question["id"], input={"answers": answers})

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
    async def _read(result: StreamingResult) -> list[Event]:
        decoder = sse.Decoder()
        return [json.loads(frame.data) async for frames in result for frame in decoder.feed(frames)]


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


async def test_a_reply_that_asks_goes_on_in_place_though_another_turn_was_made_meanwhile() -> None:
    runs: list[str | None] = []

    class Books(ChatServer[Any]):
        async def respond(self, thread, message, context):
            runs.append(message and message.text)
            yield f"To {(await reply.ask('Where to?')).text}"

        async def action(self, thread, action, sender, context):
            yield "Pressed"

    async with talking(Books(MemoryStore())) as talk:
        await (await talk.say("Book it"))
        await (await talk.start("threads.custom_action", action={"type": "press"}))
        [question] = await talk.items("structured_input")
        await (await talk.answer(question, "Rome"))
        assert runs == ["Book it"]
        assert await talk.statuses() == ["completed", "completed"]


async def test_a_turn_does_not_wait_for_what_was_answered_while_it_still_ran() -> None:
    called, answered = asyncio.Event(), asyncio.Event()

    class Looks(ChatServer[Any]):
        async def respond(self, thread, message, context):
            if message is None:
                yield "I see."
                return
            yield reply.client_tool_call("look", {})
            called.set()
            await answered.wait()

    async with talking(Looks(MemoryStore())) as talk:
        first = await talk.say("Look")
        await called.wait()
        second = await talk.start("threads.add_client_tool_output", result="a cat")
        answered.set()
        await asyncio.gather(first, second)
        assert await talk.statuses() == ["completed", "completed"]


class ShowsAndAsks(ChatServer[Any]):
    """Has a widget open while it asks."""

    async def respond(self, thread, message, context):
        id = current_turn().new_id("message")
        widget = Card(children=[Text(value="Working …")])
        item = WidgetItem(id=id, thread_id=thread.id, created_at=utc_now(), widget=widget)
        yield ThreadItemAddedEvent(item=item)
        answer = await reply.ask("Go on?")
        yield f"So you say {answer.text}"

    def context_for(self, turn):
        return ADA


async def test_what_is_open_while_a_reply_asks_is_kept_when_another_process_cancels_the_turn(tmp_path: Path) -> None:
    here, there = (ShowsAndAsks(SQLiteStore(tmp_path / "chat.db")) for _ in range(2))
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Go"))
        [turn] = (await talk.ask("turns.list"))["data"]
        await talk.through(there).ask("turns.cancel", turn_id=turn["id"])
        assert await talk.statuses() == ["cancelled"]
        assert still_open(await talk.events()) == set()
        assert len(await talk.items("widget")) == 1


async def test_what_is_open_while_a_reply_asks_is_closed_when_another_process_goes_on(tmp_path: Path) -> None:
    here, there = (ShowsAndAsks(SQLiteStore(tmp_path / "chat.db")) for _ in range(2))
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Go"))
        [question] = await talk.items("structured_input")
        await (await talk.through(there).answer(question, "yes"))
        assert await talk.statuses() == ["completed"]
        assert still_open(await talk.events()) == set()
