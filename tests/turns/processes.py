"""Real servers for tests: `uvicorn app:app`, each in a process of its own, all in one folder with one database."""

import asyncio
import re
import signal
import sqlite3
import sys
from asyncio.subprocess import Process as Subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx2

LEASE = 1.0
"""Seconds of the app's lease."""
CANCEL_GRACE = 0.5
"""Seconds that a cancelled reply has to end."""
SHUTDOWN_GRACE = 0.5
"""Seconds that its turns have to end by themselves."""
PATIENCE = 15.0
"""Seconds after which what was waited for does not come any more."""

APP = """
import asyncio
from pathlib import Path

from chatkit_core import ChatServer, reply
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    lease_seconds = 1.0
    cancel_grace = 0.5
    shutdown_grace = 0.5

    async def get_context(self, request):
        return {"user_id": "ada"}

"""
"""How the app's file begins; a test adds `respond`."""

RUN = """
app = Assistant(SQLiteStore("chat.db"))
"""

Row = tuple[Any, ...]


class Server:
    """A process that serves the app."""

    def __init__(self, process: Subprocess, log: Path, url: str) -> None:
        self._process = process
        self._log = log
        self.client = httpx2.AsyncClient(base_url=url, headers={"ChatKit-Turns": "1"}, timeout=PATIENCE)

    @property
    def log(self) -> str:
        """What the process has written to its standard output and error."""
        return self._log.read_text()

    async def kill(self) -> None:
        """Let it die at once, as by `kill -9`."""
        self._process.kill()
        await self._process.wait()

    async def terminate(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to end, as a supervisor does, or with SIGINT a user; return after how many seconds it has."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._process.send_signal(number)
        async with asyncio.timeout(5):
            await self._process.wait()
        return loop.time() - began

    def stop(self) -> None:
        """Let it stand still, as a machine that swaps, or sleeps."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    async def close(self) -> None:
        if self._process.returncode is None:
            await self.kill()
        await self.client.aclose()

    async def ask(self, type: str, **params: Any) -> Any:
        """Send an op that is answered with JSON; return the answer."""
        response = await self.client.post("/", json={"type": type, "params": params})
        assert response.status_code == 200, response.text
        return response.json()

    async def turn(self, turn_id: str) -> Any:
        return await self.ask("turns.get", turn_id=turn_id)

    async def items(self, thread_id: str) -> list[Any]:
        """Return the thread's items, oldest first."""
        page = await self.ask("items.list", thread_id=thread_id, order="asc", limit=100)
        assert not page["has_more"]
        return list(page["data"])


class Machine:
    """Where the processes run.

    Args:
        folder: where they have their app and its files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: list[Server] = []
        self._started = 0

    async def start(self) -> Server:
        """Start a server; return once it takes connections."""
        self._started += 1
        log = self.folder / f"{self._started}.log"
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"]
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=self.folder, stdout=output, stderr=asyncio.subprocess.STDOUT
            )
        await until(lambda: process.returncode is not None or "running on http" in log.read_text())
        port = re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text())
        assert port is not None, log.read_text()
        server = Server(process, log, f"http://127.0.0.1:{port[1]}")
        self.servers.append(server)
        return server

    def wrote(self, name: str) -> bool:
        """Return whether the app has made this file."""
        return (self.folder / name).exists()

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return what the database has."""
        with closing(sqlite3.connect(self.folder / "chat.db")) as database:
            return list(database.execute(query, values))

    def dump(self) -> dict[str, list[Row]]:
        """Return all that the database has of turns and of the conversation."""
        return {
            name: self.rows(f"SELECT * FROM {name} ORDER BY 1") for name in ("turns", "batches", "items", "threads")
        }


@asynccontextmanager
async def machine(folder: Path, respond: str, *, run: str = RUN) -> AsyncIterator[Machine]:
    """Write the app that all servers run; in the end kill those that are left.

    Args:
        respond: the rest of the class of the app.
    """
    (folder / "app.py").write_text(APP + respond + run)
    machine = Machine(folder)
    try:
        yield machine
    finally:
        for server in machine.servers:
            await server.close()


async def until(condition: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Return once the condition holds, which other processes bring about.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  other processes set no event
            await asyncio.sleep(0.02)
