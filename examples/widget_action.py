# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples widget_action:app
"""A widget whose text streams in, with a button whose action the server answers."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel

from chatkit_core import ChatServer, reply
from chatkit_core.actions import Action
from chatkit_core.types import (
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)
from chatkit_core.widgets import Button, Card, Text
from chatkit_stores.sqlite import SQLiteStore


class Draft(BaseModel):
    """What the button sends back."""

    to: str


SendDraft = Action[Literal["draft.send"], Draft]


async def drafting(to: str) -> AsyncIterator[Card]:
    """Yield the card as it is after each word: the client gets what was added, not the whole card again."""
    written = ""
    yield Card(children=[Text(id="draft", value=written, streaming=True)])
    for word in f"Dear {to}, see you at noon.".split(" "):
        written = f"{written} {word}".lstrip()
        yield Card(children=[Text(id="draft", value=written, streaming=True)])
    send = Button(label="Send", onClickAction=SendDraft.create(Draft(to=to)))
    yield Card(children=[Text(id="draft", value=written), send])


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        if message is None:
            return
        async for event in reply.widget(drafting(message.text)):
            yield event

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        if action.type != "draft.send" or sender is None:
            return
        draft = Draft.model_validate(action.payload)
        sent = Card(children=[Text(value=f"Sent to {draft.to}.")])
        yield ThreadItemReplacedEvent(item=sender.model_copy(update={"widget": sent}))
        yield "Your message is on its way."


app = Assistant(SQLiteStore("chat.db"))
