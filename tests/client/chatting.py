"""What the tests of the client share: a server whose reply is a function, served by uvicorn, and a client of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from serving import serve
from starlette.requests import Request

from chatkit_core import ChatServer, current_turn
from chatkit_core.client import AsyncChatClient, RunEvent
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_stores.memory import MemoryStore

Reply = Callable[[str], AsyncIterator[Any]]


class Assistant(ChatServer[dict[str, str]]):
    """Answers with `reply`, which gets the message's text; also if it runs again because of an answer."""

    cancel_grace: ClassVar[float] = 2.0

    def __init__(self, reply: Reply, **stores: Any) -> None:
        super().__init__(MemoryStore(), **stores)
        self.reply = reply

    async def get_context(self, request: Request) -> dict[str, str]:
        return {"user_id": request.headers.get("x-user", "ada")}

    def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: dict[str, str]
    ) -> AsyncIterator[Any]:
        message = current_turn().message
        return self.reply(message.text if message else "")

    async def generate_title(self, thread: ThreadMetadata, message: UserMessageItem, context: dict[str, str]) -> None:
        return None


async def echo(text: str) -> AsyncIterator[str]:
    for word in f"You said: {text}".split(" "):
        yield word + " "


class Gate:
    """A reply that says "Once ", waits for `open`, and says "upon"."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def reply(self, text: str) -> AsyncIterator[str]:
        yield "Once "
        await self.open.wait()
        yield "upon"


@asynccontextmanager
async def chatting(reply: Reply = echo, **stores: Any) -> AsyncIterator[AsyncChatClient]:
    """Serve an assistant; yield a client of it."""
    async with (
        asyncio.timeout(20),
        serve(Assistant(reply, **stores)) as url,
        AsyncChatClient(url) as chat,
    ):
        yield chat


async def until(events: AsyncIterator[RunEvent], type: str) -> RunEvent:
    """Take events up to one of this type; return it."""
    async for event in events:
        if event.type == type:
            return event
    raise AssertionError(f"there is no {type}")


def said(events: list[RunEvent]) -> str:
    """Return what the deltas say together."""
    return "".join(event.delta for event in events if event.type == "agent_message_delta")


def types(events: list[RunEvent]) -> list[str]:
    """Return the events' types; several of a kind in a row count as one."""
    kinds: list[str] = []
    for event in events:
        if kinds[-1:] != [event.type]:
            kinds.append(event.type)
    return kinds
