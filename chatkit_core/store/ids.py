"""The ids of threads, items and attachments."""

from typing import Any, Literal

from typing_extensions import TypeVar

from chatkit_core import _ids

TContext = TypeVar("TContext", default=Any)
"""The app's own object for one request."""

StoreItemType = Literal["thread", "message", "tool_call", "task", "workflow", "attachment", "sdk_hidden_context"]

_ID_PREFIXES: dict[StoreItemType, str] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}


def default_generate_id(item_type: StoreItemType) -> str:
    """Return a new id such as `msg_019a…`: 128 bits in hex behind a prefix, sortable by time."""
    return _ids.new_id(_ID_PREFIXES[item_type])
