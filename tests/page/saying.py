"""An assistant that says what a test gives it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit_core import ChatServer, open_store
from chatkit_core.turn import current_turn
from chatkit_core.types import ThreadItem, ThreadItemDoneEvent, utc_now


class Saying(ChatServer[Any]):
    """Answers each message with what `says` yields; a list of `str` is enough for text."""

    def __init__(self, says: Callable[[], AsyncIterator[Any]] | list[str], **arguments: Any) -> None:
        super().__init__(open_store("memory://"), **arguments)
        self._says = says

    async def get_context(self, request: Any) -> Any:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
        if isinstance(self._says, list):
            for text in self._says:
                yield text
            return
        async for event in self._says():
            yield event


def done(kind: type[ThreadItem], **fields: Any) -> ThreadItemDoneEvent:
    """Return the event that puts an item of a type into the thread whose turn runs."""
    turn = current_turn()
    return ThreadItemDoneEvent(
        item=kind(id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), **fields)
    )


class Gated(ChatServer[Any]):
    """Says a word each time that the gate lets it."""

    def __init__(self) -> None:
        super().__init__(open_store("memory://"))
        self.gate: asyncio.Queue[str | None] = asyncio.Queue()

    async def get_context(self, request: Any) -> Any:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[str]:
        while (word := await self.gate.get()) is not None:
            yield word

    def let(self, *words: str | None) -> None:
        for word in words:
            self.gate.put_nowait(word)
