"""Features of the page and the thread around the conversation."""

from collections.abc import AsyncIterator
from typing import Literal

from chatkit_core import reply
from chatkit_core.actions import Action
from chatkit_core.types import (
    ClientEffectEvent,
    LockedStatus,
    NoticeEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)
from chatkit_core.widgets import Button, Caption, Card

Unlock = Action[Literal["demo.unlock"], None]


async def notice(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """A notice, which is not part of the thread."""
    yield NoticeEvent(level="info", title="Notice", message="You have **3** free messages left today.")
    yield "Do you see the notice? It is gone when you reload."


async def effect(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """Something that the page does, such as confetti."""
    yield ClientEffectEvent(name="confetti", data={"pieces": 100})
    yield "Your page was told to throw confetti."


async def title(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """A title for this thread: say it after the word, as in *title My trip*."""
    thread.title = message.text.partition("title")[2].strip() or "A thread with a title"
    yield f"This thread is called “{thread.title}” from now on."


async def lock(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A thread that takes no messages, until you press the button."""
    card = Card(children=[Button(label="Unlock", onClickAction=Unlock.create(None, streaming=False))])
    async for event in reply.widget(card):
        yield event
    thread.status = LockedStatus(reason="You asked for it. Press the button to go on.")


def unlocked(sender: WidgetItem) -> WidgetItem:
    """Return the widget without its button."""
    return sender.model_copy(update={"widget": Card(children=[Caption(value="This thread takes messages again.")])})
