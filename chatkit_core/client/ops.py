"""The ops that start a turn, or go on with one."""

import uuid
from typing import Any

from chatkit_core.client.frames import Op
from chatkit_core.client.inputs import Message, split
from chatkit_core.types import (
    ClientToolCallItem,
    OnBusy,
    StructuredInputItem,
    StructuredInputSubmission,
    ThreadItem,
    TurnLimits,
)


def turn_options(
    *,
    sender: dict[str, Any] | None = None,
    on_busy: OnBusy | None = None,
    idempotency_key: str | None = None,
    limits: TurnLimits | None = None,
) -> dict[str, Any]:
    """Return `params.turn`. Without a key one is made, so that the op may be sent again."""
    given: dict[str, Any] = {
        "sender": sender,
        "on_busy": on_busy,
        "idempotency_key": idempotency_key or f"key_{uuid.uuid4().hex}",
        "limits": limits and limits.model_dump(exclude_none=True),
    }
    return {name: value for name, value in given.items() if value is not None}


def message_op(thread_id: str | None, message: Message, sender: dict[str, Any] | None = None, **options: Any) -> Op:
    """Return the op that sends a message; without a thread it makes one.

    Args:
        sender: who sends it, unless the message says so itself.
        options: as `turn_options` takes them.

    Raises:
        TypeError: this is no message.
    """
    input, own_sender = split(message)
    params: dict[str, Any] = {"input": input, "turn": turn_options(sender=own_sender or sender, **options)}
    if thread_id is None:
        return {"type": "threads.create", "params": params}
    return {"type": "threads.add_user_message", "params": {"thread_id": thread_id, **params}}


def busy(enqueue: bool) -> OnBusy:
    """Return what becomes of a message whose thread is busy."""
    return "enqueue" if enqueue else "reject"


def retry_op(thread_id: str, item_id: str) -> Op:
    """Return the op that answers a message anew."""
    return {
        "type": "threads.retry_after_item",
        "params": {"thread_id": thread_id, "item_id": item_id, "turn": turn_options()},
    }


def answer_op(item: ThreadItem, answer: Any) -> Op:
    """Return the op that answers an item.

    Args:
        answer: a tool's output; for a form the answers by the id of the question, a text or a list of choices; None for
            a question or for all is to skip it.

    Raises:
        TypeError: the item asks nothing.
    """
    params: dict[str, Any] = {"thread_id": item.thread_id, "item_id": item.id}
    match item:
        case ClientToolCallItem():
            return {"type": "threads.add_client_tool_output", "params": {**params, "result": answer}}
        case StructuredInputItem():
            return {"type": "threads.add_structured_input", "params": {**params, "input": _submission(answer)}}
    raise TypeError(f"{item.id} is a {item.type}, which asks nothing")


def _submission(answers: Any) -> dict[str, Any]:
    if isinstance(answers, StructuredInputSubmission):
        return answers.model_dump(mode="json")
    if answers is None:
        return {"status": "skipped", "answers": {}}
    return {"status": "answered", "answers": {id: _one_answer(answer) for id, answer in answers.items()}}


def _one_answer(answer: str | list[str] | None) -> dict[str, Any]:
    if answer is None:
        return {"skipped": True}
    return {"values": [answer] if isinstance(answer, str) else list(answer)}
