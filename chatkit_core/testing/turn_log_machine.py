"""A state machine that calls a turn log and a simple model of it in the same way, and compares what comes back."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chatkit_core.errors import ChatKitError, GoneError, LeaseLostError, QueueFullError, ThreadBusyError
from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.testing.turn_log_base import a_turn, ended, event, waiting
from chatkit_core.testing.turn_log_model import Model
from chatkit_core.turn_log import ACTIVE, Entry, Fence, TurnLog, TurnQuery
from chatkit_core.types.turns import OnBusy, TurnStatus

T = TypeVar("T")

MAX_QUEUED = 3
STEPS = 50
RUNNING: frozenset[TurnStatus] = frozenset({"running"})

rarely = st.sampled_from([False] * 7 + [True])
Pick = tuple[bool, int]
picks = st.tuples(rarely, st.integers(0, 30))
"""Which fence: mostly of those that some turns were last taken under; now and then, of all that there were."""
processes = st.sampled_from(["here", "there"])
threads = st.sampled_from(["t", "t", "t", "u"])
"""Mostly one, so that turns are in each other's way."""
keys = st.sampled_from([None, None, None, "k", "l"])
on_busy = st.sampled_from(["enqueue", "enqueue", "interrupt", "reject"])
changes = st.sampled_from(["waiting", "waiting", "completed", "failed", None])
fates = st.sampled_from([*["kept"] * 6, "released", "run out"])
forgotten = st.sampled_from([*["what is old"] * 6, "a turn", "a thread"])


