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


_MARKDOWN = """\
## What Markdown can do

Text may be **bold**, *italic*, ~~wrong~~, `code`, or [a link](https://example.com).

1. First, a list
2. with a second entry
   - and one below it

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"  # highlighted when the block is complete
```

| planet | moons | radius |
|:-------|------:|:------:|
| Earth | 1 | 6,371 km |
| Mars | 2 | 3,390 km |

> A quote, of somebody who said something.

Math stands in a line, as \\(e^{i\\pi} + 1 = 0\\), or by itself:

$$\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}$$

Nothing of this does anything: <script>alert(1)</script> [a script](javascript:alert(1))
![](https://example.com/tracker.png)
"""


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


async def markdown(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """Markdown: a list, code, a table, math, and what a page must not run."""
    async for word in words(_MARKDOWN):
        yield word


async def long(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """A hundred kilobytes as fast as they come."""
    for number in range(1, 251):
        yield f"## Section {number}\n\n"
        for _ in range(8):
            yield "Lorem ipsum dolor sit amet, consectetur **adipiscing** elit. "
        yield "\n\n"
        await asyncio.sleep(0.01)


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
