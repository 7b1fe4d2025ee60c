"""The demo as an ASGI app: the assistant, and the page that shows it."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route

from chatkit_core.backends import open_attachment_store, open_store
from chatkit_core.cli.demo.assistant import DemoAssistant
from chatkit_core.ui import ChatUI

ENDPOINT = "/chatkit"
_SCRIPT = Path(__file__).with_name("demo.js")

OPTIONS: dict[str, Any] = {
    "startScreen": {
        "greeting": "What would you like to see?",
        "prompts": [
            {"label": "What can you do?", "prompt": "help", "icon": "lightbulb"},
            {"label": "A reply in Markdown", "prompt": "markdown", "icon": "document"},
            {"label": "A form", "prompt": "form", "icon": "write"},
            {"label": "Steps of work", "prompt": "workflow", "icon": "search"},
        ],
    },
    "composer": {
        "placeholder": "Say help, or anything",
        "attachments": {"enabled": True, "maxSize": 20 * 2**20, "maxCount": 5},
        "dictation": {"enabled": True},
        "tools": [
            {"id": "search", "label": "Search the web", "shortLabel": "Search", "icon": "globe", "pinned": True},
            {"id": "image", "label": "Make an image", "icon": "images", "placeholderOverride": "Describe the image"},
        ],
        "models": [
            {"id": "quick", "label": "Quick", "description": "Answers at once", "default": True},
            {"id": "thorough", "label": "Thorough", "description": "Thinks before it answers"},
        ],
    },
    "disclaimer": {"text": "This assistant has no model. It shows what the page can do."},
}


def files_beside(db: Path) -> Path:
    """Return the folder for uploads that belongs to a database."""
    return db.with_name(f"{db.stem}-files")


def demo_app(db: Path, files: Path) -> Starlette:
    """Return the app: the page at the root, its endpoint at `/chatkit`.

    Args:
        db: the SQLite file; made if it is missing.
        files: the folder that keeps uploads; made if it is missing.

    Raises:
        OSError: the folder cannot be made.
    """
    store = open_store(f"sqlite:///{quote(str(db))}")
    assistant = DemoAssistant(store, open_attachment_store(f"file:///{quote(str(files))}"))
    page = ChatUI(ENDPOINT, title="ChatKit demo", options=OPTIONS, script="/demo.js")
    return Starlette(
        routes=[*assistant.routes(ENDPOINT), Route("/demo.js", _script), Mount("/", page)], lifespan=assistant.lifespan
    )


async def _script(_: object) -> FileResponse:
    return FileResponse(_SCRIPT, media_type="text/javascript")
