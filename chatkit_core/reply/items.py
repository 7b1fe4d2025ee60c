"""Replies that are one event."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatkit_core._ids import new_id
from chatkit_core.icons import IconName
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    ClientToolCallItem,
    HiddenContextItem,
    ProgressUpdateEvent,
    StructuredInput,
    StructuredInputItem,
    ThreadItemDoneEvent,
    utc_now,
)


def progress(text: str, *, icon: IconName | None = None) -> ProgressUpdateEvent:
    """Return a line that tells what is going on; the next one, or the next item, takes its place."""
    return ProgressUpdateEvent(text=text, icon=icon)


def hidden(content: Any) -> ThreadItemDoneEvent:
    """Return a hidden note: it is kept in the thread, for the model to read, and never sent to a client.

    Args:
        content: anything that JSON can hold.
    """
    turn = current_turn()
    item = HiddenContextItem(id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), content=content)
    return ThreadItemDoneEvent(item=item)


def client_tool_call(name: str, arguments: Mapping[str, Any], *, call_id: str | None = None) -> ThreadItemDoneEvent:
    """Return a call of a tool that the client has. Once every call has its output, `respond` runs again, without
    a message: end it after the last call.

    Args:
        arguments: what the tool is called with; anything that JSON can hold.
        call_id: the model's id of the call; by default a new one.
    """
    turn = current_turn()
    item = ClientToolCallItem(
        id=turn.new_id("tool_call"),
        thread_id=turn.thread.id,
        created_at=utc_now(),
        call_id=call_id or new_id("call"),
        name=name,
        arguments=dict(arguments),
    )
    return ThreadItemDoneEvent(item=item)


def structured_input(inputs: Sequence[StructuredInput]) -> ThreadItemDoneEvent:
    """Return questions for the user. Once they are answered, or skipped, `respond` runs again, without a message: end
    it after them.

    Args:
        inputs: the questions; their ids, unique among them, name the answers.
    """
    turn = current_turn()
    item = StructuredInputItem(
        id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), inputs=list(inputs)
    )
    return ThreadItemDoneEvent(item=item)
