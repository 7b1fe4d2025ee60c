"""`FileAttachmentStore`: the contract of an upload store, over a folder."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ParamSpec, Self, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import AnyUrl

from chatkit_core.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from chatkit_core.store import StoredFile, TContext, UploadStore, endpoint_url
from chatkit_core.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from chatkit_stores.files.checks import PREVIEWED_TYPES, MediaTypes, essence, file_name
from chatkit_stores.files.folder import FileNote, Folder, is_safe_id
from chatkit_stores.files.tokens import Purpose, Signer, load_secret

DEFAULT_MAX_BYTES = 25 * 1024 * 1024
BATCH_BYTES = 64 * 1024
"""Chunks are written together once they are this many bytes, so that a small chunk does not cost a thread."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class FileAttachmentStore(UploadStore[TContext]):
    """Keeps attachments as files in a folder. Several processes can share one folder.

    Args:
        directory: the folder; made if it is missing. Its file system must know hard links.
        base_url: the endpoint's absolute URL, such as `https://example.com/chatkit`. By default the URL that the
            current request came to.
        max_bytes: the most bytes that an attachment may have.
        mime_types: the types that are taken, such as `{"image/*", "application/pdf"}`; None takes all.
        url_lifetime: seconds that a signed URL works at least. It works up to an hour longer, and never more than
            twice as long, so that the URL stays the same for a while and a browser can cache what it got.
        upload_lifetime: seconds that the client has to begin the upload after the attachment was created.
        secret: the key that URLs are signed with, at least 16 bytes. By default one is made and kept in the folder.
        clock: returns the time in seconds since 1970.

    Raises:
        ValueError: the secret is too short, or one of the types is not a type.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        base_url: str | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        mime_types: Collection[str] | None = None,
        url_lifetime: float = 24 * 3600,
        upload_lifetime: float = 3600,
        secret: bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = Folder(Path(directory))
        self._base_url = None if base_url is None else base_url.rstrip("/")
        self._max_bytes = max_bytes
        self._mime_types = MediaTypes(mime_types)
        self._url_lifetime = url_lifetime
        self._upload_lifetime = upload_lifetime
        self._clock = clock
        self._signer = Signer(load_secret(self._folder.root / "secret") if secret is None else secret, clock)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Return the store that a URL names: `file:///relative/folder` or `file:////absolute/folder`.

        Raises:
            ValueError: the URL is of another form.
        """
        parts = urlsplit(url)
        folder = unquote(parts.path.removeprefix("/"))
        if not folder or parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is not file:///relative/folder or file:////absolute/folder.")
        return cls(folder)

    # Uploads

    async def create_attachment(self, input: AttachmentCreateParams, context: TContext) -> Attachment:
        """Begin a two-phase upload: return a record whose `upload_descriptor` tells the client where the bytes go.

        Raises:
            InvalidRequestError: the name is empty, too long or has control characters, or the size is negative.
            TooLargeError: the announced size is over the limit.
            UnsupportedMediaTypeError: the announced type is malformed or not taken.
            RuntimeError: there is neither a `base_url` nor a current request.
        """
        name = file_name(input.name, "params.name")
        mime_type = self._mime_types.check(input.mime_type)
        if input.size < 0:
            raise InvalidRequestError("params.size", "a size is not negative")
        if input.size > self._max_bytes:
            raise TooLargeError("attachment", self._max_bytes)
        id = self._new_id(mime_type, context)
        upload = AttachmentUploadDescriptor(
            url=self._url("upload", id, math.ceil(self._clock() + self._upload_lifetime)),
            method="PUT",
            headers={"Content-Type": mime_type},
        )
        record = self._record(id, name, mime_type).model_copy(update={"upload_descriptor": upload})
        await _in_thread(self._folder.write_note, id, FileNote(name, mime_type, input.size))
        return record

    async def receive(
        self, attachment_id: str, token: str, content_type: str | None, chunks: AsyncIterator[bytes]
    ) -> None:
        """Take the bytes of a two-phase upload, chunk by chunk; all of them are kept, or none. A request that does
        not name a content type is taken to have the announced one.

        Raises:
            NotFoundError: no upload with this id was begun, or the token is not for it.
            GoneError: the token has expired.
            ConflictError: the bytes are already there.
            TooLargeError: there are more bytes than were announced, or than the limit.
            UnsupportedMediaTypeError: the content type is not the announced one.
            InvalidRequestError: there are fewer bytes than were announced.
        """
        self._signer.check("upload", attachment_id, token)
        note = await _in_thread(self._folder.begin, attachment_id)
        if content_type is not None and essence(content_type) != note.mime_type:
            raise UnsupportedMediaTypeError("attachment", content_type, note.mime_type)
        async with self._incoming(attachment_id) as incoming:
            size = await self._write(incoming, chunks, min(note.size, self._max_bytes))
            if size < note.size:
                raise InvalidRequestError("", f"the body has {size} bytes; {note.size} were announced")
            await _in_thread(self._folder.keep, attachment_id, incoming)

    async def receive_direct(
        self, name: str, mime_type: str, chunks: AsyncIterator[bytes], context: TContext
    ) -> Attachment:
        """Take a whole file at once, and return its record, which the caller saves.

        Raises:
            InvalidRequestError: the name is empty, too long or has control characters.
            TooLargeError: there are more bytes than the limit.
            UnsupportedMediaTypeError: the type is malformed or not taken.
            RuntimeError: it is an image, and there is neither a `base_url` nor a current request.
        """
        name = file_name(name, "file")
        mime_type = self._mime_types.check(mime_type)
        id = self._new_id(mime_type, context)
        record = self._record(id, name, mime_type)
        async with self._incoming(id) as incoming:
            size = await self._write(incoming, chunks, self._max_bytes)
            await _in_thread(self._folder.write_note, id, FileNote(name, mime_type, size))
            try:
                await _in_thread(self._folder.keep, id, incoming)
            except BaseException:
                await _in_thread(self._folder.remove, id)
                raise
        return record

    # Reading

    def verify(self, attachment_id: str, token: str) -> None:
        """Check a token that gives the right to read the attachment.

        Raises:
            NotFoundError: the token is not for this attachment.
            GoneError: the token has expired.
        """
        self._signer.check("read", attachment_id, token)

    async def stored_file(self, attachment_id: str) -> StoredFile:
        """Return where the attachment's bytes are. The caller has checked who asks.

        Raises:
            NotFoundError: there are no bytes with this id.
        """
        return await _in_thread(self._stored_file, attachment_id)

    async def read(self, attachment_id: str, context: TContext | None = None) -> bytes:
        """Return the attachment's bytes, to hand them to a model. The caller has checked who asks: the owner is
        known to the `Store` that gave the record, not here.

        Raises:
            NotFoundError: there are no bytes with this id.
        """
        file = await self.stored_file(attachment_id)
        return await _in_thread(file.path.read_bytes)

    def presented(self, attachment: Attachment) -> Attachment:
        """Return an image's record with a preview URL that is good for another `url_lifetime`; other records, and
        images whose preview is elsewhere, as they are."""
        if not isinstance(attachment, ImageAttachment) or self._endpoint() is None:
            return attachment
        if not (attachment.preview_url.path or "").endswith(f"/attachments/{attachment.id}"):
            return attachment
        return attachment.model_copy(update={"preview_url": self._preview_url(attachment.id)})

    # The rest of a life

    async def attach(self, attachment: Attachment, thread_id: str, context: TContext) -> Attachment:
        """Return the record to keep, now that a message of the thread names the attachment.

        Raises:
            ConflictError: the bytes are not there yet, or another thread has the attachment.
        """
        attached = await super().attach(attachment, thread_id, context)
        if not await _in_thread(self._folder.has_bytes, attachment.id):
            raise ConflictError(f"Attachment {attachment.id!r} is not uploaded yet.", code="attachment.not_uploaded")
        return attached.model_copy(update={"upload_descriptor": None})

    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        """Delete the attachment's bytes; nothing if they are missing. A running upload of it fails.

        Whose it is is not checked here: the caller has loaded the record from the `Store`, which knows.
        """
        await _in_thread(self._folder.remove, attachment_id)

    async def discard(self, attachment_ids: Sequence[str]) -> None:
        """Delete the bytes of attachments whose records are gone, whoever owned them, and the remains of uploads
        that broke off and have got no byte for an `upload_lifetime`."""
        await _in_thread(self._discard, attachment_ids)

    # Parts of the above

    def _new_id(self, mime_type: str, context: TContext) -> str:
        id = self.generate_attachment_id(mime_type, context)
        if not is_safe_id(id):
            raise ValueError(f"generate_attachment_id gave {id!r}; ids have 1 to 100 letters, digits, - or _")
        return id

    def _record(self, id: str, name: str, mime_type: str) -> Attachment:
        if mime_type in PREVIEWED_TYPES:
            return ImageAttachment(id=id, name=name, mime_type=mime_type, preview_url=self._preview_url(id))
        return FileAttachment(id=id, name=name, mime_type=mime_type)

    def _preview_url(self, id: str) -> AnyUrl:
        step = max(1, min(3600, self._url_lifetime))
        return self._url("read", id, math.ceil(math.ceil((self._clock() + self._url_lifetime) / step) * step))

    def _url(self, purpose: Purpose, id: str, expiry: int) -> AnyUrl:
        endpoint = self._endpoint()
        if endpoint is None:
            raise RuntimeError("The endpoint's URL is not known outside a request; pass base_url.")
        return AnyUrl(f"{endpoint}/attachments/{id}?token={self._signer.sign(purpose, id, expiry)}")

    def _endpoint(self) -> str | None:
        return self._base_url or endpoint_url.get()

    @asynccontextmanager
    async def _incoming(self, id: str) -> AsyncIterator[Path]:
        path = self._folder.incoming_path(id)
        try:
            await _in_thread(path.touch, exist_ok=False)
            yield path
        finally:
            await _in_thread(path.unlink, missing_ok=True)

    async def _write(self, incoming: Path, chunks: AsyncIterator[bytes], limit: int) -> int:
        """Write the chunks in batches and return how many bytes they were; `TooLargeError` if more than `limit`."""
        size = 0
        batch = bytearray()
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLargeError("attachment", limit)
            batch += chunk
            if len(batch) >= BATCH_BYTES:
                await _in_thread(self._folder.append, incoming, batch)
                batch = bytearray()
        await _in_thread(self._folder.append, incoming, batch)
        return size

    def _stored_file(self, id: str) -> StoredFile:
        note = self._folder.read_note(id)
        if not self._folder.has_bytes(id):
            raise NotFoundError("attachment", id)
        return StoredFile(self._folder.path(id), note.name, note.mime_type)

    def _discard(self, ids: Sequence[str]) -> None:
        for id in ids:
            self._folder.remove(id)
        self._folder.sweep(before=self._clock() - self._upload_lifetime)


async def _in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run the function in a thread. Who is cancelled meanwhile still waits for it, so that what is cleaned up next
    is not written to at the same time."""
    work = asyncio.create_task(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        work.exception()
        raise
