"""An example served by uvicorn in a folder of its own, and a visitor who talks to it over HTTP.

To the visitor ids are names, such as `<msg 1>` for the first message's, and times are `<time>`; what it sends may have
such names too.
"""

import asyncio
import importlib.util
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from serving import serve

from chatkit_core import sse

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

Event = dict[str, Any]

_ID = re.compile(r"\b(thr|msg|tc|wf|tsk|atc|call)_[0-9a-f]{32}\b")
_NAME = re.compile(r"<\w+ \d+>")
_TIME = re.compile(r'("created_at": ?)"[^"]+Z"')


class Visitor:
    """A client of one endpoint."""

    def __init__(self, http: httpx2.AsyncClient, path: str) -> None:
        self.http = http
        self._path = path
        self._names: dict[str, str] = {}

    async def ask(self, op: str, **params: Any) -> Any:
        """Send an op that is answered with JSON; return the answer."""
        response = await self._post(op, params)
        return json.loads(self._named(response.text))

    async def stream(self, op: str, **params: Any) -> list[Event]:
        """Send an op that is answered with events; return them all."""
        response = await self._post(op, params)
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        return [json.loads(self._named(event.data)) for event in sse.Decoder().feed(response.content)]

    async def say(self, text: str, thread: str | None = None, attachments: tuple[str, ...] = ()) -> list[Event]:
        """Send a message, to a new thread unless one is named; return what comes after the stream options."""
        input = {
            "content": [{"type": "input_text", "text": text}],
            "attachments": attachments,
            "inference_options": {},
        }
        if thread is None:
            events = await self.stream("threads.create", input=input)
        else:
            events = await self.stream("threads.add_user_message", thread_id=thread, input=input)
        return after_options(events)

    def real(self, text: str) -> str:
        """Return the text with ids in place of their names."""
        ids = {name: id for id, name in self._names.items()}
        return _NAME.sub(lambda match: ids.get(match[0], match[0]), text)

    async def _post(self, op: str, params: dict[str, Any]) -> httpx2.Response:
        body = self.real(json.dumps({"type": op, "params": params}))
        return await self.http.post(self._path, content=body, headers={"Content-Type": "application/json"})

    def _named(self, text: str) -> str:
        return _ID.sub(self._name, _TIME.sub(r'\1"<time>"', text))

    def _name(self, match: re.Match[str]) -> str:
        count = sum(name.startswith(f"<{match[1]} ") for name in self._names.values())
        return self._names.setdefault(match[0], f"<{match[1]} {count + 1}>")


@asynccontextmanager
async def visiting(name: str, path: str = "/", **headers: str) -> AsyncIterator[Visitor]:
    """Serve `examples/<name>.py`, and visit its endpoint at `path`. The current folder is where the example writes."""
    app = load(name).app
    async with (
        asyncio.timeout(20),
        serve(app) as url,
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=10) as http,
    ):
        yield Visitor(http, path)


def load(name: str) -> Any:
    """Run `examples/<name>.py` anew; return the module."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where pydantic looks for it
    spec.loader.exec_module(module)
    return module


def after_options(events: list[Event]) -> list[Event]:
    """Return what comes after the stream options."""
    types = [event["type"] for event in events]
    return events[types.index("stream_options") + 1 :]


def texts(events: list[Event]) -> list[str]:
    """Return the text of each assistant message that is done."""
    items = [event["item"] for event in events if event["type"] == "thread.item.done"]
    return ["".join(part["text"] for part in item["content"]) for item in items if item["type"] == "assistant_message"]
