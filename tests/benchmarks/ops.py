"""Ops as JSON."""

from typing import Any

import orjson


def op(type: str, **params: Any) -> bytes:
    """Return an op."""
    return orjson.dumps({"type": type, "params": params})


def message_op(text: str, thread_id: str | None = None) -> bytes:
    """Return the op that sends a message, by default to a new thread."""
    content = [{"type": "input_text", "text": text}]
    message: dict[str, Any] = {"content": content, "attachments": [], "quoted_text": None, "inference_options": {}}
    if thread_id is None:
        return op("threads.create", input=message)
    return op("threads.add_user_message", thread_id=thread_id, input=message)
