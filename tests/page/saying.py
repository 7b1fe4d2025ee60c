"""An assistant that says what a test gives it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit_core import ChatServer, open_store


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
