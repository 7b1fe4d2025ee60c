"""Five hundred turns that are cancelled wherever they are: nothing of them is left running, held or pending."""

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from processes import until
from reading import kind

from chatkit_core import ChatServer, current_turn, reply, sse
from chatkit_core.errors import ChatKitError
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.store import Store
from chatkit_core.turn_log import TurnQuery
from chatkit_core.types import AssistantMessageItem, StructuredInputFreeform, ThreadItemDoneEvent, utc_now
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

ADA = {"user_id": "ada"}
THREADS, BURSTS = 20, 10
TURNS = 500
REPLIES = ["talk", "save", "ask", "inputs", "tool"]
QUESTION = StructuredInputFreeform(id="q", question="Well?")
ENDS = {"turn.completed", "turn.failed", "turn.cancelled"}


class Assistant(ChatServer[Any]):
    """Does what the message says, until it is cancelled."""

    max_queued: ClassVar[int] = TURNS
    saving: ClassVar[set[str]] = set()
    """Turns in the middle of a done."""

    async def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        match message.text:
            case "talk":
                while True:
                    yield "again "
                    await asyncio.sleep(0.001)
            case "save":
                turn = current_turn()
                while True:
                    id = turn.new_id("message")
                    item = AssistantMessageItem(id=id, thread_id=thread.id, created_at=utc_now(), content=[])
                    self.saving.add(turn.id)
                    yield ThreadItemDoneEvent(item=item)
                    self.saving.discard(turn.id)
                    await asyncio.sleep(0.001)
            case "ask":
                yield "First: "
                await reply.ask(QUESTION)
            case "inputs":
                yield "First: "
                yield reply.structured_input([QUESTION])
            case "tool":
                yield "First: "
                yield reply.client_tool_call("look", {})


class Client:
    """Sends a message, and cancels its turn after so many events and passes of the loop."""

    def __init__(self, app: Assistant, thread_id: str, chance: random.Random) -> None:
        self.app = app
        self.thread_id = thread_id
        self.text = chance.choice(REPLIES)
        self.events, self.passes = chance.randrange(7), chance.randrange(6)
        self.disconnects = chance.random() < 0.2
        self.turn_id = ""
        self.where = ""
        self.seen: list[Any] = []

    async def send(self) -> None:
        content = [{"type": "input_text", "text": self.text}]
        message = {"content": content, "attachments": [], "inference_options": {}}
        params = {"thread_id": self.thread_id, "input": message}
        op = json.dumps({"type": "threads.add_user_message", "params": params})
        result = await self.app.process(op, ADA, turns=not self.disconnects)
        assert isinstance(result, StreamingResult)
        self.frames = result.json_events
        self.cancelling = asyncio.create_task(self._cancel())

    async def _cancel(self) -> None:
        decoder, frames = sse.Decoder(), aiter(self.frames)
        while len(self.seen) < self.events and (chunk := await anext(frames, None)) is not None:
            for frame in decoder.feed(chunk):
                self.seen.append(json.loads(frame.data))
                self.turn_id = frame.id.rpartition(":")[0]
        for _ in range(self.passes):
            await asyncio.sleep(0)
        turn = self.seen[-1] if self.seen else {}
        self.where = "saving" if self.turn_id in self.app.saving else str(turn.get("type"))
        if not self.disconnects and self.turn_id:
            await ask(self.app, "turns.cancel", turn_id=self.turn_id)
            async for chunk in frames:
                self.seen += [json.loads(frame.data) for frame in decoder.feed(chunk)]
        await self.frames.aclose()


async def ask(app: Assistant, type: str, **params: Any) -> Any:
    result = await app.process(json.dumps({"type": type, "params": params}), ADA)
    assert isinstance(result, NonStreamingResult)
    return json.loads(result.json)
