"""What the tests of the server share: a server whose hooks are plain functions, and a client of it without HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import httpx2
from serving import serve
from starlette.requests import Request

from chatkit_core import ChatServer, current_turn, sse
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.store import Store
from chatkit_core.turn_log import TurnQuery
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    UserMessageItem,
    utc_now,
)
from chatkit_stores.memory import MemoryStore

Context = dict[str, str]
Answer = AsyncIterator[Any]
Respond = Callable[[ThreadMetadata, UserMessageItem | None], Any]
Event = dict[str, Any]
ADA: Context = {"user_id": "ada"}
DELTA = "assistant_message.content_part.text_delta"
JSON = {"Content-Type": "application/json"}


class Assistant(ChatServer[Context]):
    """Answers with `self.reply`, which a test may exchange from message to message."""

    cancel_grace: ClassVar[float] = 5.0

    def __init__(self, reply: Respond, store: Store[Any] | None = None, **stores: Any) -> None:
        super().__init__(MemoryStore() if store is None else store, **stores)
        self.reply = reply

    async def get_context(self, request: Request) -> Context:
        return {"user_id": request.headers.get("x-user", "ada")}

    def respond(self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context) -> Any:
        return self.reply(thread, input_user_message)


class Stream:
    """A turn as its client sees it."""

    def __init__(self, frames: AsyncIterator[bytes], close: Callable[[], Any]) -> None:
        self._frames = frames
        self._decoder = sse.Decoder()
        self._ready: list[Event] = []
        self.seen: list[Event] = []
        self.close = close
        """Close the connection."""

    async def until(self, type: str) -> Event:
        """Read on to the next event of this type, and return it."""
        while True:
            while self._ready:
                event = self._ready.pop(0)
                self.seen.append(event)
                if event["type"] == type or event.get("update", {}).get("type") == type:
                    return event
            chunk = await anext(self._frames)
            self._ready += [json.loads(event.data) for event in self._decoder.feed(chunk)]

    async def rest(self) -> list[Event]:
        """Read to the end, and return all that was read since the beginning."""
        async with asyncio.timeout(10):
            try:
                while True:
                    await self.until("the end")
            except StopAsyncIteration:
                return self.seen


class Talk:
    """A user of a server: sends ops, without HTTP."""

    def __init__(self, server: ChatServer[Any], user: str = "ada") -> None:
        self.server = server
        self.context: Context = {"user_id": user}
        self.thread_id = ""

    async def start(self, op: str, *, turns: bool = False, **params: Any) -> Stream:
        """Send an op that starts a turn; return its stream."""
        request = json.dumps({"type": op, "params": params})
        result = await self.server.process(request, self.context, turns=turns)
        assert isinstance(result, StreamingResult)
        return Stream(aiter(result.json_events), result.json_events.aclose)

    async def ask(self, op: str, **params: Any) -> Any:
        """Send an op that is answered with JSON; return the answer."""
        result = await self.server.process(json.dumps({"type": op, "params": params}), self.context)
        assert isinstance(result, NonStreamingResult)
        return json.loads(result.json)

    async def create(self, text: str = "Hi", **options: Any) -> Stream:
        """Begin a thread with a message; return the stream once the thread is there."""
        stream = await self.start("threads.create", input=message(text), **options)
        self.thread_id = (await stream.until("thread.created"))["thread"]["id"]
        return stream

    async def say(self, text: str = "Hi", **options: Any) -> Stream:
        """Add a message to the thread."""
        return await self.start("threads.add_user_message", thread_id=self.thread_id, input=message(text), **options)

    async def items(self) -> list[Event]:
        """Return the thread's items, oldest first, as clients see them."""
        page = await self.ask("items.list", thread_id=self.thread_id, order="asc", limit=100)
        assert not page["has_more"]
        return list(page["data"])

    async def texts(self) -> list[str]:
        """Return what was said, oldest first."""
        return [text_of(item) for item in await self.items()]

    async def stored(self) -> list[Any]:
        """Return the thread's items, oldest first, as the store has them; hidden ones too."""
        page = await self.server.store.load_thread_items(
            self.thread_id, after=None, limit=100, order="asc", context=self.context
        )
        return page.data

    async def turns(self) -> list[Any]:
        """Return the thread's turns as the log has them, oldest first."""
        query = TurnQuery(self.context["user_id"], self.thread_id)
        return [record.turn for record in await self.server.turn_log.list_turns(query, limit=100, order="asc")]


@asynccontextmanager
async def talking(server: ChatServer[Any]) -> AsyncIterator[Talk]:
    """Open a server, and in the end close it."""
    async with asyncio.timeout(30), server.lifespan():
        yield Talk(server)


@asynccontextmanager
async def over_http(server: ChatServer[Any], **config: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve it by uvicorn; yield a client."""
    async with (
        asyncio.timeout(30),
        serve(server, **config) as url,
        httpx2.AsyncClient(base_url=url, headers=JSON, timeout=20) as client,
    ):
        yield client


def op(type: str, **params: Any) -> dict[str, Any]:
    return {"type": type, "params": params}


def message(text: str, **input: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}} | input


def text_of(item: Event) -> str:
    return "".join(part["text"] for part in item["content"]) if "content" in item else f"<{item['type']}>"


def types(events: list[Event]) -> list[str]:
    """Return the events' types; of item updates the update's."""
    return [event.get("update", event)["type"] for event in events]


def said(events: list[Event]) -> list[Event]:
    """Return the events with the text deltas of one place as one, since who comes late gets them merged."""
    merged: list[Event] = []
    for event in events:
        before = merged[-1] if merged else {}
        if "delta" in before.get("update", {}) and "delta" in event.get("update", {}):
            delta = before["update"]["delta"] + event["update"]["delta"]
            merged[-1] = event | {"update": event["update"] | {"delta": delta}}
        else:
            merged.append(event)
    return merged


def events_of(body: bytes) -> list[Event]:
    return [json.loads(event.data) for event in sse.Decoder().feed(body)]


def assistant_message(text: str = "", *, id: str | None = None) -> AssistantMessageItem:
    turn = current_turn()
    return AssistantMessageItem(
        id=id or turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=utc_now(),
        content=[AssistantMessageContent(text=text)] if text else [],
    )


def added(item: Any) -> ThreadItemAddedEvent:
    return ThreadItemAddedEvent(item=item)


def done(item: Any) -> ThreadItemDoneEvent:
    return ThreadItemDoneEvent(item=item)


def delta(item_id: str, text: str) -> ThreadItemUpdatedEvent:
    update = AssistantMessageContentPartTextDelta(content_index=0, delta=text)
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)


def saying(*words: str) -> Respond:
    """Return a reply of these words."""

    async def reply(thread: ThreadMetadata, message: UserMessageItem | None) -> Answer:
        for word in words:
            yield word

    return reply


class Gate:
    """Holds a reply between its first word and its last: `reply` says "Once ", waits for `open`, and says "upon"."""

    def __init__(self, first: str = "Once ", last: str = "upon") -> None:
        self.open = asyncio.Event()
        self.left = asyncio.Event()
        """Set when the reply has ended, however."""
        self._first, self._last = first, last

    async def reply(self, thread: ThreadMetadata, message: UserMessageItem | None) -> Answer:
        try:
            yield self._first
            await self.open.wait()
            yield self._last
        finally:
            self.left.set()
