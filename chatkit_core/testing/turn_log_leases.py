"""Who holds a turn: leases, and how turns are taken."""

import asyncio

from chatkit_core.errors import LeaseLostError, NotFoundError
from chatkit_core.testing.base import outcomes
from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    a_turn,
    create,
    create_waiting,
    end,
    ended,
    event,
    waiting,
    what_is_kept,
)
from chatkit_core.turn_log import Fence, Taken, TurnLog


class LeaseTests(TurnLogTests):
    async def test_a_lease_can_be_renewed(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        for _ in range(2):
            assert await turn_log.renew_lease(lease, 60)
        await turn_log.update(taken.record, taken.fence, [event(1)])
        assert taken.record.turn.id not in await turn_log.list_lost()

    async def test_every_lease_is_another(self, turn_log: TurnLog, other_log: TurnLog) -> None:
        leases = [await log.acquire_lease(60) for log in (turn_log, other_log) for _ in range(2)]
        assert len(set(leases)) == 4

    async def test_a_lease_that_has_run_out_takes_nothing(self, turn_log: TurnLog, lease: str) -> None:
        waits, over, record = await create_waiting(turn_log, lease), await turn_log.acquire_lease(0), a_turn()
        assert await outcomes(
            turn_log.create(record, over),
            turn_log.take(waits.record.turn.id, over),
            turn_log.load(record.turn.id),
        ) == [LeaseLostError, LeaseLostError, NotFoundError]
        assert await turn_log.load(waits.record.turn.id) == waits.record

    async def test_a_released_lease_is_over_for_good(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        for _ in range(2):
            await turn_log.release_lease(lease)
        assert not await turn_log.renew_lease(lease, 60)
        assert (
            await outcomes(
                turn_log.create(a_turn(), lease),
                turn_log.update(ended(taken.record), taken.fence),
                turn_log.append(lease, {taken.record.turn.id: [event(1)]}),
            )
            == [LeaseLostError] * 3
        )
        assert await what_is_kept(turn_log, taken.record.turn.id) == (taken.record, [])

    async def test_a_lease_that_has_lost_a_turn_is_over_for_good(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        lost, other = await create(turn_log, lease), await create(turn_log, lease)
        await self.expire(turn_log, lease)
        assert await other_log.take(lost.record.turn.id, other_lease) is not None
        assert not await turn_log.renew_lease(lease, 60)
        assert (
            await outcomes(
                turn_log.create(a_turn(), lease),
                turn_log.update(ended(other.record), other.fence),
                turn_log.append(lease, {other.record.turn.id: [event(1)]}),
                turn_log.take(other.record.turn.id, lease),
            )
            == [LeaseLostError] * 4
        )
        assert await what_is_kept(turn_log, other.record.turn.id) == (other.record, [])

    async def test_the_turns_of_a_lease_that_is_over_are_lost(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        over = await create(turn_log, lease, thread_id)
        await end(turn_log, over)
        waits = await create_waiting(turn_log, lease, thread_id)
        running = await create(turn_log, lease, thread_id, beside_waiting=True)
        queued = await create(turn_log, lease, thread_id)
        held = await create(turn_log, other_lease, thread_id)
        mine = {taken.record.turn.id for taken in (over, waits, running, queued, held)}
        assert mine.isdisjoint(await other_log.list_lost())
        await self.expire(turn_log, lease)
        assert mine.intersection(await other_log.list_lost()) == {running.record.turn.id, queued.record.turn.id}
        assert await other_log.take(queued.record.turn.id, other_lease) is not None
        assert mine.intersection(await other_log.list_lost()) == {running.record.turn.id}

    async def test_the_turns_of_a_lease_that_was_released_are_lost(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        await turn_log.release_lease(lease)
        assert taken.record.turn.id in await turn_log.list_lost()


class TakeTests(TurnLogTests):
    async def test_a_waiting_turn_is_taken_by_whoever_comes(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        waits = await create_waiting(turn_log, lease)
        taken = await other_log.take(waits.record.turn.id, other_lease)
        assert taken is not None
        assert taken == Taken(waits.record, Fence(waits.record.turn.id, other_lease, taken.fence.number))
        assert taken.fence.number > waits.fence.number
        await other_log.update(taken.record, taken.fence, [event(1)])
        assert await what_is_kept(turn_log, waits.record.turn.id) == (waits.record, [event(1)])

    async def test_turns_whose_lease_has_run_out_are_taken_with_the_status_that_they_have(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        running, queued = [await create(turn_log, lease, thread_id) for _ in range(2)]
        await self.expire(turn_log, lease)
        for lost in (running, queued):
            taken = await other_log.take(lost.record.turn.id, other_lease)
            assert taken is not None
            assert taken.record == lost.record
            assert taken.fence.number > lost.fence.number
            over = await end(other_log, taken)
            assert await turn_log.load(lost.record.turn.id) == over

    async def test_what_cannot_be_taken_is_none(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        running = await create(turn_log, lease)
        queued = await create(turn_log, lease, running.record.turn.thread_id)
        waits = await create(turn_log, lease)
        await turn_log.update(waiting(waits.record), waits.fence)
        over, deleted = await create(turn_log, lease), await create(turn_log, lease)
        await end(turn_log, over)
        await turn_log.delete_thread(deleted.record.turn.thread_id)
        for taken in (running, queued, waits, over, deleted, Taken(a_turn(), running.fence)):
            assert await turn_log.take(taken.record.turn.id, lease) is None
            assert await other_log.take(taken.record.turn.id, other_lease) is None
        for held in (running, queued, waits):
            await turn_log.update(ended(held.record), held.fence)

    async def test_of_those_that_take_a_turn_at_once_one_gets_it(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        waits = await create_waiting(turn_log, lease)
        here = [turn_log.take(waits.record.turn.id, lease) for _ in range(3)]
        there = [other_log.take(waits.record.turn.id, other_lease) for _ in range(3)]
        (taken,) = [one for one in await asyncio.gather(*here, *there) if one is not None]
        await turn_log.update(ended(taken.record), taken.fence)

    async def test_the_number_of_a_fence_grows_with_every_taking_in_a_thread(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        first, second = [await create(turn_log, lease, thread_id) for _ in range(2)]
        await end(turn_log, first)
        started = await turn_log.start(second.fence)
        third = await create(other_log, other_lease, thread_id, on_busy="interrupt")
        await self.expire(turn_log, lease)
        taken = await other_log.take(second.record.turn.id, other_lease)
        assert started is not None
        assert taken is not None
        numbers = [one.fence.number for one in (first, second, started, third, taken)]
        assert numbers == sorted(set(numbers))
