"""What the framework asks of a backend that keeps turns: the contract `TurnLog`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chatkit_core.turn_log.entries import Entry
from chatkit_core.types.turns import TurnMetadata


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn's row: what clients see of it, and what only the server knows. Never the request's context.

    Args:
        turn: what clients see.
        owner: whose turn it is, as `Store.owner_id` says.
        input: the op that started it, as JSON.
    """

    turn: TurnMetadata
    owner: str
    input: bytes


class TurnLog(ABC):
    """Keeps turns and their events, each turn for a retention time after its end."""

    async def open(self) -> None:
        """Connect. Opening what is open does nothing."""

    async def close(self) -> None:
        """Finish what is being written and disconnect. Closing what is closed does nothing."""

    @abstractmethod
    async def create(self, record: TurnRecord) -> None:
        """Insert the turn; its id is new."""

    @abstractmethod
    async def load(self, turn_id: str) -> TurnRecord:
        """Return the turn.

        Raises:
            NotFoundError: there is no such turn, or its retention time is over.
        """

    @abstractmethod
    async def update(self, record: TurnRecord) -> None:
        """Replace the turn's row.

        Raises:
            NotFoundError: there is no such turn.
        """

    @abstractmethod
    async def list_turns(self, thread_id: str, *, active: bool = False) -> list[TurnRecord]:
        """Return the thread's turns, oldest first; only those queued, running or waiting if `active`."""

    @abstractmethod
    async def append(self, batches: Mapping[str, Sequence[Entry]]) -> None:
        """Append the next entries of each turn, by turn id, in one transaction. Turns that are gone are passed over."""

    @abstractmethod
    async def read(self, turn_id: str, after: int) -> list[Entry]:
        """Return the turn's entries whose seq is greater than `after`, in order.

        A text entry may begin at or before `after`: its `data_after` gives what follows.

        Raises:
            NotFoundError: there is no such turn.
        """

    @abstractmethod
    async def delete_thread(self, thread_id: str) -> None:
        """Delete the thread's turns with their events; nothing if there are none."""

    @abstractmethod
    async def purge(self, ended_before: datetime) -> int:
        """Delete the turns that ended before then, with their events; return how many."""
