"""The turn as the authors of `respond`, and the helpers they call, see it."""

from abc import ABC, abstractmethod
from contextvars import ContextVar
from typing import Any

from chatkit_core.store import StoreItemType
from chatkit_core.types import ThreadMetadata


class Turn(ABC):
    """One run of the server's answer."""

    id: str
    owner: str
    """Whose turn it is, as `Store.owner_id` says."""
    thread: ThreadMetadata
    """The thread that `respond` was given; what it changes here is saved."""
    context: Any
    """The app's own object for the request."""
    cancel_reason: str | None
    """None while nobody has asked the turn to end; then `user`, `disconnected`, `thread.deleted` or `retried`."""

    @abstractmethod
    def new_id(self, item_type: StoreItemType) -> str:
        """Return a new item id from the store's generator."""


running_turn: ContextVar[Turn | None] = ContextVar("running_turn", default=None)


def current_turn() -> Turn:
    """Return the turn that calls, from `respond`, `action`, `handle_stream_cancelled` or what they call.

    Raises:
        LookupError: no turn is running here.
    """
    turn = running_turn.get()
    if turn is None:
        raise LookupError("There is no current turn: this is for respond, action and what they call.")
    return turn
