"""The server's process dies in the middle of a reply, and comes back."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from chatting import said

from chatkit_core.client import AsyncChatClient, TurnFailedError

APP = """
import asyncio
from chatkit_core import ChatServer, current_turn
from chatkit_stores.sqlite import SQLiteStore

class Assistant(ChatServer):
    lease_seconds = 1.0

    async def respond(self, thread, message, context):
        yield "Once "
        await self.logged(b"Once ")
        yield "upon "
        await asyncio.Event().wait()

    async def logged(self, text):
        turn_id = current_turn().id
        while not any(text in entry.data for entry in await self.turn_log.read(turn_id, after=0)):
            await self.turn_log.wait(turn_id, after=0, seconds=1)

app = Assistant(SQLiteStore("chat.db"))
"""


async def serve(folder: Path, port: int = 0) -> Process:
    command = ["-m", "uvicorn", "app:app", "--port", str(port), "--no-access-log"]
    return await asyncio.create_subprocess_exec(sys.executable, *command, cwd=folder, stderr=PIPE)


async def port_of(server: Process) -> int:
    """Wait until the server says that it takes connections; return its port."""
    assert server.stderr is not None
    log = b""
    async for line in server.stderr:
        log += line
        if found := re.search(rb"running on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError(log.decode())


async def test_a_run_outlives_the_process_that_serves_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    server = await serve(tmp_path)
    try:
        async with asyncio.timeout(20):
            port = await port_of(server)
        async with asyncio.timeout(30), AsyncChatClient(f"http://127.0.0.1:{port}") as chat:
            run = chat.turns.create_and_stream("Tell me")
            events = []
            async for event in run:
                events.append(event)
                if said(events) == "Once upon " and event.type == "agent_message_delta":
                    server.kill()
                    await server.wait()
                    server = await serve(tmp_path, port)
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
        if server.returncode is None:
            server.kill()
        await server.wait()
