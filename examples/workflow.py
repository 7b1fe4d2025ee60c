# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples workflow:app
"""Work that the user can watch: a progress line, tasks that start and finish, then text with a source."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, reply
from chatkit_core.types import (
    Annotation,
    SearchTask,
    ThoughtTask,
    ThreadMetadata,
    ThreadStreamEvent,
    URLSource,
    UserMessageItem,
)
from chatkit_stores.sqlite import SQLiteStore

PAGE = URLSource(title="Server-sent events", url="https://html.spec.whatwg.org/multipage/server-sent-events.html")


async def answer() -> AsyncIterator[str | Annotation]:
    """Yield the answer as a model would: text, and now and then the source of what was just said."""
    yield "Events are separated "
    yield "by blank lines."
    yield Annotation(source=PAGE, index=36)


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        yield reply.progress("Thinking …", icon="sparkle")
        work = reply.Workflow("reasoning")
        yield work.start()
        yield work.add(ThoughtTask(content="I should look this up.", status_indicator="complete"))
        yield work.add(SearchTask(queries=["event stream format"], status_indicator="loading"))
        yield work.finish(sources=[PAGE])
        yield work.end()
        async for event in reply.text(answer()):
            yield event


app = Assistant(SQLiteStore("chat.db"))
