"""What is checked of an op that starts a turn before its request is answered, and how its opening is made."""

import logging
from typing import Any, assert_never

from chatkit_core.engine.answers import StructuredAnswer, ToolOutput
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.openings import (
    CustomAction,
    NewThread,
    Opening,
    Retry,
    UserMessage,
    check_active,
)
from chatkit_core.errors import InvalidRequestError, NotFoundError, NotSupportedError
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.types import (
    Attachment,
    StreamingReq,
    ThreadMetadata,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    UserMessageInput,
    UserMessageItem,
    WidgetItem,
)
from chatkit_core.types.times import utc_now

_log = logging.getLogger("chatkit_core")


class Checks:
    """Turns ops into openings."""

    def __init__(self, hooks: Hooks[Any], store: Store[Any], attachments: AttachmentStore[Any] | None) -> None:
        self._hooks = hooks
        self._store = store
        self._attachments = attachments

    async def opening(self, op: StreamingReq, context: Any) -> Opening:
        """Return how the turn begins.

        Raises:
            NotFoundError, ConflictError, InvalidRequestError, NotSupportedError: as the op deserves.
        """
        match op:
            case ThreadsCreateReq():
                return await self._new_thread(op, context)
            case ThreadsAddUserMessageReq():
                return await self._user_message(op, context)
            case ThreadsAddClientToolOutputReq():
                return await self._tool_output(op, context)
            case ThreadsAddStructuredInputReq():
                return await self._structured_answer(op, context)
            case ThreadsRetryAfterItemReq():
                return await self._retry(op, context)
            case ThreadsCustomActionReq():
                return await self._custom_action(op, context)
            case _:
                assert_never(op)

    async def sender(self, thread_id: str, item_id: str | None, context: Any) -> WidgetItem | None:
        """Return the widget that an action comes from."""
        if item_id is None:
            return None
        item = await self._store.load_item(thread_id, item_id, context=context)
        if not isinstance(item, WidgetItem):
            raise InvalidRequestError("params.item_id", "is not a widget")
        return item

    async def _new_thread(self, op: ThreadsCreateReq, context: Any) -> Opening:
        thread = ThreadMetadata(id=self._store.generate_thread_id(context), created_at=utc_now())
        message = await self._message(op.params.input, thread, context)
        return NewThread(self._hooks, self._store, thread, context, message)

    async def _user_message(self, op: ThreadsAddUserMessageReq, context: Any) -> Opening:
        thread = await self._active_thread(op.params.thread_id, context)
        message = await self._message(op.params.input, thread, context)
        return UserMessage(self._hooks, self._store, thread, context, message)

    async def _tool_output(self, op: ThreadsAddClientToolOutputReq, context: Any) -> Opening:
        thread = await self._store.load_thread(op.params.thread_id, context=context)
        return ToolOutput(self._hooks, self._store, thread, context, op.params.item_id, op.params.result)

    async def _structured_answer(self, op: ThreadsAddStructuredInputReq, context: Any) -> Opening:
        thread = await self._active_thread(op.params.thread_id, context)
        return StructuredAnswer(self._hooks, self._store, thread, context, op.params.item_id, op.params.input)

    async def _retry(self, op: ThreadsRetryAfterItemReq, context: Any) -> Opening:
        thread = await self._active_thread(op.params.thread_id, context)
        item = await self._store.load_item(thread.id, op.params.item_id, context=context)
        if not isinstance(item, UserMessageItem):
            raise InvalidRequestError("params.item_id", "is not a user message")
        return Retry(self._hooks, self._store, thread, context, item)

    async def _custom_action(self, op: ThreadsCustomActionReq, context: Any) -> Opening:
        if type(self._hooks).action is Hooks.action:
            raise NotSupportedError("action", "Override action().")
        thread = await self._store.load_thread(op.params.thread_id, context=context)
        sender = await self.sender(thread.id, op.params.item_id, context)
        return CustomAction(self._hooks, self._store, thread, context, op.params.action, sender)

    async def _active_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        thread = await self._store.load_thread(thread_id, context=context)
        check_active(thread)
        return thread

    async def _message(self, input: UserMessageInput, thread: ThreadMetadata, context: Any) -> UserMessageItem:
        return UserMessageItem(
            id=self._store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=utc_now(),
            content=input.content,
            attachments=[await self._attachment(id, thread.id, context) for id in input.attachments],
            quoted_text=input.quoted_text,
            inference_options=input.inference_options,
        )

    async def _attachment(self, attachment_id: str, thread_id: str, context: Any) -> Attachment:
        try:
            attachment = await self._store.load_attachment(attachment_id, context=context)
        except NotFoundError:
            raise NotFoundError("attachment", attachment_id) from None
        if self._attachments is None:
            return attachment.model_copy(update={"thread_id": thread_id})
        return await self._attachments.attach(attachment, thread_id, context)
