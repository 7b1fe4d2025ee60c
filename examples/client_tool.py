# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples client_tool:app
"""A tool that only the page has: the page runs it, and the reply goes on with what it returned."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.types import ClientToolCallItem, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        if message is not None:
            yield "Let me look at your basket."
            yield reply.client_tool_call("read_basket", {"currency": "EUR"})
            return  # and `respond` runs again, without a message, when the page has sent the output

        [call] = current_turn().answered
        assert isinstance(call, ClientToolCallItem)
        match call.output:  # it comes from the client, so it may be anything
            case {"items": list(items)}:
                yield f"You have {len(items)} things in your basket."
            case _:
                yield "I cannot see your basket."


app = Assistant(SQLiteStore("chat.db"))
