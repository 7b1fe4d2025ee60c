"""Items that wait for the client: client tool calls and structured inputs; how they are found and answered."""

import logging
from collections.abc import AsyncIterator
from typing import Any, Literal

from chatkit_core.errors import AlreadyAnsweredError, ConflictError, InvalidRequestError
from chatkit_core.store import Store
from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputAnswer,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputSubmission,
    ThreadItem,
    UserMessageItem,
)

_log = logging.getLogger("chatkit_core")

Question = ClientToolCallItem | StructuredInputItem


def question_kind(item: ThreadItem) -> Literal["client_tool", "input"] | None:
    """Return what kind of answer the item waits for; None if it waits for none."""
    match item:
        case ClientToolCallItem(status="pending"):
            return "client_tool"
        case StructuredInputItem(status="pending"):
            return "input"
        case _:
            return None


async def latest_items(store: Store[Any], thread_id: str, context: Any) -> AsyncIterator[ThreadItem]:
    """Yield the thread's items from the newest back to the last user message, which is not among them.

    Nothing before it waits for an answer: a new message closes what was asked.
    """
    cursor: str | None = None
    more = True
    while more:
        page = await store.load_thread_items(thread_id, after=cursor, limit=20, order="desc", context=context)
        for item in page.data:
            if isinstance(item, UserMessageItem):
                return
            yield item
        cursor, more = page.after, page.has_more


async def pending_questions(store: Store[Any], thread_id: str, context: Any) -> list[Question]:
    """Return what waits for an answer in the thread, oldest first."""
    found: list[Question] = [
        item
        async for item in latest_items(store, thread_id, context)
        if isinstance(item, ClientToolCallItem | StructuredInputItem) and item.status == "pending"
    ]
    return found[::-1]


async def find_tool_call(
    store: Store[Any], thread_id: str, item_id: str | None, context: Any
) -> tuple[ClientToolCallItem, bool]:
    """Return the pending call that an output is for, and whether other calls are pending too.

    Args:
        item_id: the call's item; None for the oldest pending call.

    Raises:
        NotFoundError: there is no such item.
        InvalidRequestError: the item is no client tool call.
        AlreadyAnsweredError: the call has its output.
        ConflictError: no call is pending.
    """
    calls = [
        item for item in await pending_questions(store, thread_id, context) if isinstance(item, ClientToolCallItem)
    ]
    if item_id is None:
        if not calls:
            raise ConflictError(f"No client tool call is pending in thread {thread_id!r}.", code="item.not_pending")
        return calls[0], len(calls) > 1
    item = await store.load_item(thread_id, item_id, context=context)
    if not isinstance(item, ClientToolCallItem):
        raise InvalidRequestError("params.item_id", "is not a client tool call")
    if item.status != "pending":
        raise AlreadyAnsweredError(item_id)
    return item, any(call.id != item_id for call in calls)


async def find_structured_input(store: Store[Any], thread_id: str, item_id: str, context: Any) -> StructuredInputItem:
    """Return the structured input that is to be answered.

    Raises:
        NotFoundError: there is no such item.
        InvalidRequestError: the item is no structured input.
        AlreadyAnsweredError: it has its answer.
    """
    item = await store.load_item(thread_id, item_id, context=context)
    if not isinstance(item, StructuredInputItem):
        raise InvalidRequestError("params.item_id", "is not a structured input")
    if item.status != "pending":
        raise AlreadyAnsweredError(item_id)
    return item


def answered(item: StructuredInputItem, submission: StructuredInputSubmission) -> StructuredInputItem:
    """Return the item with the client's answers: a question without one is skipped, unknown questions are ignored."""
    unknown = submission.answers.keys() - {question.id for question in item.inputs}
    if unknown:
        _log.warning("Structured input %s has no questions %s; their answers are ignored.", item.id, sorted(unknown))
    item = item.model_copy(deep=True, update={"status": submission.status})
    for question in item.inputs:
        answer = submission.answers.get(question.id)
        if submission.status == "skipped" or answer is None or answer.skipped or not answer.values:
            question.answer = StructuredInputAnswer(skipped=True)
            continue
        single = isinstance(question, StructuredInputMultipleChoice) and not question.multiple
        question.answer = StructuredInputAnswer(values=answer.values[:1] if single else answer.values)
    return item


def superseded(item: ThreadItem) -> ThreadItem:
    """Return the item as it is once the user has written on without answering it."""
    if isinstance(item, StructuredInputItem):
        return answered(item, StructuredInputSubmission(status="skipped"))
    return item.model_copy(update={"status": "completed"}) if isinstance(item, ClientToolCallItem) else item


async def items_after(store: Store[Any], thread_id: str, item_id: str, context: Any) -> list[ThreadItem]:
    """Return the thread's items after one, oldest first."""
    found: list[ThreadItem] = []
    cursor: str | None = item_id
    more = True
    while more:
        page = await store.load_thread_items(thread_id, after=cursor, limit=100, order="asc", context=context)
        found += page.data
        cursor, more = page.after, page.has_more
    return found
