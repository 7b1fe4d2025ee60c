"""What the tests of the attachment routes share: a server with two users, and a client of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from serving import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from chatkit_core.asgi.errors import Handler, answering_errors
from chatkit_core.asgi.uploads import upload_routes
from chatkit_core.errors import NotFoundError, UnauthorizedError
from chatkit_core.types import Attachment, AttachmentCreateParams, ImageAttachment
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.memory import MemoryStore

ADA, BOB, DAVE = {"X-User": "ada"}, {"X-User": "bob"}, {"X-User": "dave"}
MAX_BYTES = 1_000_000
PATH = "/chatkit/attachments"
FORM = {"Content-Type": "multipart/form-data; boundary=boundary"}


class Files(FileAttachmentStore[Any]):
    """Adds metadata of the app's own to what is uploaded in one step."""

    async def receive_direct(self, *args: Any) -> Attachment:
        return (await super().receive_direct(*args)).model_copy(update={"metadata": {"scanned": True}})


class Records(MemoryStore[Any]):
    """A store that has its own words for what is missing, and cannot save anything of Dave's."""

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        try:
            return await super().load_attachment(attachment_id, context)
        except NotFoundError:
            raise NotFoundError("no such row") from None

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        if context["user_id"] == "dave":
            raise RuntimeError("the database is gone")
        await super().save_attachment(attachment, context)


async def user_of(request: Request) -> dict[str, str]:
    if "x-user" not in request.headers:
        raise UnauthorizedError
    return {"user_id": request.headers["x-user"]}


@dataclass
class Chat:
    """A server, a client of it, and what is behind it."""

    directory: Path
    files: Files
    records: Records = field(default_factory=Records)
    answered: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    client: httpx2.AsyncClient = field(init=False)

    def app(self) -> Starlette:
        return Starlette(routes=upload_routes("/chatkit", self.records, self.files, user_of, self._wrap))

    def _wrap(self, handler: Handler) -> Handler:
        answering = answering_errors(handler)

        async def answer(request: Request) -> Response:
            response = await answering(request)
            self.answered.put_nowait(response.status_code)
            return response

        return answer

    async def announce(self, name: str, mime_type: str, size: int) -> Attachment:
        params = AttachmentCreateParams(name=name, mime_type=mime_type, size=size)
        return await self.files.create_attachment(params, None)

    async def keep(self, name: str, mime_type: str, data: bytes, user: str = "ada") -> Attachment:
        async def body() -> AsyncIterator[bytes]:
            yield data

        record = await self.files.receive_direct(name, mime_type, body(), None)
        await self.records.save_attachment(record, {"user_id": user})
        return record

    def on_disk(self) -> set[str]:
        return {path.name for path in self.directory.rglob("*") if path.is_file() and path.name != "secret"}


@asynccontextmanager
async def chatting(directory: Path, **options: Any) -> AsyncIterator[Chat]:
    chat = Chat(directory, Files(directory, base_url="https://chat.test/chatkit", **options))
    async with serve(chat.app()) as url, httpx2.AsyncClient(base_url=url) as chat.client:
        yield chat


def on_the_server(url: Any) -> str:
    """Return the URL's path and query."""
    parts = urlsplit(str(url))
    return f"{parts.path}?{parts.query}"


def upload_url(record: Attachment) -> str:
    assert record.upload_descriptor is not None
    return on_the_server(record.upload_descriptor.url)


def preview_url(record: Attachment) -> str:
    assert isinstance(record, ImageAttachment)
    return on_the_server(record.preview_url)


def refusal(response: httpx2.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    assert error.keys() == {"code", "message", "request_id"}
    return response.status_code, error["code"], error["message"]


def unknown(id: str) -> tuple[int, str, str]:
    return 404, "attachment.not_found", f"There is no attachment {id!r}."


def part(disposition: str, data: str = "hello") -> str:
    """Return one part of a form whose boundary is `boundary`."""
    return f"--boundary\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{data}\r\n"
