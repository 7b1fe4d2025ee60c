"""What a user says, in the forms that the client takes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from chatkit_core.types import AttachmentBase, InferenceOptions, UserMessageInput

Part = str | Mapping[str, Any] | BaseModel
"""A part of a message: text, a `UserMessageTextContent` or `UserMessageTagContent` or its JSON, or an attachment that
was uploaded."""

Message = str | UserMessageInput | Sequence[Part] | Mapping[str, Any]
"""A text; a list of parts; a `UserMessageInput`; or `{"input": …, "sender": …}`, with one of the others as input."""


def split(message: Message) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the message as its JSON is, and who sends it if the message says so.

    Raises:
        TypeError: this is no message.
    """
    if isinstance(message, Mapping) and "input" in message:
        return _user_message(message["input"]), message.get("sender")
    return _user_message(message), None


def _user_message(message: Any) -> dict[str, Any]:
    if isinstance(message, UserMessageInput):
        return message.model_dump(mode="json", exclude_none=True)
    if isinstance(message, Mapping):
        return dict(message)
    parts = [message] if isinstance(message, str) else message
    if not isinstance(parts, Sequence):
        raise TypeError(f"a message is a text or a list of parts, not {type(message).__name__}")
    files = [part.id for part in parts if isinstance(part, AttachmentBase)]
    content = [_part(part) for part in parts if not isinstance(part, AttachmentBase)]
    options = InferenceOptions().model_dump(exclude_none=True)
    return {"content": content, "attachments": files, "inference_options": options}


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "input_text", "text": part}
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json", exclude_none=True)
    return dict(part)
