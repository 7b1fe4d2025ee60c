"""What a process runs its turns under."""

import asyncio
import logging

import pytest

from chatkit_core.engine.lease import RENEWALS, Lease
from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Fence
from chatkit_stores.memory import MemoryTurnLog

LONG = 60.0


class Log(MemoryTurnLog):
    """A log that remembers who asked what of it, and that can refuse or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.acquired: list[str] = []
        self.renewals = 0
        self.failures = 0
        self.takes = True
        self.renewed = asyncio.Event()
        self.released: list[str] = []
        self.release = asyncio.Event()

    async def acquire_lease(self, seconds: float) -> str:
        await asyncio.sleep(0)
        self.acquired.append(await super().acquire_lease(LONG))
        return self.acquired[-1]

    async def renew_lease(self, lease: str, seconds: float) -> bool:
        self.renewals += 1
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.renewed.set()
        return self.takes and await super().renew_lease(lease, LONG)

    async def release_lease(self, lease: str) -> None:
        self.released.append(lease)
        self.release.set()
        await super().release_lease(lease)


class Holder:
    """A lease, and what it was told to lose."""

    def __init__(self, seconds: float = LONG) -> None:
        self.log = Log()
        self.lost: list[str] = []
        self.is_needed = True
        self.lease = Lease(self.log, seconds, is_needed=lambda: self.is_needed, on_lost=self.lost.append)


def fence(lease: str) -> Fence:
    return Fence("trn_1", lease, 1)


async def test_all_turns_share_one_lease() -> None:
    holder = Holder()
    assert holder.lease.held is None
    leases = await asyncio.gather(*(holder.lease.acquire() for _ in range(3)))

    assert leases == holder.log.acquired * 3
    assert holder.lease.held == leases[0]
    await holder.lease.release()


async def test_a_check_asks_nobody_while_the_lease_is_fresh() -> None:
    holder = Holder()
    id = await holder.lease.acquire()
    await holder.lease.check(fence(id))

    assert holder.log.renewals == 0
    await holder.lease.release()


async def test_a_check_of_a_lease_that_may_be_over_asks_the_log() -> None:
    holder = Holder(seconds=0)
    id = await holder.lease.acquire()
    await holder.lease.check(fence(id))
    assert holder.log.renewals == 1

    holder.log.failures = 1
    with pytest.raises(OSError, match="full"):
        await holder.lease.check(fence(id))
    assert holder.lease.held == id

    holder.log.takes = False
    with pytest.raises(LeaseLostError):
        await holder.lease.check(fence(id))
    assert (holder.lost, holder.lease.held) == ([id], None)
    await holder.lease.release()


async def test_what_was_taken_under_another_lease_is_lost() -> None:
    holder = Holder()
    id = await holder.lease.acquire()
    with pytest.raises(LeaseLostError):
        await holder.lease.check(fence("lease_of_another"))

    assert (holder.lost, holder.lease.held) == ([], id)
    await holder.lease.release()


async def test_a_refresh_renews_only_what_may_be_over() -> None:
    fresh, old = Holder(), Holder(seconds=0)
    await old.lease.refresh()
    for holder in (fresh, old):
        await holder.lease.acquire()
        await holder.lease.refresh()
        await holder.lease.release()

    assert (fresh.log.renewals, old.log.renewals) == (0, 1)


async def test_a_lease_is_renewed_by_itself_also_after_the_log_has_failed(caplog: pytest.LogCaptureFixture) -> None:
    holder = Holder(seconds=RENEWALS / 1_000)
    holder.log.failures = 1
    id = await holder.lease.acquire()
    await holder.log.renewed.wait()

    assert holder.log.renewals >= 2
    assert holder.lease.held == id
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    await holder.lease.release()


async def test_a_lost_lease_is_told_once_and_the_next_turn_gets_a_new_one() -> None:
    holder = Holder()
    id = await holder.lease.acquire()
    holder.lease.lose("lease_of_another")
    assert (holder.lost, holder.lease.held) == ([], id)
    holder.lease.lose(id)
    holder.lease.lose(id)
    assert (holder.lost, holder.lease.held) == ([id], None)

    new = await holder.lease.acquire()
    assert new != id
    await holder.lease.check(fence(new))
    with pytest.raises(LeaseLostError):
        await holder.lease.check(fence(id))
    await holder.lease.release()


async def test_a_lease_that_the_log_does_not_renew_is_lost() -> None:
    holder = Holder(seconds=RENEWALS / 1_000)
    holder.log.takes = False
    id = await holder.lease.acquire()
    await holder.log.renewed.wait()

    assert (holder.lost, holder.lease.held) == ([id], None)
    await holder.lease.release()


async def test_a_lease_that_nobody_needs_is_released_and_the_next_turn_gets_a_new_one() -> None:
    holder = Holder(seconds=RENEWALS / 1_000)
    id = await holder.lease.acquire()
    holder.is_needed = False
    await holder.log.release.wait()
    assert holder.lease.held is None
    holder.is_needed = True
    new = await holder.lease.acquire()
    await holder.log.renewed.wait()

    assert new != id
    assert (holder.lost, holder.log.released, holder.lease.held) == ([], [id], new)
    await holder.lease.release()


async def test_what_is_done_with_a_lease_that_is_over_is_done_again_with_a_new_one() -> None:
    holder = Holder()
    first = await holder.lease.acquire()
    await holder.log.release_lease(first)

    async def call(lease: str) -> str:
        if lease == first:
            raise LeaseLostError("trn_1")
        return lease

    assert await holder.lease.use(call) == holder.lease.held == holder.log.acquired[1]
    assert holder.lost == [first]
    await holder.lease.release()


async def test_a_lease_is_not_released_while_a_turn_is_being_taken_under_it() -> None:
    holder = Holder(seconds=RENEWALS / 1_000)
    holder.is_needed = False

    async def take_a_turn(lease: str) -> None:
        async with asyncio.timeout(5):
            await holder.log.renewed.wait()
        assert holder.log.released == []

    await holder.lease.use(take_a_turn)
    await holder.lease.release()


async def test_a_lease_that_is_released_is_over_for_all() -> None:
    holder = Holder()
    await holder.lease.release()
    id = await holder.lease.acquire()
    await holder.lease.release()
    await holder.lease.release()

    assert holder.lease.held is None
    assert not await MemoryTurnLog.renew_lease(holder.log, id, LONG)
    assert holder.lost == []
