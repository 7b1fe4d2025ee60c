"""A server in a process of its own: uvicorn with uvloop and httptools, as in production."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil

TESTS = Path(__file__).parents[1]
_UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has used, all its threads together."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/cpu", timeout=60) as response:
            seconds: float = orjson.loads(response.read())
            return seconds

    def memory(self) -> int:
        """Return the bytes of the process that are resident."""
        return int(psutil.Process(self.pid).memory_info().rss)


@contextlib.contextmanager
def serving(app: str, **settings: str) -> Iterator[Server]:
    """Run `benchmarks.apps.<app>`, until the end of the block.

    Args:
        settings: for the app, which finds them in its environment.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        fd = listening.fileno()
        command = [sys.executable, "-m", "uvicorn", f"benchmarks.apps.{app}:app", "--fd", str(fd), *_UVICORN]
        environment = os.environ | settings | {"PYTHONPATH": str(TESTS)}
        process = subprocess.Popen(command, env=environment, pass_fds=[fd])
        try:
            server = Server(listening.getsockname()[1], process.pid)
            server.cpu()
            yield server
        finally:
            process.kill()
            process.wait()


async def quiet(server: Server) -> None:
    """Return when the server has nothing more to do."""
    before = -1.0
    while (now := await asyncio.to_thread(server.cpu)) - before > 0.02:
        before = now
        await asyncio.sleep(0.2)
