"""Attachments in a folder, uploaded and downloaded through the server's own routes."""

from chatkit_stores.files.store import FileAttachmentStore

__all__ = ["FileAttachmentStore"]
