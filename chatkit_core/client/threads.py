"""The threads of a server, and a handle for one of them."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from chatkit_core.client.events import RunEvent
from chatkit_core.client.inputs import Message
from chatkit_core.client.link import Link
from chatkit_core.client.ops import answer_op, busy, message_op, retry_op
from chatkit_core.client.results import RunResult
from chatkit_core.client.run import AsyncRun
from chatkit_core.client.subscriptions import Subscriptions
from chatkit_core.client.uploads import upload
from chatkit_core.types import (
    Attachment,
    FeedbackKind,
    Page,
    ThreadItem,
    ThreadMetadata,
    ThreadWithTurn,
    TurnMetadata,
)


class AsyncThreads:
    """`chat.threads`: make threads, find them, go on with them."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def start(self, key: str | None = None, title: str | None = None) -> "AsyncChatThread":
        """Make an empty thread.

        Args:
            key: the app's own name for it; the thread that has it already is returned, and none is made.
        """
        answer = await self._link.call("threads.start", key=key, title=title)
        return AsyncChatThread(self._link, ThreadMetadata.model_validate(answer))

    async def get_or_create(self, key: str, title: str | None = None) -> "AsyncChatThread":
        """Return the thread with this key, a new one if there is none."""
        return await self.start(key, title)

    async def resume(self, thread_id: str) -> "AsyncChatThread":
        """Go on with a thread.

        Raises:
            ThreadNotFoundError: there is none of this id.
        """
        answer = await self._link.call("threads.get_by_id", thread_id=thread_id)
        return AsyncChatThread(self._link, ThreadMetadata.model_validate(answer))

    async def list(
        self,
        *,
        query: str | None = None,
        archived: bool | None = None,
        limit: int | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
    ) -> Page[ThreadMetadata]:
        """Return a page of threads, newest first.

        Args:
            query: text that the title or a message contains.
            archived: true for the archived threads, else the others.
            limit: threads a page, 100 at most.
            order: `asc` for oldest first.
            after: the `after` of the page before.
        """
        page = await self._link.call(
            "threads.list", query=query, archived=archived, limit=limit, order=order, after=after
        )
        return Page[ThreadMetadata].model_validate(page)


