"""What the framework asks of a backend that keeps turns: the contract `TurnLog`.

A process that runs turns holds a lease, and renews it. A turn that is queued or running belongs to a lease; when that
has run out, any other process may take the turn over, and the one that had it writes nothing more. So that this holds
whatever a process believes, each taking of a turn has a fence, a number that only grows within a thread, and a write
says under which fence it is made.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chatkit_core.turn_log.entries import Entry
from chatkit_core.types.turns import OnBusy, TurnMetadata, TurnStatus, TurnSummary

ACTIVE: frozenset[TurnStatus] = frozenset({"queued", "running", "waiting"})
"""The statuses of turns that have not ended."""

POLLING = 0.2
"""Seconds between two looks at what other processes have done."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn's row: what clients see of it, and what only the server knows. Never the request's context.

    Args:
        turn: what clients see.
        owner: whose turn it is, as `Store.owner_id` says.
        input: the op that started it, as JSON.
        state: what the engine needs to go on with the turn elsewhere, as JSON.
        key: its idempotency key, which no other turn of the owner has; None for none.
        digest: what the op with this key must look like.
    """

    turn: TurnMetadata
    owner: str
    input: bytes
    state: bytes = b"{}"
    key: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """Says that a turn is taken, by whom, and for the how manieth time in its thread; a write names it."""

    turn_id: str
    lease: str
    number: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that was taken.

    Args:
        record: the turn as it is now. Its status tells whether it may run.
        fence: what writes for it name.
    """

    record: TurnRecord
    fence: Fence


@dataclass(slots=True)
class Writer:
    """Under which fence of which log a turn's code writes; the fence changes when the turn is taken anew.

    Args:
        entries: what the turn is to have in the log with the write that comes now. A store that shares the log's
            database may append them in the write's transaction; then it sets this to None. Else they are appended
            after the write.
    """

    log: "TurnLog"
    fence: Fence
    entries: Sequence[Entry] | None = None


writing_as: ContextVar[Writer | None] = ContextVar("writing_as", default=None)
"""The writer of the turn that calls. A store that shares the log's database writes only while the fence holds,
and checks that in the same transaction; else they raise `LeaseLostError`. None outside of turns: nothing is checked."""


@dataclass(frozen=True, slots=True)
class TurnQuery:
    """Which turns of an owner.

    Args:
        thread_id: only this thread's; None for all.
        statuses: only turns of these; empty for all.
        since: only turns created then or later.
        until: only turns created before then.
    """

    owner: str
    thread_id: str | None = None
    statuses: frozenset[TurnStatus] = field(default_factory=frozenset)
    since: datetime | None = None
    until: datetime | None = None


