"""The server's process dies in the middle of a reply, and comes back."""

import asyncio
import socket
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest
from chatting import said

from chatkit_core.client import AsyncChatClient, ConnectionLostError, TurnFailedError

APP = """
import asyncio
from chatkit_core import ChatServer
from chatkit_stores.sqlite import SQLiteStore

class Assistant(ChatServer):
    lease_seconds = 1.0

    async def respond(self, thread, message, context):
        yield "Once "
        await asyncio.sleep(0.5)  # in which that goes to the log
        yield "upon "
        await asyncio.Event().wait()

app = Assistant(SQLiteStore("chat.db"))
"""


async def serve(port: int, folder: Path) -> Process:
    command = ["-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "critical"]
    return await asyncio.create_subprocess_exec(sys.executable, *command, cwd=folder)


async def started(chat: AsyncChatClient) -> None:
    """Wait until the server takes connections."""
    while True:
        try:
            await chat.threads.list()
            return
        except ConnectionLostError:
            await asyncio.sleep(0.05)


async def test_a_run_outlives_the_process_that_serves_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = await serve(port, tmp_path)
    try:
        async with asyncio.timeout(40), AsyncChatClient(f"http://127.0.0.1:{port}") as chat:
            await started(chat)
            run = chat.turns.create_and_stream("Tell me")
            events = []
            async for event in run:
                events.append(event)
                if said(events) == "Once upon " and event.type == "agent_message_delta":
                    server.kill()
                    await server.wait()
                    server = await serve(port, tmp_path)
            assert (said(events), events[-1].type) == ("Once upon ", "failed")
            with pytest.raises(TurnFailedError) as caught:
                await run.result()
            assert caught.value.code == "server.interrupted"
            kept = caught.value.result.text
            assert kept in ("Once ", "Once upon ")  # what was said in the last moment may not have gone to the log
            assert run.turn_id is not None
            again = [event async for event in chat.turns.follow(run.turn_id)]
            assert (said(again), again[-1].type) == (kept, "failed")
    finally:
        server.kill()
        await server.wait()
