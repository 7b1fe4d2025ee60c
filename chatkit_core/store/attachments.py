"""`AttachmentStore`: what keeps the bytes of attachments."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from chatkit_core.errors import ConflictError, NotSupportedError
from chatkit_core.store.ids import TContext, default_generate_id
from chatkit_core.types import Attachment, AttachmentCreateParams

endpoint_url: ContextVar[str | None] = ContextVar("endpoint_url", default=None)
"""The absolute URL of the endpoint that the current request came to, without a slash at its end."""


class AttachmentStore(ABC, Generic[TContext]):
    """Keeps the bytes of attachments; their records are the `Store`'s."""

    @abstractmethod
    async def delete_attachment(self, attachment_id: str, context: TContext) -> None:
        """Delete the attachment's bytes; nothing if they are missing."""

    async def create_attachment(self, input: AttachmentCreateParams, context: TContext) -> Attachment:
        """Begin a two-phase upload: return a record whose `upload_descriptor` tells the client where the bytes go.

        Raises:
            TooLargeError: the announced size is over the limit.
            UnsupportedMediaTypeError: the announced type is not taken.
            NotSupportedError: this store has no two-phase upload.
        """
        raise NotSupportedError("attachments.create")

    def generate_attachment_id(self, mime_type: str, context: TContext) -> str:
        """Return a new id for an attachment. Override it for ids of your own; they must never repeat."""
        return default_generate_id("attachment")

    async def attach(self, attachment: Attachment, thread_id: str, context: TContext) -> Attachment:
        """Return the record to keep, now that a message of the thread names the attachment.

        Raises:
            ConflictError: the bytes are not there yet, or another thread has the attachment.
        """
        if attachment.thread_id not in (None, thread_id):
            raise ConflictError(f"Attachment {attachment.id!r} belongs to another thread.", code="attachment.in_use")
        return attachment.model_copy(update={"thread_id": thread_id})

    def presented(self, attachment: Attachment) -> Attachment:
        """Return the record as a client is to see it: here a store renews a URL that expires."""
        return attachment

    async def discard(self, attachment_ids: Sequence[str]) -> None:
        """Delete the bytes of attachments whose records are gone, whoever owned them."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment's bytes on disk, and how they are served."""

    path: Path
    name: str
    mime_type: str


class UploadStore(AttachmentStore[TContext]):
    """An attachment store whose bytes pass through the server's own routes.

    Under the endpoint's URL: `PUT attachments/<id>?token=…` (two-phase), `POST attachments` (multipart field `file`),
    `GET attachments/<id>` for the owner, or for anybody with `?token=…`, a signature that expires.
    """

    @abstractmethod
    async def receive(
        self, attachment_id: str, token: str, content_type: str | None, chunks: AsyncIterator[bytes]
    ) -> None:
        """Take the bytes of a two-phase upload, chunk by chunk; all of them are kept, or none.

        Raises:
            NotFoundError: no upload with this id was begun, or the token is not for it.
            GoneError: the token has expired.
            ConflictError: the bytes are already there.
            TooLargeError: there are more bytes than were announced, or than the limit.
            UnsupportedMediaTypeError: the content type is not the announced one.
            InvalidRequestError: there are fewer bytes than were announced.
        """

    @abstractmethod
    async def receive_direct(
        self, name: str, mime_type: str, chunks: AsyncIterator[bytes], context: TContext
    ) -> Attachment:
        """Take a whole file at once, and return its record, which the caller saves.

        Raises:
            TooLargeError, UnsupportedMediaTypeError: as for `create_attachment`.
        """

    @abstractmethod
    def verify(self, attachment_id: str, token: str) -> None:
        """Check a token that gives the right to read the attachment.

        Raises:
            NotFoundError: the token is not for this attachment.
            GoneError: the token has expired.
        """

    @abstractmethod
    async def stored_file(self, attachment_id: str) -> StoredFile:
        """Return where the attachment's bytes are. The caller has checked who asks.

        Raises:
            NotFoundError: there are no bytes with this id.
        """
