"""The feature of attachments: tells the user of what was uploaded; a real assistant would hand it to a model."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from chatkit_core.store import AttachmentStore, UploadStore
from chatkit_core.types import Attachment


async def describe(store: AttachmentStore[Any] | None, attachments: Sequence[Attachment]) -> AsyncIterator[str]:
    """Tell name, type and size of each attachment."""
    assert isinstance(store, UploadStore)
    if not attachments:
        yield "Attach a file to your message. Without a page: `POST` it to `/chatkit/attachments` as the form field "
        yield "`file`, and put the id that comes back among the message's `attachments`."
    for attachment in attachments:
        file = await store.stored_file(attachment.id)
        yield f"- {attachment.name}: {attachment.mime_type}, {file.path.stat().st_size} bytes\n"
