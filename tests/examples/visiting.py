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

    def __init__(self, http: httpx2.AsyncClient, path: str, names: dict[str, str]) -> None:
        self.http = http
        self.names = names
        """Names by id."""
        self._path = path

    async def ask(self, op: str, **params: Any) -> Any:
        """Send an op that is answered with JSON; return the answer."""
        response = await self.post(op, **params)
        assert response.status_code == 200, response.text
        return json.loads(self._named(response.text))

    async def stream(self, op: str, **params: Any) -> list[Event]:
        """Send an op that is answered with events; return them all."""
        response = await self.post(op, **params)
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        return [json.loads(self._named(event.data)) for event in sse.Decoder().feed(response.content)]

    async def post(self, op: str, headers: dict[str, str] | None = None, **params: Any) -> httpx2.Response:
        """Send an op; return the response, whatever it is."""
        body = self.real(json.dumps({"type": op, "params": params}))
        headers = {"Content-Type": "application/json"} | (headers or {})
        return await self.http.post(self._path, content=body, headers=headers)

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
        ids = {name: id for id, name in self.names.items()}
        return _NAME.sub(lambda match: ids.get(match[0], match[0]), text)

    def _named(self, text: str) -> str:
        return _ID.sub(self._name, _TIME.sub(r'\1"<time>"', text))

    def _name(self, match: re.Match[str]) -> str:
        count = sum(name.startswith(f"<{match[1]} ") for name in self.names.values())
        return self.names.setdefault(match[0], f"<{match[1]} {count + 1}>")


@asynccontextmanager
async def visiting(
    name: str, path: str = "/", *, same: Visitor | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[Visitor]:
    """Serve `examples/<name>.py`, and visit its endpoint. The current folder is where the example writes.

    Args:
        path: the endpoint's.
        same: a visitor of before, who comes back after a restart.
        headers: what the visitor sends with every request.
    """
    app = load(name).app
    async with (
        asyncio.timeout(20),
        serve(app) as url,
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=10) as http,
    ):
        yield Visitor(http, path, same.names if same else {})


def load(name: str) -> Any:
    """Run `examples/<name>.py` anew; return the module."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where pydantic looks for it
    spec.loader.exec_module(module)
    return module


def after_options(events: list[Event]) -> list[Event]:
    """Return what comes after the stream options."""
    types = [event["type"] for event in events]
    return events[types.index("stream_options") + 1 :]


def refusal(response: httpx2.Response) -> tuple[int, str, str]:
    """Return what an error answer says: status, code and message."""
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


def message(name: str, *deltas: str, thread: str = "<thr 1>") -> list[Event]:
    """Return the events of an assistant message that streams these deltas."""
    item = {"id": name, "thread_id": thread, "created_at": "<time>", "type": "assistant_message"}
    part = "assistant_message.content_part"

    def content(text: str) -> Event:
        return {"annotations": [], "text": text, "type": "output_text"}

    def updated(update: Event) -> Event:
        return {"type": "thread.item.updated", "item_id": name, "update": update}

    whole = content("".join(deltas))
    return [
        {"type": "thread.item.added", "item": {**item, "content": []}},
        updated({"type": f"{part}.added", "content_index": 0, "content": content("")}),
        *(updated({"type": f"{part}.text_delta", "content_index": 0, "delta": delta}) for delta in deltas),
        updated({"type": f"{part}.done", "content_index": 0, "content": whole}),
        {"type": "thread.item.done", "item": {**item, "content": [whole]}},
    ]


def said(name: str, text: str) -> Event:
    """Return a user message as it is stored."""
    return {
        "id": name,
        "thread_id": "<thr 1>",
        "created_at": "<time>",
        "type": "user_message",
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }


def titled(title: str | None, items: list[Event] | None = None, name: str = "<thr 1>") -> Event:
    """Return the thread as clients see it, with a page of its items."""
    thread = {
        "id": name,
        "created_at": "<time>",
        "status": {"type": "active"},
        "metadata": {},
        "items": {"data": items or [], "has_more": False},
    }
    return thread if title is None else thread | {"title": title}


def renamed(title: str) -> Event:
    """Return the event that tells of the thread's title."""
    return {"type": "thread.updated", "thread": titled(title)}
