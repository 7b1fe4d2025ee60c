"""A backend from its URL: `sqlite:///chat.db`, `memory://`, `file:///uploads`. The scheme names an entry point."""

from importlib.metadata import entry_points
from typing import Any
from urllib.parse import urlsplit

from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import TurnLog


def open_store(url: str) -> Store[Any]:
    """Return the store that a URL names, not connected yet.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db`, `memory://`, or the scheme of another package that
            registers a callable, from URL to `Store`, under the entry point group `chatkit_core.stores`.

    Raises:
        ValueError: no installed package knows the scheme, or the URL is not one that its backend understands.
    """
    store: Store[Any] = _backend("chatkit_core.stores", url)
    return store


def open_turn_log(url: str) -> TurnLog:
    """Return the turn log that a URL names; entry point group `chatkit_core.turn_logs`.

    Raises:
        ValueError: as for `open_store`.
    """
    log: TurnLog = _backend("chatkit_core.turn_logs", url)
    return log


def open_attachment_store(url: str) -> AttachmentStore[Any]:
    """Return the attachment store that a URL names, `file:///relative/folder` or `file:////absolute/folder`; entry
    point group `chatkit_core.attachment_stores`.

    Raises:
        ValueError: as for `open_store`.
    """
    store: AttachmentStore[Any] = _backend("chatkit_core.attachment_stores", url)
    return store


def _backend(group: str, url: str) -> Any:
    scheme = urlsplit(url).scheme
    found = entry_points(group=group, name=scheme)
    if not found:
        known = ", ".join(sorted({f"{entry.name}://" for entry in entry_points(group=group)}))
        shown = f"{scheme}://" if scheme else repr(url)  # the rest may hold a password
        raise ValueError(f"No backend for {shown}; installed are {known}.")
    return next(iter(found)).load()(url)
