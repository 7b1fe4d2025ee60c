"""How changes are merged into a thread, and what of its metadata is the framework's."""

from collections.abc import Mapping
from typing import Any

from chatkit_core.types import ThreadMetadata

RESERVED_METADATA_KEY = "chatkit"
"""Where in a thread's metadata the framework keeps `archived`, `mode` and `key`; it never goes to a client."""


def merge_thread(thread: ThreadMetadata, changes: Mapping[str, Any], *, only_missing: bool = False) -> ThreadMetadata:
    """Return a copy of `thread` with `changes` merged in, as `Store.update_thread` promises."""
    update = {
        field: value
        for field, value in changes.items()
        if field != "metadata" and not (only_missing and getattr(thread, field) is not None)
    }
    if "metadata" in changes:
        update["metadata"] = _merge_keys(thread.metadata, changes["metadata"], only_missing)
    return thread.model_copy(update=update)


def _merge_keys(metadata: Mapping[str, Any], changes: Mapping[str, Any], only_missing: bool) -> dict[str, Any]:
    merged = dict(metadata)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif key == RESERVED_METADATA_KEY and isinstance(value, Mapping):
            merged[key] = _merge_keys(merged.get(key) or {}, value, only_missing)
        elif not (only_missing and key in merged):
            merged[key] = value
    return merged


def reserved_metadata(thread: ThreadMetadata) -> dict[str, Any]:
    """Return what the framework keeps in the thread's metadata: `archived`, `mode`, `key`; a copy."""
    reserved = thread.metadata.get(RESERVED_METADATA_KEY)
    return dict(reserved) if isinstance(reserved, dict) else {}
