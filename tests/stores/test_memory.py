"""What is in memory: its URL, and what becomes of leases that run out."""

from datetime import UTC, datetime

import pytest

from chatkit_core.backends import open_store, open_turn_log
from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Taken, TurnRecord
from chatkit_core.types.turns import TurnMetadata
from chatkit_stores.memory import MemoryStore, MemoryTurnLog


def test_a_url_names_what_is_in_memory() -> None:
    assert type(open_store("memory://")) is MemoryStore
    assert type(open_turn_log("memory://")) is MemoryTurnLog


@pytest.mark.parametrize("url", ["memory:", "memory:///x", "memory://x", "sqlite:///chat.db"])
def test_a_url_that_says_more_is_refused(url: str) -> None:
    for backend in (MemoryStore, MemoryTurnLog):
        with pytest.raises(ValueError, match="is not a URL of a backend in memory; memory:// is"):
            backend.from_url(url)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def a_turn(id: str) -> TurnRecord:
    turn = TurnMetadata(id=id, thread_id=f"thr_of_{id}", op="op", status="queued", created_at=datetime.now(UTC))
    return TurnRecord(turn, owner="ada", input=b"{}")


async def test_a_process_that_was_too_busy_to_renew_its_lease_in_time_goes_on_with_its_turns() -> None:
    clock = Clock()
    log = MemoryTurnLog(clock=clock)
    lease = await log.acquire_lease(10)
    taken = await log.create(a_turn("turn_1"), lease)
    assert isinstance(taken, Taken)
    clock.now += 9.9
    assert await log.list_lost() == []
    clock.now += 0.1
    assert await log.list_lost() == ["turn_1"]
    with pytest.raises(LeaseLostError):
        await log.update(taken.record, taken.fence)
    assert await log.renew_lease(lease, 10)
    await log.update(taken.record, taken.fence)
    assert await log.list_lost() == []


async def test_a_lease_that_ran_out_and_lost_a_turn_is_not_renewed() -> None:
    clock = Clock()
    log = MemoryTurnLog(clock=clock)
    lease = await log.acquire_lease(10)
    for id in ("turn_1", "turn_2"):
        await log.create(a_turn(id), lease)
    clock.now += 10
    other_lease = await log.acquire_lease(10)
    assert await log.take("turn_1", other_lease) is not None
    assert not await log.renew_lease(lease, 10)
    assert await log.list_lost() == ["turn_2"]
