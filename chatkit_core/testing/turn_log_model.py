"""The simple model of a turn log that the state machine compares a log with."""

from dataclasses import dataclass, field, replace

from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import changed
from chatkit_core.turn_log import ACTIVE, Entry, Fence, Taken, TurnRecord
from chatkit_core.types.turns import TurnStatus


@dataclass(eq=False)
class ModelTurn:
    record: TurnRecord
    fence: Fence
    """The last that it was taken under."""
    held: bool = True
    """Whether it was not released since."""
    entries: list[Entry] = field(default_factory=list)
    cancel: str | None = None
    purged: bool = False

    @property
    def id(self) -> str:
        return self.record.turn.id

    @property
    def status(self) -> TurnStatus:
        return self.record.turn.status

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def purge(self) -> None:
        self.purged = True
        self.record = replace(self.record, input=b"", state=b"", key=None, digest=None)


class ModelThread:
    """A thread's turns, in the order of their places."""

    def __init__(self) -> None:
        self.turns: list[ModelTurn] = []

    def of_status(self, status: TurnStatus) -> list[ModelTurn]:
        return [turn for turn in self.turns if turn.status == status]

    def is_free(self, *, beside_waiting: bool) -> bool:
        """Whether no turn keeps those that are queued from running."""
        return not self.of_status("running") and (beside_waiting or not self.of_status("waiting"))

    def add(self, turn: ModelTurn, *, first: bool) -> None:
        """Add a turn, at the end or before all that are queued."""
        queued = self.of_status("queued")
        self.turns.insert(self.turns.index(queued[0]) if first and queued else len(self.turns), turn)

    def active_and_after(self, turn: ModelTurn | None) -> list[TurnRecord]:
        later = self.turns[self.turns.index(turn) + 1 :] if turn else []
        return [one.record for one in self.turns if one.is_active or one in later]


class Model:
    """All turns from the oldest on, the leases that are not over, and all fences that there were."""

    def __init__(self, thread_ids: list[str]) -> None:
        self.threads = {id: ModelThread() for id in thread_ids}
        self.turns: dict[str, ModelTurn] = {}
        self.leases: set[str] = set()
        self.fences = [Fence(new_id("turn"), new_id("lease"), 1)]

    def thread_of(self, turn: ModelTurn) -> ModelThread:
        return self.threads[turn.record.turn.thread_id]

    def holds(self, fence: Fence) -> bool:
        turn = self.turns.get(fence.turn_id)
        return turn is not None and turn.held and turn.fence == fence and fence.lease in self.leases

    def with_key(self, key: str | None) -> list[TurnRecord]:
        return [turn.record for turn in self.turns.values() if key and turn.record.key == key]

    def add(self, record: TurnRecord, *, first: bool) -> ModelTurn:
        turn = ModelTurn(record, Fence(record.turn.id, "", 0))
        self.turns[turn.id] = turn
        self.thread_of(turn).add(turn, first=first)
        return turn

    def remove(self, turn: ModelTurn) -> None:
        del self.turns[turn.id]
        self.thread_of(turn).turns.remove(turn)

    def take(self, turn: ModelTurn, outcome: object, lease: str, *, runs: bool) -> None:
        """Note that the turn was taken, and check what the log has returned."""
        assert isinstance(outcome, Taken)
        if runs:
            started_at = turn.record.turn.started_at or outcome.record.turn.started_at
            assert started_at is not None
            turn.record = changed(turn.record, status="running", started_at=started_at, waiting_for=None)
        assert outcome == Taken(turn.record, Fence(turn.id, lease, outcome.fence.number))
        assert outcome.fence.number > max(other.fence.number for other in self.thread_of(turn).turns)
        turn.fence, turn.held = outcome.fence, True
        self.fences.append(outcome.fence)
