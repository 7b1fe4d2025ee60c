"""Attachments: what is known of a file beside its bytes."""

from typing import Annotated, Any, Literal

from pydantic import AnyUrl, Field, SerializationInfo, SerializerFunctionWrapHandler, model_serializer

from chatkit_core.types._base import WireModel


class AttachmentUploadDescriptor(WireModel):
    """Where and how the client uploads the bytes, once the attachment is created."""

    url: AnyUrl
    method: Literal["POST", "PUT"]
    headers: dict[str, str] = Field(default_factory=dict)
    """To be sent with the upload."""


class AttachmentBase(WireModel):
    """What every attachment has."""

    id: str
    name: str
    """The file's name, as the user knows it."""
    mime_type: str
    upload_descriptor: AttachmentUploadDescriptor | None = None
    """Present until the bytes are uploaded; never present where creating the attachment uploads them."""
    thread_id: str | None = None
    """The thread of the message that has it; absent until that message is sent."""
    metadata: dict[str, Any] | None = None
    """The app's own notes. They stay on the server: serializing with the context `{"exclude_metadata": True}`
    leaves them out."""

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if (info.context or {}).get("exclude_metadata"):
            data.pop("metadata", None)
        return data


class FileAttachment(AttachmentBase):
    """A file of any kind."""

    type: Literal["file"] = "file"


class ImageAttachment(AttachmentBase):
    """An image, which the client previews."""

    type: Literal["image"] = "image"
    preview_url: AnyUrl


Attachment = Annotated[FileAttachment | ImageAttachment, Field(discriminator="type")]
"""Any attachment."""
