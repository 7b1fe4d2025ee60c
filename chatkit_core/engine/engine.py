"""From an op to its answer: a JSON object, or a stream to read."""

import asyncio
import base64
import binascii
from typing import Any, assert_never

from pydantic import BaseModel

from chatkit_core.engine.checks import Checks
from chatkit_core.engine.encoding import thread_response, to_json
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.keeper import Keeper
from chatkit_core.engine.listing import DEFAULT_PAGE_SIZE, page_size, visible_items
from chatkit_core.engine.own_ops import answer_own
from chatkit_core.engine.parse import ops_adapter
from chatkit_core.engine.runner import Runner
from chatkit_core.engine.starts import Starts
from chatkit_core.engine.streaming import NothingToFollow, Streaming, nothing_happens
from chatkit_core.engine.thread_changes import ThreadChanges
from chatkit_core.engine.turn_ops import PlainTurnReq, TurnOps
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
    Page,
    StreamingReq,
    SyncCustomActionResponse,
    Thread,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    ThreadUpdatedEvent,
    ThreadWithTurn,
    TurnFollowParams,
    TurnsFollowReq,
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
        self._turns = TurnOps(store, log, self.runner)
        self._starts = Starts(self.runner, self._checks, self._turns)
        self._keeper = Keeper(self.runner, log)
        self._keeping: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Take ops, for the first time or again after a shutdown; stores and log are open."""
        self.runner.open()
        self._keeping = asyncio.create_task(self._keeper.run())

    async def close(self) -> None:
        """End all turns."""
        await self.runner.close()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})

    async def answer(
        self, op: AnyReq, context: Any, *, turns: bool = False, key: str | None = None
    ) -> bytes | Streaming:
        """Return the answer to an op.

        Args:
            turns: whether the client knows turns: it gets cursors and `turn.*` events, and the turn does not end
                with its connection.
            key: the request's idempotency key, if the op has none.

        Raises:
            ChatKitError: the op cannot be done; nothing has changed.
        """
        if isinstance(op, StreamingReq):
            return await self._starts.start(op, context, turns=turns, key=key)
        if isinstance(op, TurnsFollowReq):
            return await self.follow(op.params, context) or _nothing(op.params.turn_id)
        if isinstance(op, PlainTurnReq):
            return to_json(await self._turns.answer(op, context))
        if isinstance(op, ThreadReq):
            thread = await answer_own(op, self._store, context)
            self._tell(thread)
            return to_json(thread_response(thread))
        answer = await self._answer(op, context, turns)
        return NO_CONTENT if answer is None else to_json(answer)

    async def follow(self, params: TurnFollowParams, context: Any) -> Streaming | None:
        """Return a stream of what follows a cursor; None if nothing does.

        Raises:
            ChatKitError: there is no such turn or thread, or it is purged, or the cursor is none.
        """
        match params:
            case TurnFollowParams(turn_id=str(turn_id), thread_id=None):
                follow = await self._turns.follow_turn(turn_id, params.after, context)
            case TurnFollowParams(turn_id=None, thread_id=str(thread_id)):
                follow = await self._turns.follow_thread(thread_id, params.after, params.wait, context)
            case _:
                raise InvalidRequestError("", "either turn_id or thread_id says what to follow")
        return None if follow is None else Streaming(follow, params.turn_id, nothing_happens)

    async def _answer(self, op: NonStreamingReq, context: Any, turns: bool) -> BaseModel | None:
        match op:
            case ThreadsGetByIdReq():
                return await self._thread(op, context, turns)
            case ThreadsListReq():
                return await self._threads(op, context)
            case ThreadsUpdateReq():
                changes = {"title": op.params.title}
                thread = await self._store.update_thread(op.params.thread_id, changes, context=context)
                self._tell(thread)
                return thread_response(thread)
            case ThreadsDeleteReq():
                await self._delete_thread(op, context)
            case ThreadsSyncCustomActionReq():
                thread = await self._store.load_thread(op.params.thread_id, context=context)
                return await self._sync_action(op, thread, context)
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

    async def _sync_action(
        self, op: ThreadsSyncCustomActionReq, thread: ThreadMetadata, context: Any
    ) -> SyncCustomActionResponse:
        sender = await self._checks.sender(thread.id, op.params.item_id, context)
        changes = ThreadChanges(thread)
        response = await self._hooks.sync_action(thread, op.params.action, sender, context)
        if changes.any():
            self._tell(await self._store.update_thread(thread.id, changes.take(), context=context))
        if response.updated_item is not None:
            self.runner.follows.tell(thread.id, ThreadItemReplacedEvent(item=response.updated_item))
        return response

    def _tell(self, thread: ThreadMetadata) -> None:
        """Tell those who follow the thread that it has changed outside of a turn."""
        self.runner.follows.tell(thread.id, ThreadUpdatedEvent(thread=thread_response(thread)))

    async def _thread(self, op: ThreadsGetByIdReq, context: Any, turns: bool) -> Thread:
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
        response = thread_response(thread, page.model_copy(update={"data": page.data[::-1]}))
        if not turns:
            return response
        return ThreadWithTurn(**dict(response), active_turn=await self._turns.active_turn(thread.id))

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
            await self.runner.delete_thread(thread_id)
            attachments = await self._store.thread_attachments(thread_id, context=context)
        except NotFoundError:
            return  # it is gone, or somebody else has deleted it meanwhile
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


def _nothing(turn_id: str | None) -> Streaming:
    return Streaming(NothingToFollow(), turn_id, nothing_happens)


def _audio(op: InputTranscribeReq) -> AudioInput:
    try:
        data = base64.b64decode(op.params.audio_base64, validate=True)
    except binascii.Error:
        raise InvalidRequestError("params.audio_base64", "is not base64") from None
    return AudioInput(data=data, mime_type=op.params.mime_type)
