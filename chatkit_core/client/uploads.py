"""From a file to an attachment."""

import asyncio
import mimetypes
from pathlib import Path

from pydantic import TypeAdapter

from chatkit_core.client.link import Link
from chatkit_core.types import Attachment


async def upload(link: Link, file: str | Path | bytes, name: str | None, mime_type: str | None) -> Attachment:
    """Create an attachment, and send its bytes to where the server says.

    Raises:
        OSError: the file cannot be read.
    """
    data = file if isinstance(file, bytes) else await asyncio.to_thread(Path(file).read_bytes)
    if name is None:
        name = "file" if isinstance(file, bytes) else Path(file).name
    if mime_type is None:
        mime_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = await link.call("attachments.create", name=name, size=len(data), mime_type=mime_type)
    attachment = TypeAdapter[Attachment](Attachment).validate_python(answer)
    where = attachment.upload_descriptor
    if where is not None:
        await link.transport.upload(str(where.url), where.method, where.headers, data)
    return attachment
