"""What the tests of `FileAttachmentStore` share: a clock to set, bodies in pieces, a look at the folder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chatkit_core.types import Attachment, AttachmentCreateParams
from chatkit_stores.files import FileAttachmentStore

NOON = 1_800_000_300
URL = "https://chat.test/chatkit"


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def params(name: str = "notes.txt", size: int = 5, mime_type: str = "text/plain") -> AttachmentCreateParams:
    return AttachmentCreateParams(name=name, size=size, mime_type=mime_type)


def token_in(url: object) -> str:
    return parse_qs(urlsplit(str(url)).query)["token"][0]


def upload_token(record: Attachment) -> str:
    assert record.upload_descriptor is not None
    return token_in(record.upload_descriptor.url)


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def stalled_body(first: bytes, stalled: asyncio.Event) -> AsyncIterator[bytes]:
    """Yield `first`, tell that it was taken, and never go on."""
    yield first
    stalled.set()
    await asyncio.Event().wait()


async def upload(store: FileAttachmentStore, data: bytes = b"hello", mime_type: str = "text/plain") -> Attachment:
    record = await store.create_attachment(params(size=len(data), mime_type=mime_type), None)
    await store.receive(record.id, upload_token(record), mime_type, body(data))
    return record


def files_in(directory: Path) -> list[str]:
    """Return the names of all files but the secret, without folders."""
    return sorted(path.name for path in directory.rglob("*") if path.is_file() and path.name != "secret")
