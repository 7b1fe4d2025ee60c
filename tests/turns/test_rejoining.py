"""To join a turn late costs what it has said, not in how many pieces it said it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from processes import until
from reading import Reader
from serving import serve

from chatkit_core import ChatServer
from chatkit_core.store import Store
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

DELTAS = 20_000
FRAMES = 25
TEXT = "".join(f"{number} " for number in range(DELTAS))


class Talkative(ChatServer[Any]):
    """Says 20,000 words, and ends when it is told to."""

    def __init__(self, store: Store[Any]) -> None:
        super().__init__(store)
        self.may_end = asyncio.Event()

    async def get_context(self, request: Any) -> dict[str, str]:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[str]:
        for number in range(DELTAS):
            yield f"{number} "
        await self.may_end.wait()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_who_joins_a_turn_of_20000_deltas_gets_at_most_25_frames(kind: str, tmp_path: Path) -> None:
    app = Talkative(MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "chat.db"))
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, headers={"ChatKit-Turns": "1"}) as client:
        first, running, by_thread, finished = (Reader() for _ in range(4))
        saying = asyncio.create_task(first.say(client, "Hi"))
        await until(lambda: first.text == TEXT)
        joined = [
            asyncio.create_task(running.follow(client, turn_id=first.turn_id)),
            asyncio.create_task(by_thread.follow(client, thread_id=first.thread_id)),
        ]
        await until(lambda: running.text == by_thread.text == TEXT)
        app.may_end.set()
        await asyncio.gather(saying, *joined)
        await finished.follow(client, turn_id=first.turn_id)

    for reader in (running, by_thread, finished):
        assert len(reader.events) <= FRAMES
        assert reader.text == TEXT
        assert reader.events[-1] == first.events[-1]
        assert reader.cursor == first.cursor
