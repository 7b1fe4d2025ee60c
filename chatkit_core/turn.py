"""The turn as the authors of `respond`, and the helpers they call, see it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from chatkit_core.store import StoreItemType
from chatkit_core.types import (
    StructuredInput,
    StructuredInputItem,
    ThreadItem,
    ThreadMetadata,
    TurnUsage,
    UserMessageItem,
)


class Turn(ABC):
    """One run of the server's answer."""

    id: str
    owner: str
    """Whose turn it is, as `Store.owner_id` says."""
    thread: ThreadMetadata
    """The thread that `respond` was given; what it changes here is saved."""
    context: Any
    """The app's own object for the request."""
    message: UserMessageItem | None
    """The message that the turn answers, also if `respond` runs again without one; None for an action."""
    sender: dict[str, Any] | None
    """Who sent the op, as the client has said it in `params.turn`."""
    answered: list[ThreadItem]
    """If `respond` runs again because the client has answered: the items with their answers, in that order."""
    cancel_reason: str | None
    """None while nobody has asked the turn to end; then `user`, `disconnected`, `interrupted`, `superseded`, `retried`,
    `thread.deleted`, or what the client said in `turns.cancel`."""

    @property
    @abstractmethod
    def usage(self) -> TurnUsage:
        """What the turn has used so far."""

    @abstractmethod
    def new_id(self, item_type: StoreItemType) -> str:
        """Return a new item id from the store's generator."""

    @abstractmethod
    def report_usage(
        self,
        *,
        input_tokens: int = 0,
        output_tokens: int = 0,
        cost_usd: float = 0,
        steps: int = 0,
        tool_calls: int = 0,
    ) -> None:
        """Add to what the turn has used; it ends as failed if that reaches one of its limits.

        Args:
            cost_usd: US dollars.
            steps: calls of a model.

        Raises:
            ValueError: something is negative.
        """

    @abstractmethod
    async def ask(self, inputs: Sequence[StructuredInput], *, key: str | None = None) -> StructuredInputItem:
        """Put questions to the user, and return them with their answers; `reply.ask` is the way to call it."""


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