class AsyncChatThread:
    """A thread: send messages, follow it, change it.

    Args:
        metadata: the thread as the server told it last.
    """

    def __init__(self, link: Link, metadata: ThreadMetadata) -> None:
        self._link = link
        self._subscriptions = Subscriptions(link, metadata.id)
        self.metadata = metadata

    @property
    def id(self) -> str:
        """The thread's id."""
        return self.metadata.id

    # Messages

    async def run(
        self,
        message: Message,
        *,
        sender: dict[str, Any] | None = None,
        enqueue_if_busy: bool = True,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> RunResult:
        """Send a message, and return what the turn has brought once it has ended, or waits for an answer.

        If the task that waits for this is cancelled, the turn is stopped.

        Args:
            message: a text, a list of parts, or `{"input": …, "sender": …}`.
            sender: who sends it, in the app's own words.
            enqueue_if_busy: whether it waits if the thread has a running turn; else it is refused.
            idempotency_key: the same key with the same message gives the same turn.
            timeout: seconds after which the turn is stopped.

        Raises:
            TurnFailedError, TurnCancelledError: the turn has ended so.
            TurnInProgressError: the thread is busy, and the message is not to wait.
            TimeoutError: the time is over.
        """
        run = self.run_streamed(
            message, sender=sender, enqueue_if_busy=enqueue_if_busy, idempotency_key=idempotency_key
        )
        return await run.complete(timeout)

    def run_streamed(
        self,
        message: Message,
        *,
        sender: dict[str, Any] | None = None,
        enqueue_if_busy: bool = True,
        idempotency_key: str | None = None,
    ) -> AsyncRun:
        """Return a run that sends a message once it is iterated or waited for, and yields the events of its turn.

        Args:
            message, sender, enqueue_if_busy, idempotency_key: as in `run`.
        """
        on_busy = busy(enqueue_if_busy)
        op = message_op(self.id, message, sender, on_busy=on_busy, idempotency_key=idempotency_key)
        return AsyncRun(self._link, op)

    async def enqueue(
        self, message: Message, *, sender: dict[str, Any] | None = None, idempotency_key: str | None = None
    ) -> str:
        """Send a message that is answered when those before it are; return the id of its turn at once."""
        async with self.run_streamed(message, sender=sender, idempotency_key=idempotency_key) as run:
            await run.start()
        assert run.turn_id is not None
        return run.turn_id

    async def interrupt(self, reason: str = "user") -> TurnMetadata | None:
        """Stop the turn that runs or waits; return it, None if there is none. Queued ones start then."""
        turn = (await self._load()).active_turn
        if turn is None:
            return None
        answer = await self._link.call("turns.cancel", turn_id=turn.id, reason=reason)
        return TurnMetadata.model_validate(answer)

    async def retry(self, item_id: str, *, timeout: float | None = None) -> RunResult:
        """Answer a message of the user anew, in place of all that came after it."""
        return await self.retry_streamed(item_id).complete(timeout)

    def retry_streamed(self, item_id: str) -> AsyncRun:
        """Do the same as a run to iterate over."""
        return AsyncRun(self._link, retry_op(self.id, item_id))

    async def answer(self, item_id: str, answer: Any, *, timeout: float | None = None) -> RunResult:
        """Answer what a turn waits for, and return what the turn brings then.

        Args:
            item_id: of a pending client tool call, or of a pending form.
            answer: the tool's output; for a form the answers by the id of the question: a text, a list of choices, or
                None to skip it; None skips the form.
        """
        return await (await self.answer_streamed(item_id, answer)).complete(timeout)

    async def answer_streamed(self, item_id: str, answer: Any) -> AsyncRun:
        """Do the same as a run to iterate over."""
        async for item in self.items(order="desc"):
            if item.id == item_id:
                return AsyncRun(self._link, answer_op(item, answer))
        raise LookupError(f"Thread {self.id!r} has no item {item_id!r}.")

    # What happens

    async def subscribe(self, on_event: Callable[[RunEvent], Any]) -> None:
        """Call a function with every event of the thread from now on, whoever causes it, until `unsubscribe`.

        Turns that are active are told from their start. The function may be async; events wait until it is done.
        """
        await self._subscriptions.add(on_event)

    async def unsubscribe(self, on_event: Callable[[RunEvent], Any]) -> None:
        """Call the function no more."""
        await self._subscriptions.remove(on_event)

    async def items(self, *, order: Literal["asc", "desc"] = "asc") -> AsyncIterator[ThreadItem]:
        """Yield the thread's items, page after page, oldest first."""
        after: str | None = None
        while True:
            answer = await self._link.call("items.list", thread_id=self.id, order=order, limit=100, after=after)
            page = Page[ThreadItem].model_validate(answer)
            for item in page.data:
                yield item
            if not page.has_more:
                return
            after = page.after

    async def active_turn(self) -> TurnMetadata | None:
        """Return the turn that runs, else one that waits, else one that is queued; None if there is none."""
        return (await self._load()).active_turn

    # Changes

    async def rename(self, title: str) -> None:
        """Give the thread a title."""
        await self._change("threads.update", title=title)

    async def archive(self) -> None:
        """Take the thread out of the list of threads."""
        await self._change("threads.archive")

    async def unarchive(self) -> None:
        """Bring the thread back into the list."""
        await self._change("threads.unarchive")

    async def set_mode(self, mode: str | None) -> None:
        """Set the mode that the assistant may go by; None for none."""
        await self._change("threads.set_mode", mode=mode)

    async def delete(self) -> None:
        """Delete the thread and all that belongs to it; its turns end."""
        await self._link.call("threads.delete", thread_id=self.id)

    async def feedback(self, item_ids: str | Sequence[str], kind: FeedbackKind) -> None:
        """Say what the user thinks of items."""
        ids = [item_ids] if isinstance(item_ids, str) else [*item_ids]
        await self._link.call("items.feedback", thread_id=self.id, item_ids=ids, kind=kind)

    async def upload(
        self, file: str | Path | bytes, *, name: str | None = None, mime_type: str | None = None
    ) -> Attachment:
        """Upload a file. The attachment is then a part of a message: `run(["Look at this:", attachment])`.

        Args:
            file: a path, or the bytes.
            name: the file's name as the user knows it; by default the path's.
            mime_type: by default what the name's ending stands for.
        """
        return await upload(self._link, file, name, mime_type)

    async def _change(self, type: str, **params: Any) -> None:
        answer = await self._link.call(type, thread_id=self.id, **params)
        self.metadata = ThreadMetadata.model_validate(answer)

    async def _load(self) -> ThreadWithTurn:
        return ThreadWithTurn.model_validate(await self._link.call("threads.get_by_id", thread_id=self.id))
