"""Features of text: it streams, carries sources, fails, and has notes that only a model reads."""

import asyncio
import re
from collections.abc import AsyncIterator

from chatkit_core import reply
from chatkit_core.errors import CustomStreamError
from chatkit_core.types import (
    Annotation,
    EntitySource,
    FileSource,
    ThreadMetadata,
    ThreadStreamEvent,
    URLSource,
    UserMessageItem,
)

PACE = 0.03
"""Seconds between two words, about as fast as a model writes."""


async def words(text: str, pace: float = PACE) -> AsyncIterator[str]:
    """Yield the text word by word."""
    for word in re.findall(r"\s*\S+", text):
        yield word
        await asyncio.sleep(pace)


async def echo(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """What you said."""
    quoted = f", about “{message.quoted_text}”" if message.quoted_text else ""
    async for word in words(f"You said{quoted}: {message.text}"):
        yield word
    async for word in words("\n\nSay help to see what else I can do."):
        yield word


async def slow(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """Half a minute of text: time to stop it, to reload, or to write another message."""
    for second in range(30, 0, -1):
        yield f"{second} … "
        await asyncio.sleep(1)
    yield "done."


async def sources(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """Text with annotations: a web page, a file, and an entity of the app's own."""
    web = URLSource(title="Server-sent events", url="https://html.spec.whatwg.org/multipage/server-sent-events.html")
    file = FileSource(title="Design notes", filename="design.pdf", description="Page 3")
    entity = EntitySource(title="Ada Lovelace", id="person_1", icon="user", data={"born": 1815})

    async def annotated() -> AsyncIterator[str | Annotation]:
        text = ""
        for phrase, source in [("Events stream", web), (" as the notes say", file), (" that Ada wrote.", entity)]:
            async for word in words(phrase):
                text += word
                yield word
            yield Annotation(source=source, index=len(text))

    async for event in reply.text(annotated()):
        yield event


async def options(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """The model and the tool that you picked in the composer."""
    picked = message.inference_options
    tool = picked.tool_choice.id if picked.tool_choice else "none"
    yield f"Model: {picked.model or 'none'}. Tool: {tool}."


async def hidden(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """A note in the thread that a model would read, and no client sees."""
    yield reply.hidden({"mood": "curious"})
    yield "There is a note above this line, and you cannot see it."


async def error(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """A reply that fails half-way; what it said until then is kept."""
    async for word in words("Everything goes well until"):
        yield word
    raise CustomStreamError("This is the error that you asked for.", allow_retry=True)
