"""From an op to its answer: a JSON object, or a turn to read from."""

import base64
import binascii
import functools
from collections.abc import Callable
from typing import Any, assert_never

from pydantic import BaseModel

from chatkit_core.engine.checks import Checks
from chatkit_core.engine.encoding import thread_response, to_json
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.listing import DEFAULT_PAGE_SIZE, page_size, visible_items
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.own_ops import answer_own
from chatkit_core.engine.parse import ops_adapter
from chatkit_core.engine.runner import Runner
from chatkit_core.errors import InvalidRequestError, NotFoundError, NotSupportedError
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import TurnLog
from chatkit_core.types import (
    AnyReq,
    Attachment,
    AttachmentCreateParams,
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    AudioInput,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    NonStreamingReq,
    OwnReq,
    Page,
    StreamingReq,
    Thread,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    build_models,
)

NO_CONTENT = b"{}"


class Engine:
    """Answers ops."""

    def __init__(
        self, hooks: Hooks[Any], store: Store[Any], attachments: AttachmentStore[Any] | None, log: TurnLog
    ) -> None:
        build_models()
        ops_adapter()
        self.runner = Runner(hooks, store, attachments, log)
        self._hooks = hooks
        self._store = store
        self._attachments = attachments
        self._checks = Checks(hooks, store, attachments)

    async def answer(self, op: AnyReq, context: Any) -> bytes | LiveTurn:
        """Return the JSON that answers the op, or the turn that it started.

        Raises:
            ChatKitError: the op cannot be done; nothing has changed.
        """
        if isinstance(op, StreamingReq):
            return await self._start(op, context)
        if isinstance(op, OwnReq):
            return to_json(thread_response(await answer_own(op, self._store, context)))
        answer = await self._answer(op, context)
        return NO_CONTENT if answer is None else to_json(answer)

    def when_connection_closes(self, turn: LiveTurn, *, turns: bool) -> Callable[[], None]:
        """Return what is called when the connection closes that a turn came by.

        Args:
            turns: whether the client knows turns; then nothing happens to this one.
        """
        return (lambda: None) if turns else functools.partial(self.runner.disconnected, turn)

    async def _start(self, op: StreamingReq, context: Any) -> LiveTurn:
        retry = isinstance(op, ThreadsRetryAfterItemReq)
        self.runner.admit(None if retry else getattr(op.params, "thread_id", None))
        opening = await self._checks.opening(op, context)
        return await self.runner.start(opening, to_json(op), supersede=retry)

    async def _answer(self, op: NonStreamingReq, context: Any) -> BaseModel | None:
        match op:
            case ThreadsGetByIdReq():
                return await self._thread(op, context)
            case ThreadsListReq():
                return await self._threads(op, context)
            case ThreadsUpdateReq():
                changes = {"title": op.params.title}
                return thread_response(await self._store.update_thread(op.params.thread_id, changes, context=context))
            case ThreadsDeleteReq():
                await self._delete_thread(op, context)
            case ThreadsSyncCustomActionReq():
                thread = await self._store.load_thread(op.params.thread_id, context=context)
                sender = await self._checks.sender(thread.id, op.params.item_id, context)
                return await self._hooks.sync_action(thread, op.params.action, sender, context)
            case ItemsListReq():
                return await self._items(op, context)
            case ItemsFeedbackReq():
                await self._feedback(op, context)
            case AttachmentsCreateReq():
                return await self._create_attachment(op.params, context)
            case AttachmentsDeleteReq():
                await self._delete_attachment(op.params.attachment_id, context)
            case InputTranscribeReq():
                return await self._hooks.transcribe(_audio(op), context)
            case _:
                assert_never(op)
        return None

    async def _thread(self, op: ThreadsGetByIdReq, context: Any) -> Thread:
        thread = await self._store.load_thread(op.params.thread_id, context=context)
        page = await visible_items(
            self._store,
            self._attachments,
            thread.id,
            after=None,
            limit=DEFAULT_PAGE_SIZE,
            order="desc",
            context=context,
        )
        return thread_response(thread, page.model_copy(update={"data": page.data[::-1]}))

    async def _threads(self, op: ThreadsListReq, context: Any) -> BaseModel:
        params = op.params
        page = await self._store.search(
            params.query,
            archived=bool(params.archived),
            limit=page_size(params.limit),
            after=params.after,
            order=params.order,
            context=context,
        )
        data = [thread_response(thread) for thread in page.data]
        return Page[Thread](data=data, has_more=page.has_more, after=page.after)

    async def _items(self, op: ItemsListReq, context: Any) -> BaseModel:
        params = op.params
        return await visible_items(
            self._store,
            self._attachments,
            params.thread_id,
            after=params.after,
            limit=page_size(params.limit),
            order=params.order,
            context=context,
        )

    async def _delete_thread(self, op: ThreadsDeleteReq, context: Any) -> None:
        thread_id = op.params.thread_id
        try:
            await self._store.load_thread(thread_id, context=context)
        except NotFoundError:
            return
        await self.runner.delete_thread(thread_id)
        attachments = await self._store.thread_attachments(thread_id, context=context)
        await self._store.delete_thread(thread_id, context=context)
        for attachment in attachments:
            await self._delete_bytes(attachment.id, context)
            await self._store.delete_attachment(attachment.id, context=context)

    async def _feedback(self, op: ItemsFeedbackReq, context: Any) -> None:
        params = op.params
        for item_id in params.item_ids:
            await self._store.load_item(params.thread_id, item_id, context=context)
        await self._hooks.add_feedback(params.thread_id, params.item_ids, params.kind, context)

    async def _create_attachment(self, params: AttachmentCreateParams, context: Any) -> Attachment:
        attachments = self._attachment_store()
        attachment = await attachments.create_attachment(params, context)
        try:
            await self._store.save_attachment(attachment, context=context)
        except BaseException:
            await attachments.discard([attachment.id])
            raise
        return attachment

    async def _delete_attachment(self, attachment_id: str, context: Any) -> None:
        self._attachment_store()
        try:
            await self._store.load_attachment(attachment_id, context=context)
        except NotFoundError:
            return
        await self._delete_bytes(attachment_id, context)
        await self._store.delete_attachment(attachment_id, context=context)

    async def _delete_bytes(self, attachment_id: str, context: Any) -> None:
        if self._attachments is not None:
            await self._attachments.delete_attachment(attachment_id, context=context)

    def _attachment_store(self) -> AttachmentStore[Any]:
        if self._attachments is None:
            raise NotSupportedError("attachments", "The server has no attachment store.")
        return self._attachments


def _audio(op: InputTranscribeReq) -> AudioInput:
    try:
        data = base64.b64decode(op.params.audio_base64, validate=True)
    except binascii.Error:
        raise InvalidRequestError("params.audio_base64", "is not base64") from None
    return AudioInput(data=data, mime_type=op.params.mime_type)
