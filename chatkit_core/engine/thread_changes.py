"""What an app changed of its thread since somebody last looked. No I/O."""

import copy
from typing import Any

import orjson
from pydantic import BaseModel

from chatkit_core.types import ThreadMetadata

_FIXED = frozenset({"id", "created_at"})


class ThreadChanges:
    """Compares a thread with what it was.

    A glance sees a new title or status; only a thorough look sees what changed inside of the metadata.
    """

    def __init__(self, thread: ThreadMetadata) -> None:
        self._thread = thread
        self._remember()

    def at_a_glance(self) -> bool:
        """Return whether it looks changed, at next to no cost."""
        thread = self._thread
        return thread.title is not self._title or thread.status is not self._status

    def any(self) -> bool:
        """Return whether anything has changed."""
        return self.at_a_glance() or _fingerprint(self._fields()) != self._fingerprint

    def take(self) -> dict[str, Any]:
        """Return the changes, in the form that `Store.update_thread` takes, and begin anew."""
        now = self._fields()
        changes = {
            field: value
            for field, value in now.items()
            if field != "metadata" and not _same(value, self._before.get(field))
        }
        metadata = _changed_keys(self._before["metadata"], now["metadata"])
        if metadata:
            changes["metadata"] = metadata
        self._remember()
        return changes

    def _fields(self) -> dict[str, Any]:
        return {field: value for field, value in self._thread.__dict__.items() if field not in _FIXED}

    def _remember(self) -> None:
        self._title, self._status = self._thread.title, self._thread.status
        self._fingerprint = _fingerprint(self._fields())
        self._before: dict[str, Any] = {
            field: value.model_copy() if isinstance(value, BaseModel) else copy.deepcopy(value)
            for field, value in self._fields().items()
        }


def _fingerprint(fields: dict[str, Any]) -> bytes | None:
    """Return what differs where the fields do: their JSON. None if they have none, which the store will say."""
    try:
        return orjson.dumps(fields, default=vars, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return None


def _changed_keys(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changed = {key: copy.deepcopy(value) for key, value in after.items() if not _same(before.get(key), value)}
    return changed | {key: None for key in before if key not in after}


def _same(one: Any, other: Any) -> bool:
    """Return whether the values are equal as JSON, where 1 and true are not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or bool(one == other)  # NaN is equal to nothing
