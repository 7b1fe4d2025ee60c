"""Runs an ASGI app with uvicorn, so that what goes wrong at the start is one line, and the end is quiet."""

import errno
import logging
import signal
import socket
from collections.abc import Callable, MutableMapping
from typing import Any

import uvicorn

from chatkit_core.cli.failure import CommandError, last_line
from chatkit_core.cli.target import ASGIApp

_uvicorn_log = logging.getLogger("uvicorn.error")

STUCK_CLIENTS = 15
"""Seconds after which the end no longer waits for clients that do not read what they asked for."""

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def open_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        CommandError: there is no such host, or the port is taken or not ours to open.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address, family=family)
    except (socket.gaierror, UnicodeError):
        raise CommandError(f"There is no host {host}.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken; choose another with --port.") from None
        raise CommandError(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def url_of(listening: socket.socket) -> str:
    """Return the URL that a browser on this machine would use."""
    host, port = listening.getsockname()[:2]
    host = _ANY_ADDRESS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_app(app: ASGIApp, listening: socket.socket, *, on_ready: Callable[[], None], failed: str) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        on_ready: called once the app has started.
        failed: what to say if it does not start; the reason is put after it.

    Raises:
        CommandError: the app did not start.
    """
    _log_nicely()
    watched = _Watched(app)
    config = uvicorn.Config(watched, log_config=None, access_log=False, timeout_graceful_shutdown=STUCK_CLIENTS)
    server = _Server(config, on_ready)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.ask_to_exit)
    try:
        server.run(sockets=[listening])
    except SystemExit:
        reason = last_line(watched.error) if watched.error else "its lifespan said so without a reason."
        raise CommandError(f"{failed}: {reason}") from None


class _Server(uvicorn.Server):
    """A server that says when it is ready, and nothing about a failed start, of which the command tells itself.

    When it has ended, uvicorn raises the signals that it took once more: they come to `ask_to_exit`, which was there
    before, and so do not end the process with a code of their own.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def ask_to_exit(self, *_: object) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _uvicorn_log.setLevel(logging.WARNING)
        self._on_ready()


class _Watched:
    """The app, and what its lifespan raised."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.error: Exception | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "lifespan":
                self.error = error
            raise


def _log_nicely() -> None:
    """Log to stderr, unless the app has set up logging itself; of uvicorn only what goes wrong once it serves."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    _uvicorn_log.setLevel(logging.CRITICAL)
