"""`reply.ask` from several tasks of one `respond`, as tools that run side by side do."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from client_model import Client, decoded
from one_turn import CONTEXT, TinyServer
from pipeline_events import Events

from chatkit_core import reply
from chatkit_core.sse import ServerSentEvent
from chatkit_core.turn_log import Entry
from chatkit_core.types import ThreadMetadata
from chatkit_stores.memory import MemoryStore, MemoryTurnLog

NEW = {"content": [{"type": "input_text", "text": "Hi"}], "attachments": [], "inference_options": {}}


class Asker:
    """A server, and the one client of it, which knows turns and keeps all that it is sent."""

    def __init__(self, server: TinyServer) -> None:
        self.server = server
        self.events: list[ServerSentEvent] = []
        self.thread_id = ""

    async def begin(self) -> None:
        await self._stream({"type": "threads.create", "params": {"input": NEW}})

    async def answer(self, text: str) -> None:
        """Answer the question that was asked last."""
        told = [json.loads(event.data) for event in self.events]
        waiting = [event for event in told if event["type"] == "turn.waiting"]
        assert waiting
        answers = {"answer": {"values": [text]}}
        item_id = waiting[-1]["turn"]["waiting_for"][-1]["item_id"]
        params = {"thread_id": self.thread_id, "item_id": item_id, "input": {"answers": answers}}
        await self._stream({"type": "threads.add_structured_input", "params": params})

    async def turn(self) -> dict[str, Any]:
        turn_id = self.events[0].id.partition(":")[0]
        result = await self.server.process(json.dumps({"type": "turns.get", "params": {"turn_id": turn_id}}), CONTEXT)
        return json.loads(result.json)  # type: ignore[no-any-return,union-attr]

    def seqs(self) -> list[int]:
        return [int(event.id.rpartition(":")[2]) for event in self.events]

    async def _stream(self, op: dict[str, Any]) -> None:
        async with asyncio.timeout(10):
            result = await self.server.process(json.dumps(op), CONTEXT, turns=True)
            async for frames in result:  # type: ignore[union-attr]
                self.events += decoded(frames)
        self.thread_id = json.loads(self.events[0].data)["turn"]["thread_id"]

    async def texts(self) -> list[str]:
        """Return the texts of the stored messages of the assistant."""
        page = await self.server.store.load_thread_items(
            self.thread_id, after=None, limit=99, order="asc", context=CONTEXT
        )
        return [item.text for item in page.data if item.type == "assistant_message"]


class SlowLog(MemoryTurnLog):
    """Lets others run while it writes."""

    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        await let_others_run()
        await super().append(lease, batches)


class SlowStore(MemoryStore[Any]):
    """Does so too."""

    def turn_log(self) -> MemoryTurnLog:
        return SlowLog()

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        await let_others_run()
        await super().add_thread_item(thread_id, item, context)


async def let_others_run() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@asynccontextmanager
async def asker(respond: Any) -> AsyncIterator[Asker]:
    server = TinyServer(respond, store=SlowStore())
    async with server.lifespan():
        yield Asker(server)


async def test_two_tasks_that_ask_at_once_are_answered_one_after_the_other() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        one, other = await asyncio.gather(reply.ask("One?", key="1"), reply.ask("Two?", key="2"))
        yield f"{one.text} and {other.text}"

    async with asker(respond) as client:
        await client.begin()
        await client.answer("Ada")
        assert (await client.turn())["status"] == "waiting"
        await client.answer("Ben")

        assert (await client.turn())["status"] == "completed"
        assert await client.texts() == ["Ada and Ben"]
        assert client.seqs() == list(range(1, len(client.events) + 1))


async def test_a_reply_that_goes_on_while_a_task_of_it_asks_says_each_event_once_and_loses_none() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        asking = asyncio.create_task(reply.ask("Which?"))
        for number in range(20):
            yield f"{number} "
            await asyncio.sleep(0)
        yield (await asking).text

    async with asker(respond) as client:
        await client.begin()
        await client.answer("Ada")

        assert (await client.turn())["status"] == "completed"
        assert "".join(await client.texts()) == "".join(f"{number} " for number in range(20)) + "Ada"
        assert all(earlier < later for earlier, later in pairwise(client.seqs()))
        seen = Client()
        for event in client.events:
            seen.see(event)
        shown = [
            item["content"][0]["text"] for item in seen.state["items"].values() if item["type"] == "assistant_message"
        ]
        assert shown == await client.texts()
