# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples attachments:app
"""Files that users attach to their messages, kept in the folder `uploads`."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.sqlite import SQLiteStore

files = FileAttachmentStore[Any]("uploads", max_bytes=5_000_000, mime_types={"text/*", "image/*"})


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[str]:
        if message is None or not message.attachments:
            yield "Attach a file, please."
            return
        for attachment in message.attachments:
            data = await files.read(attachment.id)
            yield f"{attachment.name} has {len(data)} bytes. "


app = Assistant(SQLiteStore("chat.db"), files)
