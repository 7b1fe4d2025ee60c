"""How a turn begins: one class for each op that starts one.

The constructor takes what was checked before the request was answered. `enter` runs when the turn starts, which may be
later, when it had to wait; then the stream options are said, `begin` runs, and `answer` is what the app yields.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from chatkit_core.actions import Action
from chatkit_core.engine.encoding import thread_response
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.questions import answered, find_structured_input, find_tool_call, pending_questions, superseded
from chatkit_core.errors import ThreadNotActiveError
from chatkit_core.store import Store
from chatkit_core.types import (
    ActiveStatus,
    StructuredInputSubmission,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)

Answer = AsyncIterator[ThreadStreamEvent | str]


def check_active(thread: ThreadMetadata) -> None:
    """Check that the thread takes messages.

    Raises:
        ThreadNotActiveError: it is locked or closed.
    """
    if not isinstance(thread.status, ActiveStatus):
        raise ThreadNotActiveError(thread.id, thread.status.type, thread.status.reason)


class Opening(ABC):
    """What starts a turn.

    Args:
        thread: the thread as it was when the request came.
        context: the request's.
    """

    op: str
    needs_active_thread = False
    """Whether the thread must be active when the turn starts, not only when the op came."""

    def __init__(self, hooks: Hooks[Any], store: Store[Any], thread: ThreadMetadata, context: Any) -> None:
        self.hooks = hooks
        self.store = store
        self.thread = thread
        self.context = context

    async def prepare(self) -> None:
        """Write what must be there before the request is answered."""

    async def enter(self, pipeline: Pipeline) -> None:
        """Bring to the thread what the op brings, and say so, before the stream options are said."""

    async def begin(self, pipeline: Pipeline) -> None:
        """The same, after the stream options are said."""

    @property
    def is_answered(self) -> bool:
        """Whether the app is asked for an answer now."""
        return True

    @abstractmethod
    def answer(self, thread: ThreadMetadata) -> Answer:
        """Return the app's answer."""

    async def title(self, thread: ThreadMetadata) -> str | None:
        """Return the title that the thread gets at the end of the turn if it has none."""
        return None

    async def undo(self, pipeline: Pipeline) -> None:
        """Put back what `enter` took away; called when the turn ends without an item done."""

    async def keep(self, pipeline: Pipeline) -> None:
        """Save what the user brought, though the turn will never run."""


class UserMessage(Opening):
    """`threads.add_user_message`: the message enters the thread, and is answered."""

    op = "threads.add_user_message"
    needs_active_thread = True

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        message: UserMessageItem,
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self.message = message

    async def enter(self, pipeline: Pipeline) -> None:
        for question in await pending_questions(self.store, self.thread.id, self.context):
            await pipeline.replaced(superseded(question))
        await self._add_message(pipeline)

    async def keep(self, pipeline: Pipeline) -> None:
        await self.enter(pipeline)

    async def _add_message(self, pipeline: Pipeline) -> None:
        for attachment in self.message.attachments:
            await self.store.save_attachment(attachment, context=self.context)
        await pipeline.done(self.message)

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, self.message, self.context)

    async def title(self, thread: ThreadMetadata) -> str | None:
        page = await self.store.load_thread_items(thread.id, after=None, limit=1, order="asc", context=self.context)
        if [item.id for item in page.data] != [self.message.id]:
            return None
        return await self.hooks.generate_title(thread, self.message, self.context)


class NewThread(UserMessage):
    """`threads.create`: the same in a new thread."""

    op = "threads.create"

    async def prepare(self) -> None:
        await self.store.save_thread(self.thread, context=self.context)

    async def enter(self, pipeline: Pipeline) -> None:
        pipeline.say(ThreadCreatedEvent(thread=thread_response(self.thread)))
        await self._add_message(pipeline)

    async def title(self, thread: ThreadMetadata) -> str | None:
        return await self.hooks.generate_title(thread, self.message, self.context)


class ToolOutput(Opening):
    """`threads.add_client_tool_output`: the call gets its output, and the app goes on once no other is pending.

    The output is saved before the request is answered, however long the turn has to wait: so the first one wins.
    """

    op = "threads.add_client_tool_output"

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        item_id: str | None,
        output: Any,
        lock: asyncio.Lock,
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self._item_id = item_id
        self._output = output
        self._lock = lock

    async def prepare(self) -> None:
        async with self._lock:
            call, self._others_pending = await find_tool_call(self.store, self.thread.id, self._item_id, self.context)
            self._call = call.model_copy(update={"output": self._output, "status": "completed"})
            await self.store.save_item(self.thread.id, self._call, context=self.context)

    async def begin(self, pipeline: Pipeline) -> None:
        await pipeline.replaced(self._call)

    @property
    def is_answered(self) -> bool:
        return not self._others_pending

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, None, self.context)


class StructuredAnswer(Opening):
    """`threads.add_structured_input`: the item gets its answers, and the app goes on.

    The answers are saved before the request is answered, as a tool's output is.
    """

    op = "threads.add_structured_input"
    needs_active_thread = True

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        item_id: str,
        submission: StructuredInputSubmission,
        lock: asyncio.Lock,
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self._item_id = item_id
        self._submission = submission
        self._lock = lock

    async def prepare(self) -> None:
        async with self._lock:
            item = await find_structured_input(self.store, self.thread.id, self._item_id, self.context)
            self._item = answered(item, self._submission)
            await self.store.save_item(self.thread.id, self._item, context=self.context)

    async def begin(self, pipeline: Pipeline) -> None:
        await pipeline.replaced(self._item)

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, None, self.context)


class Retry(UserMessage):
    """`threads.retry_after_item`: what came after the message is set aside, and the message is answered again."""

    op = "threads.retry_after_item"

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        message: UserMessageItem,
    ) -> None:
        super().__init__(hooks, store, thread, context, message)
        self._set_aside: list[ThreadItem] = []

    async def enter(self, pipeline: Pipeline) -> None:
        self._set_aside = await self.store.remove_items_after(self.thread.id, self.message.id, context=self.context)
        for item in self._set_aside:
            await pipeline.removed(item)

    async def undo(self, pipeline: Pipeline) -> None:
        for item in self._set_aside:
            await pipeline.done(item)

    async def keep(self, pipeline: Pipeline) -> None:
        pass


class CustomAction(Opening):
    """`threads.custom_action`: the app reacts to a widget, or to the page."""

    op = "threads.custom_action"

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        action: Action[str, Any],
        sender: WidgetItem | None,
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self._action = action
        self._sender = sender

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.action(thread, self._action, self._sender, self.context)
