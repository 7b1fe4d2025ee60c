"""A real server for tests: uvicorn in the test's own event loop, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """A uvicorn server that tells when it takes connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, *args: Any, **kwargs: Any) -> None:
        await super().startup(*args, **kwargs)
        self.ready.set()

    @property
    def url(self) -> str:
        """Where it listens, such as `http://127.0.0.1:40123`."""
        host, port = self.servers[0].sockets[0].getsockname()
        return f"http://{host}:{port}"


@asynccontextmanager
async def run_server(app: Any, **config: Any) -> AsyncIterator[Server]:
    """Run the app, and stop the server in the end. `config` goes to `uvicorn.Config`."""
    defaults: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 0,
        "log_level": "warning",
        "lifespan": "auto",
        "ws": "none",
    }
    server = Server(uvicorn.Config(app, **(defaults | config)))
    running = asyncio.create_task(server.serve())
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not server.started:
            raise RuntimeError("the server did not start; its log says why")
        yield server
    finally:
        ready.cancel()
        server.should_exit = True
        await running


@asynccontextmanager
async def serve(app: Any, **config: Any) -> AsyncIterator[str]:
    """As `run_server`, for tests that need only the URL."""
    async with run_server(app, **config) as server:
        yield server.url
