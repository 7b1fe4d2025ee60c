"""What the framework asks of a backend that keeps conversations: the contracts `Store` and `AttachmentStore`.

A `Store` has thirteen abstract methods, with the names and signatures of `openai-chatkit`, so that a store written for
that package works here. Everything else has a default that is built on the thirteen; a backend that can do better in a
transaction overrides it. Methods are called with keyword arguments for everything but `thread_id`, `item` and ids.
`chatkit_core.testing` has the test classes that say in code what is promised here.
"""

from chatkit_core.errors import NotFoundError
from chatkit_core.store.attachments import AttachmentStore, StoredFile, UploadStore, endpoint_url
from chatkit_core.store.contract import Store
from chatkit_core.store.ids import StoreItemType, TContext, default_generate_id
from chatkit_core.store.merging import RESERVED_METADATA_KEY, merge_thread, reserved_metadata

__all__ = [
    "RESERVED_METADATA_KEY",
    "AttachmentStore",
    "NotFoundError",
    "Store",
    "StoreItemType",
    "StoredFile",
    "TContext",
    "UploadStore",
    "default_generate_id",
    "endpoint_url",
    "merge_thread",
    "reserved_metadata",
]
