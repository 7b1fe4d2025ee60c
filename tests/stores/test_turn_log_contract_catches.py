"""The contract of turn logs fails for logs that break it."""

import subprocess
import sys

import pytest

BROKEN_LOGS = """
from dataclasses import replace

import pytest
from chatkit_core.errors import QueueFullError
from chatkit_core.testing import TurnLogContract
from chatkit_core.turn_log import Fence
from chatkit_stores.memory import MemoryTurnLog


class Broken(MemoryTurnLog):
    pass


class StartsBesideRunningTurns(Broken):
    async def start(self, fence, *, beside_waiting=False):
        kept = self._taken(fence)
        running = kept.record.turn.model_copy(update={"status": "running", "waiting_for": None})
        kept.record = replace(kept.record, turn=running)
        return self._take(kept, fence.lease)


class UpdatesUnderAnyFence(Broken):
    async def update(self, record, fence, entries=(), *, release=False):
        kept = self._turns[record.turn.id]
        held = Fence(kept.id, kept.lease, kept.fence)
        await super().update(record, held, entries, release=release)


class UpdatesUnderFencesOfOldLeases(Broken):
    async def update(self, record, fence, entries=(), *, release=False):
        self._deadlines[fence.lease] = self._clock() + 60
        await super().update(record, fence, entries, release=release)


class KeepsHoldingWhatHasEnded(Broken):
    async def update(self, record, fence, entries=(), *, release=False):
        await super().update(record, fence, entries, release=release)
        self._active[record.turn.id] = kept = self._turns[record.turn.id]
        kept.lease = None if release else fence.lease


class TakesWhatIsHeld(Broken):
    async def take(self, turn_id, lease):
        if turn_id in self._active:
            self._active[turn_id].lease = None
        return await super().take(turn_id, lease)


class AppendsUnderAnyLease(Broken):
    async def append(self, lease, batches):
        for turn_id, entries in batches.items():
            if turn_id in self._entries:
                self._entries[turn_id].extend(entries)


class RenewsAnyLease(Broken):
    async def renew_lease(self, lease, seconds):
        self._deadlines[lease] = self._clock() + seconds
        return True


class CreatesUnderAnyLease(Broken):
    async def create(self, record, lease, **options):
        self._deadlines[lease] = self._clock() + 60
        return await super().create(record, lease, **options)


class QueuesInterruptsLast(Broken):
    async def create(self, record, lease, *, on_busy="enqueue", **options):
        on_busy = "enqueue" if on_busy == "interrupt" else on_busy
        return await super().create(record, lease, on_busy=on_busy, **options)


class NeverHasAFullQueue(Broken):
    async def create(self, record, lease, *, max_queued=20, **options):
        return await super().create(record, lease, **options)


class KeepsTheKeysOfTheRefused(Broken):
    async def create(self, record, lease, **options):
        try:
            return await super().create(record, lease, **options)
        except QueueFullError:
            self._keys[record.owner, record.key] = next(iter(self._turns.values()))
            raise


class ForgetsWhoseKeyItIs(Broken):
    async def create(self, record, lease, **options):
        return await super().create(replace(record, owner="ada"), lease, **options)


class TellsTheLastReason(Broken):
    async def request_cancel(self, turn_id, reason):
        self._cancels.pop(turn_id, None)
        await super().request_cancel(turn_id, reason)


class LosesWaitingTurns(Broken):
    async def list_lost(self):
        waiting = [id for id, kept in self._active.items() if kept.status == "waiting"]
        return [*await super().list_lost(), *waiting]


class PagesAnew(Broken):
    async def list_turns(self, query, *, limit, after=None, order="desc"):
        return await super().list_turns(query, limit=limit, order=order)


class DeletesWhatItPurges(Broken):
    async def purge(self, ended_before):
        purged = [kept for kept in self._turns.values() if not kept.is_active]
        count = await super().purge(ended_before)
        for kept in purged:
            if not kept.record.input:
                await self.discard(kept.id)
        return count


class PurgesAgainAndAgain(Broken):
    async def purge(self, ended_before):
        await super().purge(ended_before)
        return sum(not kept.is_active for kept in self._turns.values())


def made_for(broken):
    class Tests(TurnLogContract):
        @pytest.fixture
        async def turn_log(self):
            return broken()

    return Tests


for broken in Broken.__subclasses__():
    globals()[f"Test{broken.__name__}"] = made_for(broken)
"""


CAUGHT_BY = {
    "StartsBesideRunningTurns": "test_turns_start_one_after_the_other_in_their_order",
    "UpdatesUnderAnyFence": "test_nothing_is_written_under_a_fence_that_does_not_hold",
    "UpdatesUnderFencesOfOldLeases": "test_nothing_is_written_under_a_fence_that_does_not_hold",
    "KeepsHoldingWhatHasEnded": "test_nothing_is_written_under_a_fence_that_does_not_hold",
    "TakesWhatIsHeld": "test_what_cannot_be_taken_is_none",
    "AppendsUnderAnyLease": "test_under_a_lease_that_has_run_out_nothing_is_appended",
    "RenewsAnyLease": "test_a_lease_that_has_lost_a_turn_is_over_for_good",
    "CreatesUnderAnyLease": "test_a_lease_that_has_run_out_takes_nothing",
    "QueuesInterruptsLast": "test_interrupt_goes_before_all_that_are_queued",
    "NeverHasAFullQueue": "test_a_full_queue_takes_only_who_goes_first",
    "KeepsTheKeysOfTheRefused": "test_a_turn_that_is_refused_does_not_keep_its_key",
    "ForgetsWhoseKeyItIs": "test_a_key_belongs_to_its_owner",
    "TellsTheLastReason": "test_whoever_holds_a_turn_hears_why_it_is_to_end_and_the_first_reason_stays",
    "LosesWaitingTurns": "test_the_turns_of_a_lease_that_is_over_are_lost",
    "PagesAnew": "test_a_page_goes_on_after_a_turn",
    "DeletesWhatItPurges": "test_the_row_of_a_purged_turn_stays",
    "PurgesAgainAndAgain": "test_a_turn_is_purged_once",
}
"""The test that a broken log fails, by the log's name."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The outcomes of the test of each log, by its name."""
    folder = tmp_path_factory.mktemp("somebodys_project")
    (folder / "test_turn_logs.py").write_text(BROKEN_LOGS)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-W", "error", "-p", "no:cacheprovider"]
    command += [f"test_turn_logs.py::Test{broken}::{test}" for broken, test in CAUGHT_BY.items()]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    verdicts: dict[str, set[str]] = {}
    for line in run.stdout.splitlines():
        outcome, _, test = line.partition(" ")
        if "::" in test:
            verdicts.setdefault(test.split("::")[1].removeprefix("Test"), set()).add(outcome)
    return verdicts


@pytest.mark.parametrize("broken", CAUGHT_BY)
def test_a_turn_log_that_breaks_its_contract_fails(verdicts: dict[str, set[str]], broken: str) -> None:
    assert "FAILED" in verdicts[broken]
