"""The demo as an ASGI app: the assistant, and a page of plain text that says how to reach it."""

from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chatkit_core.backends import open_attachment_store, open_store
from chatkit_core.cli.banner import example_curl
from chatkit_core.cli.demo.assistant import DemoAssistant

ENDPOINT = "/chatkit"


def files_beside(db: Path) -> Path:
    """Return the folder for uploads that belongs to a database."""
    return db.with_name(f"{db.stem}-files")


def demo_app(db: Path, files: Path) -> Starlette:
    """Return the app, with its endpoint at `/chatkit`.

    Args:
        db: the SQLite file; made if it is missing.
        files: the folder that keeps uploads; made if it is missing.

    Raises:
        OSError: the folder cannot be made.
    """
    store = open_store(f"sqlite:///{quote(str(db))}")
    assistant = DemoAssistant(store, open_attachment_store(f"file:///{quote(str(files))}"))
    return Starlette(
        routes=[Route("/", _welcome), *assistant.routes(ENDPOINT)],
        lifespan=assistant.lifespan,
    )


async def _welcome(request: Request) -> PlainTextResponse:
    endpoint = str(request.base_url).rstrip("/") + ENDPOINT
    return PlainTextResponse(f"This is the ChatKit demo. Its endpoint is {endpoint}\n\n{example_curl(endpoint)}\n")
