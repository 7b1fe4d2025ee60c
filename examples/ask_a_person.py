# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples ask_a_person:app
"""Questions in the middle of a reply: it waits for the answers, as long as that takes, also over a restart."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        if message is not None:  # not said twice, if this runs again after a restart, which is without a message
            yield "Two questions before I send that."
        to = await reply.ask("To whom?", key="to")
        if to.skipped:
            yield "Then I send nothing."
            return

        request = current_turn().message  # the message that the turn answers, also when this runs again
        assert request is not None
        mail = f"“{request.text}” to {to.text}"
        answer = await reply.ask(reply.approval(f"Send {mail}?", yes="Send", no="Leave it"), key="send")
        yield f"Sent {mail}." if answer.approved else "I have not sent it."


app = Assistant(SQLiteStore("chat.db"))