class TurnLogMachine(RuleBasedStateMachine):
    """Two processes, whose leases run out now and then. A call returns a value, or the type of the error it raised."""

    def __init__(
        self,
        turn_log: TurnLog,
        other_log: TurnLog,
        expire: Callable[[TurnLog, str], Coroutine[Any, Any, None]],
        run: Callable[[Coroutine[Any, Any, Any]], Any],
    ) -> None:
        super().__init__()
        self._logs = {"here": turn_log, "there": other_log}
        self._leases: dict[str, str] = {}
        self._expire = expire
        self._run = run
        self._owner = new_id("owner")
        self._threads = {name: new_id("thr") for name in ("t", "u")}
        self._keys = {None: None, "k": new_id("key"), "l": new_id("key")}
        self._seqs = count(1)
        self.model = Model(list(self._threads.values()))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T | type[ChatKitError]:
        try:
            result: T = self._run(coroutine)
        except ChatKitError as error:
            return type(error)
        return result

    def picked(self, pick: Pick, statuses: frozenset[TurnStatus] = ACTIVE) -> Fence:
        of_all, index = pick
        active = [turn for turn in self.model.turns.values() if turn.is_active]
        likely = [turn.fence for turn in active if turn.status in statuses] or [turn.fence for turn in active]
        fences = self.model.fences if of_all or not likely else likely
        return fences[index % len(fences)]

    @initialize(queued=st.integers(0, MAX_QUEUED))
    def begin(self, queued: int) -> None:
        for process in self._logs:
            self._acquire_lease(process)
        for _ in range(1 + queued):
            self.create("here", "t", "enqueue", False, None)

    def _acquire_lease(self, process: str) -> None:
        lease = self.call(self._logs[process].acquire_lease(600))
        assert isinstance(lease, str)
        self._leases[process] = lease
        self.model.leases.add(lease)

    @rule(process=processes, fate=fates)
    def keep_or_lose_the_lease(self, process: str, fate: str) -> None:
        log, lease = self._logs[process], self._leases[process]
        if fate != "kept":
            assert self.call(log.release_lease(lease) if fate == "released" else self._expire(log, lease)) is None
            self.model.leases.discard(lease)
        elif lease in self.model.leases:
            assert self.call(log.renew_lease(lease, 600)) is True
        else:
            self._acquire_lease(process)

    @rule(process=processes, thread=threads, on_busy=on_busy, beside_waiting=st.booleans(), key=keys)
    def create(self, process: str, thread: str, on_busy: OnBusy, beside_waiting: bool, key: str | None) -> None:
        log, lease, turns = self._logs[process], self._leases[process], self.model.threads[self._threads[thread]]
        record = a_turn(self._threads[thread], owner=self._owner, key=self._keys[key])
        options: Any = {"on_busy": on_busy, "beside_waiting": beside_waiting, "max_queued": MAX_QUEUED}
        outcome = self.call(log.create(record, lease, **options))
        known, running, queued = self.model.with_key(record.key), turns.of_status("running"), turns.of_status("queued")
        first = on_busy == "interrupt"
        runs = turns.is_free(beside_waiting=beside_waiting) and (first or not queued)
        if lease not in self.model.leases:
            assert outcome is LeaseLostError or outcome in known
        elif known:
            assert [outcome] == known
        elif on_busy == "reject" and (running or queued):
            assert outcome is ThreadBusyError
        elif not runs and not first and len(queued) >= MAX_QUEUED:
            assert outcome is QueueFullError
        else:
            self.model.take(self.model.add(record, first=first), outcome, lease, runs=runs)

    @rule(process=processes, pick=picks, beside_waiting=st.booleans())
    def start(self, process: str, pick: Pick, beside_waiting: bool) -> None:
        fence = self.picked(pick, ACTIVE - RUNNING)
        holds, turn = self.model.holds(fence), self.model.turns.get(fence.turn_id)
        if turn is not None and turn.status == "running" and holds:
            return
        outcome = self.call(self._logs[process].start(fence, beside_waiting=beside_waiting))
        if turn is None or not holds:
            assert outcome is LeaseLostError
            return
        turns, waits = self.model.thread_of(turn), turn.status == "waiting"
        if turns.is_free(beside_waiting=beside_waiting or waits) and (waits or turns.of_status("queued")[0] is turn):
            self.model.take(turn, outcome, fence.lease, runs=True)
        else:
            assert outcome is None

    @rule(process=processes, pick=picks)
    def take(self, process: str, pick: Pick) -> None:
        turn_id, lease = self.picked(pick).turn_id, self._leases[process]
        turn = self.model.turns.get(turn_id)
        outcome = self.call(self._logs[process].take(turn_id, lease))
        if lease not in self.model.leases:
            assert outcome is LeaseLostError
        elif turn is None or not turn.is_active or self.model.holds(turn.fence):
            assert outcome is None
        else:
            self.model.take(turn, outcome, lease, runs=False)

    @rule(process=processes, pick=picks, change=changes, release=st.booleans(), entries=st.integers(0, 2), any=rarely)
    def update(self, process: str, pick: Pick, change: str | None, release: bool, entries: int, any: bool) -> None:
        fence = self.picked(pick, ACTIVE if any else RUNNING)
        turn = self.model.turns.get(fence.turn_id)
        record = replace(turn.record if turn else a_turn(), state=b"%d" % next(self._seqs))
        if change == "waiting" and record.turn.status == "running":
            record = waiting(record)
        elif change in ("completed", "failed"):
            record = ended(record, status=change)
        more: list[Entry] = [event(next(self._seqs)) for _ in range(entries)]
        release = release and record.turn.status == "waiting"
        outcome = self.call(self._logs[process].update(record, fence, more, release=release))
        if turn is None or not self.model.holds(fence):
            assert outcome is LeaseLostError
        else:
            assert outcome is None
            turn.record = record
            turn.entries += more
            turn.held = turn.is_active and not release

    @rule(process=processes, some=st.lists(picks, min_size=1, max_size=3))
    def append(self, process: str, some: list[Pick]) -> None:
        lease = self._leases[process]
        batches: dict[str, list[Entry]] = {self.picked(pick).turn_id: [event(next(self._seqs))] for pick in some}
        outcome = self.call(self._logs[process].append(lease, batches))
        assert outcome is (None if lease in self.model.leases else LeaseLostError)
        for turn_id, entries in batches.items():
            turn = self.model.turns.get(turn_id)
            if turn is not None and turn.fence.lease == lease and self.model.holds(turn.fence):
                turn.entries += entries

    @rule(process=processes, pick=picks, reason=st.sampled_from(["user", "retried"]))
    def request_cancel(self, process: str, pick: Pick, reason: str) -> None:
        turn_id = self.picked(pick).turn_id
        assert self.call(self._logs[process].request_cancel(turn_id, reason)) is None
        turn = self.model.turns.get(turn_id)
        if turn is not None and turn.is_active:
            turn.cancel = turn.cancel or reason

    @rule(process=processes, pick=picks, thread=threads, what=forgotten)
    def forget(self, process: str, pick: Pick, thread: str, what: str) -> None:
        log, turns = self._logs[process], list(self.model.turns.values())
        if what == "a turn":
            turn_id = self.picked(pick).turn_id
            assert self.call(log.discard(turn_id)) is None
            gone = [turn for turn in turns if turn.id == turn_id]
        elif what == "a thread":
            assert self.call(log.delete_thread(self._threads[thread])) is None
            gone = [turn for turn in turns if turn.record.turn.thread_id == self._threads[thread]]
        else:
            old = [turn for turn in turns if not turn.is_active and not turn.purged]
            purged = self.call(log.purge(THEN + timedelta(seconds=1)))
            assert isinstance(purged, int)
            assert purged >= len(old)
            gone = []
            for turn in old:
                turn.purge()
        for turn in gone:
            self.model.remove(turn)

    @invariant()
    def the_log_has_the_turns_of_the_model(self) -> None:
        log = self._logs["there"]
        for thread_id, turns in self.model.threads.items():
            assert self.call(log.turns_of_thread(thread_id)) == turns.active_and_after(None)
            assert len(turns.of_status("running")) <= 1
        records = [turn.record for turn in self.model.turns.values()]
        assert self.call(log.list_turns(TurnQuery(self._owner), limit=1000, order="asc")) == records

    @invariant()
    def everybody_hears_what_the_model_says(self) -> None:
        held = [turn for turn in self.model.turns.values() if self.model.holds(turn.fence)]
        for process, lease in self._leases.items():
            if lease in self.model.leases:
                requests = {turn.id: turn.cancel for turn in held if turn.cancel and turn.fence.lease == lease}
                assert self.call(self._logs[process].cancel_requests(lease)) == requests

    def teardown(self) -> None:
        """In the end the log has also the entries of the model, and its places, and has lost the same turns."""
        log = self._logs["there"]
        for turn in self.model.turns.values():
            assert self.call(log.read(turn.id, 0)) == (GoneError if turn.purged else turn.entries)
            records = self.model.thread_of(turn).active_and_after(turn)
            assert self.call(log.turns_of_thread(turn.record.turn.thread_id, after=turn.id)) == records
        lost = self.call(log.list_lost())
        assert isinstance(lost, list)
        nobodys = {turn.id for turn in self.model.turns.values() if turn.held and not self.model.holds(turn.fence)}
        assert self.model.turns.keys() & set(lost) == nobodys
