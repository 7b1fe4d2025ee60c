"""Five hundred turns that are cancelled wherever they are: nothing of them is left running, held or pending."""

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from processes import until
from reading import DELTA, kind

from chatkit_core import ChatServer, current_turn, reply, sse
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.store import Store
from chatkit_core.turn_log import TurnQuery
from chatkit_core.types import AssistantMessageItem, StructuredInputFreeform, ThreadItemDoneEvent, utc_now
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

ADA = {"user_id": "ada"}
THREADS = 20
TURNS = 500
QUESTION = StructuredInputFreeform(id="q", question="Well?")
ENDS = {"turn.completed", "turn.failed", "turn.cancelled"}


class Assistant(ChatServer[Any]):
    """Does what the message says, until it is cancelled."""

    max_queued: ClassVar[int] = TURNS

    def __init__(self, store: Store[Any]) -> None:
        super().__init__(store)
        self.saving: set[str] = set()
        """The turns that are in the middle of a done."""

    async def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        yield "First: "
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
                await reply.ask(QUESTION)
            case "inputs":
                yield reply.structured_input([QUESTION])
            case "tool":
                yield reply.client_tool_call("look", {})

    async def ask(self, type: str, **params: Any) -> Any:
        """Answer an op with JSON."""
        result = await self.process(json.dumps({"type": type, "params": params}), ADA)
        assert isinstance(result, NonStreamingResult)
        return json.loads(result.json)


class Client:
    """Sends a message, and after so many events and passes of the loop ends its turn: it cancels it, or disconnects."""

    def __init__(self, app: Assistant, thread_id: str, chance: random.Random) -> None:
        self.where = ""
        """Where the turn was then."""
        self.seen: list[Any] = []
        self._app = app
        self._thread_id = thread_id
        self._disconnects = chance.random() < 0.2
        self._text = chance.choice(["talk", "save"] if self._disconnects else ["talk", "save", "ask", "inputs", "tool"])
        self._events, self._passes = chance.randint(1, 14), chance.randrange(6)
        self._turn_id = ""
        self._decoder = sse.Decoder()

    async def send(self) -> None:
        content = [{"type": "input_text", "text": self._text}]
        message = {"content": content, "attachments": [], "inference_options": {}}
        params = {"thread_id": self._thread_id, "input": message}
        op = json.dumps({"type": "threads.add_user_message", "params": params})
        result = await self._app.process(op, ADA, turns=not self._disconnects)
        assert isinstance(result, StreamingResult)
        self._frames = result.json_events

    async def end(self) -> None:
        async for chunk in self._frames:
            self._take(chunk)
            if len(self.seen) >= self._events:
                break
        for _ in range(self._passes):
            await asyncio.sleep(0)
        if self._disconnects:
            self.where = "disconnected"
            await self._frames.aclose()
        else:
            self.where = "saving" if self._turn_id in self._app.saving else self.seen[-1]["type"]
            await self._app.ask("turns.cancel", turn_id=self._turn_id)
            async for chunk in self._frames:
                self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        for frame in self._decoder.feed(chunk):
            self.seen.append(json.loads(frame.data))
            self._turn_id = frame.id.rpartition(":")[0]


async def talk(app: Assistant, chance: random.Random, turns: int) -> tuple[str, list[Client]]:
    """Have so many turns in a new thread, up to five at once; return the thread, and the clients."""
    thread_id = (await app.ask("threads.start"))["id"]
    clients = [Client(app, thread_id, chance) for _ in range(turns)]
    left = clients[:]
    while left:
        some = [left.pop() for _ in range(min(chance.randint(1, 5), len(left)))]
        for client in some:
            await client.send()
        await asyncio.gather(*(client.end() for client in some))
    return thread_id, clients


async def check_thread(app: Assistant, thread_id: str, clients: list[Client]) -> None:
    """Check that all turns have ended, once, and that what was said is there and waits for nothing."""
    log, store = app.turn_log, app.store
    records = await log.list_turns(TurnQuery("ada", thread_id), limit=100)
    assert Counter(record.turn.status for record in records) == {"cancelled": len(clients)}
    for record in records:
        types = [entry.type for entry in await log.read(record.turn.id, 0)]
        assert [type for type in types if type in ENDS] == types[-1:] == ["turn.cancelled"]
    items = (await store.load_thread_items(thread_id, None, 10_000, "asc", ADA)).data
    assert not [item for item in items if getattr(item, "status", None) == "pending"]
    seen = [event for client in clients for event in client.seen]
    done = {event["item"]["id"] for event in seen if event["type"] == "thread.item.done"}
    begun = {event["item_id"] for event in seen if kind(event) == DELTA}
    assert done | begun <= {item.id for item in items}


def held_in_memory(folder: Path) -> int:
    return 0


def held_in_sqlite(folder: Path) -> int:
    """Return how many turns have a lease."""
    with closing(sqlite3.connect(folder / "chat.db")) as database:
        return int(database.execute("SELECT count(*) FROM turns WHERE lease IS NOT NULL").fetchone()[0])


def in_memory(folder: Path) -> Store[Any]:
    return MemoryStore()


def in_sqlite(folder: Path) -> Store[Any]:
    return SQLiteStore(folder / "chat.db")


@pytest.mark.parametrize(
    ("make_store", "held"), [(in_memory, held_in_memory), (in_sqlite, held_in_sqlite)], ids=["memory", "sqlite"]
)
async def test_500_turns_that_are_cancelled_anywhere_leave_nothing_behind(
    make_store: Callable[[Path], Store[Any]], held: Callable[[Path], int], tmp_path: Path
) -> None:
    app, chance = Assistant(make_store(tmp_path)), random.Random(13)
    test = asyncio.all_tasks()
    async with app.lifespan():
        await talk(app, chance, 1)
        own = asyncio.all_tasks()  # what a server has that has had a turn
        talks = await asyncio.gather(*(talk(app, chance, TURNS // THREADS) for _ in range(THREADS)))
        await until(lambda: asyncio.all_tasks() <= own)
        for thread_id, clients in talks:
            await check_thread(app, thread_id, clients)
        assert held(tmp_path) == 0
    assert asyncio.all_tasks() == test
    where = {client.where for _, clients in talks for client in clients}
    assert where > {"turn.queued", "turn.started", "turn.waiting", "saving", "disconnected"}
