"""An assistant that says what a test gives it."""

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
