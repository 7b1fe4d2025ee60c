"""What `test_thread_machine.py` has found, each as a plain test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chatkit_core import ChatServer, reply, sse
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_stores.memory import MemoryStore

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

    @staticmethod
    async def _read(result: StreamingResult) -> list[Event]:
        decoder = sse.Decoder()
        return [json.loads(frame.data) async for frames in result for frame in decoder.feed(frames)]


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
