"""What an app changed of its thread since somebody last looked. No I/O."""

from typing import Any

import orjson

from chatkit_core.engine.text import cleaned
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
        return self.at_a_glance() or _json(self._fields()) != self._before

    def take(self) -> dict[str, Any]:
        """Return the changes, in the form that `Store.update_thread` takes, and begin anew."""
        fields = self._fields()
        now, before = _loaded(_json(fields), fields), _loaded(self._before, {})
        changes = {
            field: fields[field]
            for field, value in now.items()
            if field != "metadata" and not _same(value, before.get(field))
        }
        metadata = _changed_keys(before.get("metadata", {}), now["metadata"])
        if metadata:
            changes["metadata"] = metadata
        self._remember()
        return changes

    def _fields(self) -> dict[str, Any]:
        return {field: value for field, value in self._thread.__dict__.items() if field not in _FIXED}

    def _remember(self) -> None:
        self._title, self._status = self._thread.title, self._thread.status
        self._before = _json(self._fields())


def _json(fields: dict[str, Any]) -> bytes | None:
    """Return what differs where the fields do: their JSON. None if they have none, which the store will say."""
    try:
        json = _dumped(fields)
    except TypeError:
        try:
            json = _dumped(cleaned(fields))
        except (TypeError, ValueError):
            return None
    return bytes(memoryview(json))  # orjson's own bytes hold the kilobytes of its buffer for as long as they live


def _dumped(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, default=vars, option=orjson.OPT_NON_STR_KEYS)


def _loaded(json: bytes | None, otherwise: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = otherwise if json is None else orjson.loads(json)
    return loaded


def _changed_keys(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changed = {key: value for key, value in after.items() if not _same(before.get(key), value)}
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
