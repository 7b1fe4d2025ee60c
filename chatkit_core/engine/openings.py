"""How a turn begins: one class for each op that starts one.

The constructor takes what was checked before the request was answered. `announce` and `enter` run when the turn starts,
which may be later, when it had to wait; then the stream options are said, `begin` runs, and `answer` is what the app
yields.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from chatkit_core.actions import Action
from chatkit_core.engine.encoding import thread_response
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.questions import (
    items_after,
    pending_questions,
    superseded,
)
from chatkit_core.engine.turn_state import TurnState
from chatkit_core.errors import NotFoundError, ThreadNotActiveError
from chatkit_core.store import Store
from chatkit_core.types import (
    ActiveStatus,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemReplacedEvent,
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
    supersedes = False
    """Whether it ends the thread's turns that wait for an answer; else it runs beside them."""
    makes_thread = False
    """Whether the thread is new, so that nobody can have changed it."""

    def __init__(self, hooks: Hooks[Any], store: Store[Any], thread: ThreadMetadata, context: Any) -> None:
        self.hooks = hooks
        self.store = store
        self.thread = thread
        self.context = context
        self.state = TurnState()
        """The engine's notes on the turn."""
        self.begun = False
        """Whether it has brought to the thread what the op brings."""
        self.closes: list[str] = []
        """The questions of the turns that it supersedes."""

    async def prepare(self) -> None:
        """Write what must be there before the request is answered."""

    def announce(self, pipeline: Pipeline) -> None:
        """Say what was written before the request was answered."""

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
        """Return the title that the thread gets at the end of the turn if it has none: of its first message."""
        message = self.state.message
        if message is None:
            return None
        page = await self.store.load_thread_items(thread.id, after=None, limit=1, order="asc", context=self.context)
        if [item.id for item in page.data] != [message.id]:
            return None
        return await self.hooks.generate_title(thread, message, self.context)

    async def undo(self, pipeline: Pipeline) -> None:
        """Put back what `enter` took away; called when the turn ends without an item done."""
        for item in self.state.set_aside:
            await pipeline.done(item)

    async def keep(self, pipeline: Pipeline) -> None:
        """Save what the user brought, though the turn will never run."""

    async def withdraw(self, pipeline: Pipeline) -> None:
        """Say what was done already, though the turn is cancelled before it has begun."""


class UserMessage(Opening):
    """`threads.add_user_message`: the message enters the thread, and is answered."""

    op = "threads.add_user_message"
    needs_active_thread = True
    supersedes = True

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
        self.state.message = message

    async def enter(self, pipeline: Pipeline) -> None:
        for id in self.closes:
            with suppress(NotFoundError):
                item = await self.store.load_item(self.thread.id, id, context=self.context)
                pipeline.say(ThreadItemReplacedEvent(item=item))
        for question in await pending_questions(self.store, self.thread.id, self.context):
            await pipeline.replaced(superseded(question))
        await self._add_message(pipeline)

    async def keep(self, pipeline: Pipeline) -> None:
        self.announce(pipeline)
        await self.enter(pipeline)

    async def _add_message(self, pipeline: Pipeline) -> None:
        for attachment in self.message.attachments:
            await self.store.save_attachment(attachment, context=self.context)
        await pipeline.done(self.message)

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, self.message, self.context)


class NewThread(UserMessage):
    """`threads.create`: the same in a new thread."""

    op = "threads.create"
    makes_thread = True

    async def prepare(self) -> None:
        await self.store.save_thread(self.thread, context=self.context)

    def announce(self, pipeline: Pipeline) -> None:
        pipeline.say(ThreadCreatedEvent(thread=thread_response(self.thread)))

    async def enter(self, pipeline: Pipeline) -> None:
        await self._add_message(pipeline)


class Retry(UserMessage):
    """`threads.retry_after_item`: what came after the message is set aside, and the message is answered again."""

    op = "threads.retry_after_item"

    async def enter(self, pipeline: Pipeline) -> None:
        await self._note(await items_after(self.store, self.thread.id, self.message.id, self.context), pipeline)
        removed = await self.store.remove_items_after(self.thread.id, self.message.id, context=self.context)
        if removed != self.state.set_aside:
            await self._note(removed, pipeline)
        for item in removed:
            await pipeline.removed(item)

    async def _note(self, items: list[ThreadItem], pipeline: Pipeline) -> None:
        self.state.set_aside = items
        await pipeline.save_state()

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


class Recovered(Opening):
    """A turn whose process is gone: it is only brought to its end."""

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        op: str,
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self.op = op

    async def keep(self, pipeline: Pipeline) -> None:
        message = self.state.message
        if message is None or self.op not in (UserMessage.op, NewThread.op):
            return
        try:
            await self.store.load_item(self.thread.id, message.id, context=self.context)
        except NotFoundError:
            await pipeline.done(message)

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, None, self.context)
