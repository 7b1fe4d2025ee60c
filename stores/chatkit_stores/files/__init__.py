"""Attachments in a folder, uploaded and downloaded through the server's own routes."""

from .store import FileAttachmentStore

__all__ = ["FileAttachmentStore"]
