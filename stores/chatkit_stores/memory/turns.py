"""The turns of a thread, as they are kept in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile

from chatkit_core.turn_log import ACTIVE, TurnRecord
from chatkit_core.types.turns import TurnStatus


@dataclass(slots=True, eq=False)
class KeptTurn:
    """A turn, who holds it, and under which fence. Its number grows from turn to turn of the log."""

    number: int
    record: TurnRecord
    lease: str | None = None
    fence: int = 0

    @property
    def id(self) -> str:
        return self.record.turn.id

    @property
    def status(self) -> TurnStatus:
        return self.record.turn.status

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def created(self) -> tuple[datetime, int]:
        """Return what turns are ordered by, from the oldest on."""
        return self.record.turn.created_at, self.number

    def copied(self) -> TurnRecord:
        return replace(self.record, turn=self.record.turn.model_copy())


@dataclass(slots=True)
class ThreadTurns:
    """All turns of a thread, and those that are active, in the order of their places."""

    fences: int = 0
    """How many times a turn was taken."""
    turns: list[KeptTurn] = field(default_factory=list)
    active: list[KeptTurn] = field(default_factory=list)

    def of_status(self, status: TurnStatus) -> list[KeptTurn]:
        return [kept for kept in self.active if kept.status == status]

    def is_free(self, *, beside_waiting: bool) -> bool:
        """Return whether no turn keeps those that are queued from running."""
        return not any(
            kept.status == "running" or (kept.status == "waiting" and not beside_waiting) for kept in self.active
        )

    def insert(self, kept: KeptTurn, before: KeptTurn | None) -> None:
        """Insert an active turn, at the end or before another active one."""
        for turns in (self.turns, self.active):
            turns.insert(len(turns) if before is None else turns.index(before), kept)

    def remove(self, kept: KeptTurn) -> None:
        self.turns.remove(kept)
        if kept.is_active:
            self.active.remove(kept)

    def active_and_after(self, turn_id: str | None) -> list[KeptTurn]:
        """Return the active turns, and all whose place comes after that of a turn."""
        later = list(takewhile(lambda kept: kept.id != turn_id, reversed(self.turns)))
        if len(later) == len(self.turns):
            return self.active
        return [kept for kept in self.active if kept not in later] + later[::-1]
