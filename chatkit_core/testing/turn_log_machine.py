"""A state machine that calls a turn log and a simple model of it in the same way, and compares what comes back."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from chatkit_core.errors import (
    ChatKitError,
    GoneError,
    LeaseLostError,
    NotFoundError,
    QueueFullError,
    TurnInProgressError,
)
from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.testing.turn_log_base import a_turn, changed, event, waiting
from chatkit_core.turn_log import ACTIVE, Entry, Fence, Taken, TurnLog, TurnQuery, TurnRecord
from chatkit_core.types.turns import OnBusy

T = TypeVar("T")

Processes = Literal["here", "there"]

processes = st.sampled_from(["here", "there"])
threads = st.sampled_from(["t", "t", "t", "u"])
"""Mostly one, so that turns are in each other's way."""
keys = st.none() | st.sampled_from(["k", "l"])


@dataclass(eq=False)
class ModelTurn:
    record: TurnRecord
    fence: Fence
    """The last that it was taken under."""
    held: bool = True
    entries: list[Entry] = field(default_factory=list)
    cancel: str | None = None
    purged: bool = False

    @property
    def status(self) -> str:
        return self.record.turn.status

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


class TurnLogMachine(RuleBasedStateMachine):
    """Two processes with a lease each, which they lose now and then; a call returns a value or an error's type."""

    fences = Bundle("fences")
    """All fences that there were."""

    def __init__(
        self,
        turn_log: TurnLog,
        other_log: TurnLog,
        expire: Callable[[TurnLog, str], Awaitable[None]],
        run: Callable[[Coroutine[Any, Any, Any]], Any],
    ) -> None:
        super().__init__()
        self._logs = {"here": turn_log, "there": other_log}
        self._expire = expire
        self._run = run
        self._owner = new_id("owner")
        self._ids = {name: new_id(name) for name in ("t", "u", "k", "l")}
        self._seqs = count(1)
        self._leases: dict[str, str] = {}
        self._live: set[str] = set()
        self.places: dict[str, list[ModelTurn]] = {self._ids["t"]: [], self._ids["u"]: []}
        """Each thread's turns in the order of their places."""
        self.turns: dict[str, ModelTurn] = {}
        """All turns in the order in which they were created."""

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T | type[ChatKitError]:
        try:
            result: T = self._run(coroutine)
        except ChatKitError as error:
            return type(error)
        return result

    # Leases

    @initialize()
    def acquire_leases(self) -> None:
        for process in ("here", "there"):
            self.acquire_lease(process)

    def acquire_lease(self, process: str) -> None:
        lease = self.call(self._logs[process].acquire_lease(600))
        assert isinstance(lease, str)
        self._leases[process] = lease
        self._live.add(lease)

    @rule(process=processes)
    def renew_lease(self, process: str) -> None:
        if self._leases[process] in self._live:
            assert self.call(self._logs[process].renew_lease(self._leases[process], 600)) is True

    @rule(process=processes, release=st.booleans())
    def lose_lease(self, process: str, release: bool) -> None:
        log, lease = self._logs[process], self._leases[process]
        if release:
            self.call(log.release_lease(lease))
        else:
            self.call(self._expire(log, lease))  # type: ignore[arg-type]
        self._live.discard(lease)

    @rule(process=processes)
    def get_another_lease(self, process: str) -> None:
        if self._leases[process] not in self._live:
            self.acquire_lease(process)
