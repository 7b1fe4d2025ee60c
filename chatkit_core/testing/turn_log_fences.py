"""What a turn is written under: a fence that holds."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from chatkit_core.errors import LeaseLostError, NotFoundError
from chatkit_core.testing.base import outcomes
from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    a_turn,
    changed,
    create,
    end,
    ended,
    event,
    waiting,
    what_is_kept,
)
from chatkit_core.turn_log import Taken, TurnLog

Losing = Callable[[TurnLogTests, TurnLog, Taken], Awaitable[object]]


async def _take_over(tests: TurnLogTests, log: TurnLog, taken: Taken) -> None:
    await tests.expire(log, taken.fence.lease)
    assert await log.take(taken.fence.turn_id, await log.acquire_lease(60)) is not None


async def _take_again(tests: TurnLogTests, log: TurnLog, taken: Taken) -> None:
    await log.update(waiting(taken.record), taken.fence, release=True)
    assert await log.take(taken.fence.turn_id, taken.fence.lease) is not None


async def _wait(tests: TurnLogTests, log: TurnLog, taken: Taken) -> None:
    await log.update(waiting(taken.record), taken.fence, release=True)


async def _go_on(tests: TurnLogTests, log: TurnLog, taken: Taken) -> None:
    await log.update(waiting(taken.record), taken.fence)
    assert await log.start(taken.fence) is not None


LOSING: dict[str, Losing] = {
    "its lease has run out": lambda tests, log, taken: tests.expire(log, taken.fence.lease),
    "its lease was released": lambda tests, log, taken: log.release_lease(taken.fence.lease),
    "it was taken over": _take_over,
    "it was taken again": _take_again,
    "it was released": lambda tests, log, taken: log.update(taken.record, taken.fence, release=True),
    "it rests in waiting": _wait,
    "it has gone on": _go_on,
    "it has ended": lambda tests, log, taken: end(log, taken),
}


class FenceTests(TurnLogTests):
    @pytest.mark.parametrize("how", LOSING)
    async def test_nothing_is_written_under_a_fence_that_does_not_hold(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, how: str
    ) -> None:
        taken = await create(turn_log, lease)
        await turn_log.append(lease, {taken.record.turn.id: [event(1)]})
        await LOSING[how](self, turn_log, taken)
        kept = await what_is_kept(turn_log, taken.record.turn.id)
        failed = ended(taken.record, status="failed")
        assert (
            await outcomes(
                other_log.update(failed, taken.fence),
                other_log.update(failed, taken.fence, [event(2)], release=True),
                other_log.start(taken.fence),
            )
            == [LeaseLostError] * 3
        )
        assert await what_is_kept(turn_log, taken.record.turn.id) == kept

    @pytest.mark.parametrize("discard", [False, True])
    async def test_nothing_is_written_of_a_turn_that_is_gone(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, discard: bool
    ) -> None:
        taken = await create(turn_log, lease)
        if discard:
            await other_log.discard(taken.record.turn.id)
        else:
            await other_log.delete_thread(taken.record.turn.thread_id)
        assert await outcomes(
            turn_log.update(taken.record, taken.fence, [event(1)]),
            turn_log.start(taken.fence),
            turn_log.load(taken.record.turn.id),
            turn_log.read(taken.record.turn.id, 0),
        ) == [LeaseLostError, LeaseLostError, NotFoundError, NotFoundError]

    async def test_a_fence_is_that_of_one_lease_and_one_number(
        self, turn_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        taken = await create(turn_log, lease)
        for fence in (
            replace(taken.fence, lease=other_lease),
            replace(taken.fence, number=taken.fence.number - 1),
            replace(taken.fence, number=taken.fence.number + 1),
        ):
            with pytest.raises(LeaseLostError):
                await turn_log.update(ended(taken.record), fence)
        assert await turn_log.load(taken.record.turn.id) == taken.record

    async def test_a_released_turn_is_nobodys(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        taken = await create(turn_log, lease)
        await turn_log.update(waiting(taken.record), taken.fence, [event(1)], release=True)
        assert await what_is_kept(other_log, taken.record.turn.id) == (waiting(taken.record), [event(1)])
        assert taken.record.turn.id not in await turn_log.list_lost()
        assert await other_log.take(taken.record.turn.id, other_lease) is not None

    async def test_an_update_replaces_the_row_and_adds_to_the_events(self, turn_log: TurnLog, lease: str) -> None:
        record = a_turn(key=new_id("key"), digest="d1")
        taken = await create(turn_log, lease, record)
        await turn_log.append(lease, {record.turn.id: [event(1)]})
        step = replace(changed(taken.record, sender={"name": "Ada"}), input=b'{"other": 1}', state=b'{"answers": 1}')
        await turn_log.update(step, taken.fence, [event(2), event(4)])
        assert await what_is_kept(turn_log, record.turn.id) == (step, [event(1), event(2), event(4)])
        await turn_log.append(lease, {record.turn.id: [event(5)]})
        over = ended(step, cancel_reason="user", status="cancelled")
        await turn_log.update(over, taken.fence, [event(6)])
        entries = [event(seq) for seq in (1, 2, 4, 5, 6)]
        assert await what_is_kept(turn_log, record.turn.id) == (over, entries)

    async def test_what_is_done_to_a_turn_afterwards_does_not_reach_the_log(
        self, turn_log: TurnLog, lease: str
    ) -> None:
        record = a_turn()
        taken = await create(turn_log, lease, record)
        kept = changed(taken.record)
        record.turn.op = taken.record.turn.op = "spoilt"
        (await turn_log.load(record.turn.id)).turn.op = "spoilt"
        (await turn_log.turns_of_thread(record.turn.thread_id))[0].turn.op = "spoilt"
        assert await turn_log.load(record.turn.id) == kept
        kept = waiting(kept)
        step = changed(kept)
        await turn_log.update(step, taken.fence, release=True)
        step.turn.op = "spoilt"
        again = await turn_log.take(record.turn.id, lease)
        assert again is not None
        assert again.record == kept
        again.record.turn.op = "spoilt"
        assert await turn_log.load(record.turn.id) == kept
