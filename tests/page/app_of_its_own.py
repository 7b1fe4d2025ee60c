"""An app in a process of its own, that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

APP = """
import asyncio
from starlette.applications import Starlette
from starlette.routing import Mount
from chatkit_core import ChatServer
from chatkit_core.ui import ChatUI
from chatkit_stores.sqlite import SQLiteStore


class Counting(ChatServer):
    lease_seconds = 1.0

    async def get_context(self, request):
        return {"user_id": "ada"}

    async def respond(self, thread, message, context):
        for number in range(1, 1000 if message.text == "slow" else 4):
            yield f"{number} "
            await asyncio.sleep(0.05)


server = Counting(SQLiteStore("chat.db"))
app = Starlette(routes=[*server.routes("/chatkit"), Mount("/", ChatUI())], lifespan=server.lifespan)
"""


class Own:
    """The process, which listens on one port whenever it runs."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self.url = f"http://127.0.0.1:{port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run, and return when it answers."""
        command = [sys.executable, "-m", "uvicorn", "counting:app", "--port", str(self._port), "--log-level", "error"]
        self._process = subprocess.Popen(command, cwd=self._folder, env=os.environ | {"PYTHONPATH": str(self._folder)})
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=20)) as client:
            client.get(self.url)

    def kill(self) -> None:
        """End at once, as a crash does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def own_app(folder: Path) -> Iterator[Own]:
    """Run the app until the end of the block."""
    (folder / "counting.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    own = Own(folder, port)
    own.start()
    try:
        yield own
    finally:
        with suppress(ProcessLookupError):
            own.kill()