class TurnLog(ABC):
    """Keeps turns and their events, the events for a retention time after the turn's end."""

    async def open(self) -> None:
        """Connect. Opening what is open does nothing."""

    async def close(self) -> None:
        """Finish what is being written and disconnect. Closing what is closed does nothing."""

    # Leases

    @abstractmethod
    async def acquire_lease(self, seconds: float) -> str:
        """Return a new lease, which runs out after so many seconds by the log's clock."""

    @abstractmethod
    async def renew_lease(self, lease: str, seconds: float) -> bool:
        """Let the lease run out so many seconds from now; return False if it has run out already, which is for good."""

    @abstractmethod
    async def release_lease(self, lease: str) -> None:
        """Let the lease run out now."""

    # A turn's way

    @abstractmethod
    async def create(
        self,
        record: TurnRecord,
        lease: str,
        *,
        on_busy: OnBusy = "enqueue",
        beside_waiting: bool = False,
        max_queued: int = 20,
    ) -> Taken | TurnRecord:
        """Insert a turn, taken by the lease: it runs at once if it is its turn (see `start`), else it is queued.

        With "interrupt" its place is before the queued turns of its thread, else after them.

        Returns:
            The new turn, with status `running` and `started_at`, or with status `queued`. If another turn of the owner
            has the record's key: that turn's record, and nothing was inserted.

        Raises:
            ThreadBusyError: "reject", and a turn of the thread is running or queued. (It names the running one,
                else the first that is queued.)
            QueueFullError: the turn would be queued, and `max_queued` turns of the thread are. Not for "interrupt".
            LeaseLostError: the lease has run out.
        """

    @abstractmethod
    async def start(self, fence: Fence, *, beside_waiting: bool = False) -> Taken | None:
        """Let a turn run that is taken, and queued or waiting, if it is its turn; it gets a new fence.

        It is its turn if no other turn of its thread is running, none that is queued has a place before its own, and
        none is waiting; unless `beside_waiting`, then those that wait do not matter. A turn that is waiting itself
        only has to wait until none is running.

        Returns:
            The turn with status `running`, `started_at` if it had none, and without `waiting_for`; None if it is not
            its turn.

        Raises:
            LeaseLostError: the fence does not hold.
        """

    @abstractmethod
    async def take(self, turn_id: str, lease: str) -> Taken | None:
        """Take an active turn that nobody holds: a waiting one, or one whose lease has run out. Its status stays.

        Returns:
            The turn with a new fence; None if it has ended, is held, or there is no such turn.

        Raises:
            LeaseLostError: the lease has run out.
        """

    @abstractmethod
    async def update(
        self, record: TurnRecord, fence: Fence, entries: Sequence[Entry] = (), *, release: bool = False
    ) -> None:
        """Replace the turn's row and append its next entries, in one transaction.

        Args:
            release: nobody holds the turn any more. Always so when it has ended.

        Raises:
            LeaseLostError: the fence does not hold: its lease is over, the turn was taken anew, released or deleted.
        """

    @abstractmethod
    async def append(self, lease: str, batches: Mapping[str, Sequence[Entry]]) -> None:
        """Append the next entries of each turn, by turn id, in one transaction. Turns that the lease does not hold are
        passed over.

        Raises:
            LeaseLostError: the lease has run out; nothing is appended.
        """

    @abstractmethod
    async def discard(self, turn_id: str) -> None:
        """Delete a turn, as if it had never been created; nothing if there is no such turn."""

    # What processes ask of each other

    @abstractmethod
    async def request_cancel(self, turn_id: str, reason: str) -> None:
        """Ask whoever holds the turn to end it; the first reason stays. Nothing if it is not active."""

    @abstractmethod
    async def cancel_requests(self, lease: str) -> dict[str, str]:
        """Return the reasons by turn id, of the turns that the lease holds and that somebody asked to end."""

    @abstractmethod
    async def list_lost(self) -> list[str]:
        """Return the ids of the active turns whose lease has run out."""

    async def wait(self, turn_id: str, *, after: int, seconds: float) -> None:
        """Return when the turn may have entries after this seq, or another row; at the latest after so many seconds.

        What another process wrote is noticed within 250 ms. By default it just waits so long.
        """
        await asyncio.sleep(min(seconds, POLLING))

    # Reading

    @abstractmethod
    async def load(self, turn_id: str) -> TurnRecord:
        """Return the turn.

        Raises:
            NotFoundError: there is no such turn.
        """

    @abstractmethod
    async def read(self, turn_id: str, after: int) -> list[Entry]:
        """Return the turn's entries whose seq is greater than `after`, in order.

        A text entry may begin at or before `after`: its `data_after` gives what follows.

        Raises:
            NotFoundError: there is no such turn.
            GoneError: its events are purged ("turn").
        """

    @abstractmethod
    async def turns_of_thread(self, thread_id: str, *, after: str | None = None) -> list[TurnRecord]:
        """Return the thread's active turns, and all whose place comes after the turn `after`, in the order of their
        places, which is the order in which they run. (An unknown `after` counts as absent.)"""

    @abstractmethod
    async def list_turns(
        self, query: TurnQuery, *, limit: int, after: str | None = None, order: Literal["asc", "desc"] = "desc"
    ) -> list[TurnRecord]:
        """Return a page of turns, ordered by creation.

        Args:
            after: the id of the turn that the page comes after; None for the first page.

        Raises:
            NotFoundError: `after` is not a turn of this owner.
        """

    @abstractmethod
    async def summarize(self, query: TurnQuery) -> TurnSummary:
        """Count the turns, as `chatkit_core.turn_log.summary` does."""

    # Forgetting

    @abstractmethod
    async def delete_thread(self, thread_id: str) -> None:
        """Delete the thread's turns with their events; nothing if there are none."""

    @abstractmethod
    async def purge(self, ended_before: datetime) -> int:
        """Delete the events, the input, the state and the key of the turns that ended before then; their rows stay.

        Returns:
            How many turns that were. A turn is purged once.
        """
