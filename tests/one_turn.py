"""A tiny server and one thread of it, seen from both ends: the events that a client gets, and what is stored then."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit_core import ChatServer
from chatkit_core.types import ThreadItem, ThreadMetadata, UserMessageItem
from chatkit_stores.memory import MemoryStore

CONTEXT = {"user_id": "ada"}
Reply = Callable[[ThreadMetadata], AsyncIterator[Any]]

_ID = re.compile(r"\b(thr|msg|tc|wf|tsk|shcx|call)_[0-9a-f]{32}\b")
_TIME = re.compile(r'("created_at": ?)"[^"]+"')


class TinyServer(ChatServer[Any]):
    """Answers each message with the next of its replies."""

    def __init__(self, *replies: Reply, store: MemoryStore[Any] | None = None) -> None:
        super().__init__(store or MemoryStore())
        self.replies = list(replies)

    def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[Any]:
        return self.replies.pop(0)(thread)

    async def generate_title(self, thread: ThreadMetadata, message: UserMessageItem, context: Any) -> None:
        return None


class Chat:
    """One thread of a `TinyServer`; its ids and times are written as `<msg 1>` and `<time>`."""

    def __init__(self, *replies: Reply, store: MemoryStore[Any] | None = None) -> None:
        self.server = TinyServer(*replies, store=store)
        self.thread_id = ""
        self._names: dict[str, str] = {}

    async def send(self, text: str = "Hi") -> list[dict[str, Any]]:
        """Send a message; return the events of the reply, after the message itself and the stream options."""
        frames = await self.stream(text)
        said, options, *events = [json.loads(self._named(line[6:])) for line in frames.splitlines() if line]
        assert (said["type"], options["type"]) == ("thread.item.done", "stream_options")
        return events

    async def stream(self, text: str = "Hi", **options: bool) -> str:
        """Send a message; return all frames as they come."""
        await self.start()
        message = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
        params = {"thread_id": self.thread_id, "input": message}
        op = json.dumps({"type": "threads.add_user_message", "params": params})
        result = await self.server.process(op, CONTEXT, **options)
        return b"".join([frames async for frames in result]).decode()

    async def start(self) -> None:
        """Make the thread, if it is not there yet."""
        if not self.thread_id:
            result = await self.server.process('{"type": "threads.start"}', CONTEXT)
            self.thread_id = json.loads(result.json)["id"]

    async def items(self) -> list[ThreadItem]:
        """Return the stored items after the first message."""
        page = await self.server.store.load_thread_items(
            self.thread_id, after=None, limit=100, order="asc", context=CONTEXT
        )
        return page.data[1:]

    async def stored(self) -> list[dict[str, Any]]:
        """Return the same as the JSON of events has it."""
        return [json.loads(self._named(item.model_dump_json(exclude_none=True))) for item in await self.items()]

    async def thread(self) -> ThreadMetadata:
        return await self.server.store.load_thread(self.thread_id, context=CONTEXT)

    def _named(self, text: str) -> str:
        return _ID.sub(self._name, _TIME.sub(r'\1"<time>"', text))

    def _name(self, match: re.Match[str]) -> str:
        count = sum(name.startswith(f"<{match[1]} ") for name in self._names.values())
        return self._names.setdefault(match[0], f"<{match[1]} {count + 1}>")
