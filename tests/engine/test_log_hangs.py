"""A log that does not answer holds up no turn's end."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from client_model import decoded
from one_turn import CONTEXT, TinyServer
from pipeline_events import Events, message

from chatkit_core.turn_log import Entry
from chatkit_core.types import ThreadItemDoneEvent, ThreadMetadata
from chatkit_stores.memory import MemoryStore, MemoryTurnLog

NEW = {"content": [{"type": "input_text", "text": "Hi"}], "attachments": [], "inference_options": {}}


class HangingLog(MemoryTurnLog):
    """A log that, once told to, takes no more entries."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        if self.hangs:
            self.entered.set()
            await self.release.wait()
        await super().append(lease, batches)


class Store(MemoryStore[Any]):
    def __init__(self) -> None:
        super().__init__()
        self.log = HangingLog()

    def turn_log(self) -> MemoryTurnLog:
        return self.log


class Server(TinyServer):
    cancel_grace: ClassVar[float] = 0.1
    end_grace: ClassVar[float] = 0.1


async def test_the_end_of_a_turn_is_heard_though_the_log_hangs() -> None:
    store = Store()

    async def respond(thread: ThreadMetadata) -> Events:
        yield "Hello"
        store.log.hangs = True
        yield ThreadItemDoneEvent(item=message(thread, "m", "kept"))

    server = Server(respond, store=store)
    heard: list[str] = []

    async def listen() -> None:
        op = {"type": "threads.create", "params": {"input": NEW}}
        async for frames in await server.process(json.dumps(op), CONTEXT, turns=True):
            heard.extend(json.loads(event.data)["type"] for event in decoded(frames))

    async with server.lifespan():
        listening = asyncio.create_task(listen())
        async with asyncio.timeout(10):
            await store.log.entered.wait()
            [turn] = json.loads((await server.process('{"type": "turns.list"}', CONTEXT)).json)["data"]
            cancel = {"type": "turns.cancel", "params": {"turn_id": turn["id"]}}
            await server.process(json.dumps(cancel), CONTEXT)
            await listening
        store.log.release.set()

    assert heard[-1] == "turn.cancelled"
