"""How turns are created, and which of a thread may run."""

import asyncio
from typing import Any

import pytest

from chatkit_core.errors import LeaseLostError, NotFoundError, QueueFullError, ThreadBusyError
from chatkit_core.testing.base import outcomes
from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    a_turn,
    as_queued,
    changed,
    create,
    create_waiting,
    end,
    ids_of_thread,
)
from chatkit_core.turn_log import Taken, TurnLog
from chatkit_core.types.turns import TurnUsage


class CreateTests(TurnLogTests):
    async def test_in_a_thread_where_nothing_happens_a_turn_runs_at_once(self, turn_log: TurnLog, lease: str) -> None:
        record = a_turn(
            input='{"text": "ä"}'.encode(),
            state=b'{"answers": {}}',
            key=new_id("key"),
            digest="d1",
            sender={"name": "Ada", "tags": [1, None]},
            usage=TurnUsage(input_tokens=3, cost_usd=0.25),
        )
        taken = await create(turn_log, lease, record)
        started_at = taken.record.turn.started_at
        assert started_at is not None
        assert started_at.tzinfo is not None
        assert taken.record == changed(record, status="running", started_at=started_at)
        assert (taken.fence.turn_id, taken.fence.lease) == (record.turn.id, lease)
        assert await turn_log.load(record.turn.id) == taken.record

    @pytest.mark.parametrize("option", [{}, {"on_busy": "interrupt"}, {"beside_waiting": True}])
    async def test_while_a_turn_runs_others_of_its_thread_are_queued(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str, option: dict[str, Any]
    ) -> None:
        thread_id = new_id("thr")
        await create(turn_log, lease, thread_id)
        record, elsewhere = a_turn(thread_id), a_turn()
        taken = await create(other_log, other_lease, record, **option)
        assert taken.record == as_queued(record)
        assert await turn_log.load(record.turn.id) == as_queued(record)
        assert (await create(other_log, other_lease, elsewhere)).record.turn.status == "running"

    async def test_a_turn_whose_lease_has_run_out_still_runs(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        await create(turn_log, lease, thread_id)
        await self.expire(turn_log, lease)
        assert (await create(other_log, other_lease, thread_id)).record.turn.status == "queued"

    async def test_a_turn_is_queued_behind_those_that_are_even_if_none_runs(
        self, turn_log: TurnLog, lease: str
    ) -> None:
        thread_id = new_id("thr")
        running = await create(turn_log, lease, thread_id)
        first = await create(turn_log, lease, thread_id)
        await end(turn_log, running)
        second = await create(turn_log, lease, thread_id)
        assert second.record.turn.status == "queued"
        ahead = await create(turn_log, lease, thread_id, on_busy="interrupt")
        assert ahead.record.turn.status == "running"
        assert await ids_of_thread(turn_log, thread_id) == [taken.record.turn.id for taken in (ahead, first, second)]

    @pytest.mark.parametrize(("beside_waiting", "status"), [(False, "queued"), (True, "running")])
    @pytest.mark.parametrize("on_busy", ["enqueue", "reject", "interrupt"])
    async def test_a_turn_is_queued_while_another_waits_unless_it_may_run_beside_it(
        self, turn_log: TurnLog, lease: str, on_busy: str, beside_waiting: bool, status: str
    ) -> None:
        thread_id = new_id("thr")
        await create_waiting(turn_log, lease, thread_id)
        taken = await create(turn_log, lease, thread_id, on_busy=on_busy, beside_waiting=beside_waiting)
        assert taken.record.turn.status == status

    async def test_interrupt_goes_before_all_that_are_queued(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running, first, second = [await create(turn_log, lease, thread_id) for _ in range(3)]
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt")
        hastier = await create(turn_log, lease, thread_id, on_busy="interrupt")
        last = await create(turn_log, lease, thread_id)
        order = [running, hastier, hasty, first, second, last]
        assert await ids_of_thread(turn_log, thread_id) == [taken.record.turn.id for taken in order]

    async def test_reject_is_refused_while_a_turn_runs_and_names_it(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running, queued = [await create(turn_log, lease, thread_id) for _ in range(2)]
        record = a_turn(thread_id)
        with pytest.raises(ThreadBusyError) as refused:
            await turn_log.create(record, lease, on_busy="reject")
        assert refused.value.details == {"turn_id": running.record.turn.id}
        assert await ids_of_thread(turn_log, thread_id) == [running.record.turn.id, queued.record.turn.id]

    async def test_reject_is_refused_while_turns_are_queued_and_names_the_first(
        self, turn_log: TurnLog, lease: str
    ) -> None:
        thread_id = new_id("thr")
        running, _ = [await create(turn_log, lease, thread_id) for _ in range(2)]
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt")
        await end(turn_log, running)
        with pytest.raises(ThreadBusyError) as refused:
            await turn_log.create(a_turn(thread_id), lease, on_busy="reject")
        assert refused.value.details == {"turn_id": hasty.record.turn.id}

    async def test_reject_is_not_refused_when_all_have_ended(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        await end(turn_log, await create(turn_log, lease, thread_id))
        assert (await create(turn_log, lease, thread_id, on_busy="reject")).record.turn.status == "running"

    async def test_a_full_queue_takes_only_who_goes_first(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running, first, second = [await create(turn_log, lease, thread_id, max_queued=2) for _ in range(3)]
        with pytest.raises(QueueFullError):
            await turn_log.create(a_turn(thread_id), lease, max_queued=2)
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt", max_queued=2)
        order = [running, hasty, first, second]
        assert await ids_of_thread(turn_log, thread_id) == [taken.record.turn.id for taken in order]

    async def test_a_full_queue_does_not_hold_up_a_turn_that_runs_at_once(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running = await create(turn_log, lease, thread_id, max_queued=0)
        assert running.record.turn.status == "running"
        with pytest.raises(QueueFullError):
            await turn_log.create(a_turn(thread_id), lease, max_queued=0)

    async def test_a_key_gives_the_turn_that_has_it_as_it_is_now(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        first = a_turn(key=new_id("key"), digest="d1")
        taken = await create(turn_log, lease, first)
        for again in (a_turn(first.turn.thread_id, key=first.key, digest="d2"), a_turn(key=first.key)):
            assert await other_log.create(again, other_lease, on_busy="reject") == taken.record
            with pytest.raises(NotFoundError):
                await turn_log.load(again.turn.id)
        over = await end(turn_log, taken)
        assert await other_log.create(a_turn(key=first.key), other_lease) == over

    async def test_a_key_belongs_to_its_owner(self, turn_log: TurnLog, lease: str) -> None:
        key = new_id("key")
        for owner in ("ada", "bob"):
            record = a_turn(owner=owner, key=key)
            assert (await create(turn_log, lease, record)).record.turn.id == record.turn.id

    async def test_a_turn_that_is_refused_does_not_keep_its_key(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        await create(turn_log, lease, thread_id)
        record, over = a_turn(thread_id, key=new_id("key")), await turn_log.acquire_lease(0)
        assert await outcomes(
            turn_log.create(record, lease, on_busy="reject"),
            turn_log.create(record, lease, max_queued=0),
            turn_log.create(record, over),
        ) == [ThreadBusyError, QueueFullError, LeaseLostError]
        assert (await create(turn_log, lease, record)).record == as_queued(record)

    async def test_of_turns_that_come_at_once_one_runs(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        here = [create(turn_log, lease, thread_id) for _ in range(5)]
        there = [create(other_log, other_lease, thread_id) for _ in range(5)]
        statuses = [taken.record.turn.status for taken in await asyncio.gather(*here, *there)]
        assert sorted(statuses) == ["queued"] * 9 + ["running"]

    async def test_of_turns_with_a_key_that_come_at_once_one_is_created(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id, key = new_id("thr"), new_id("key")
        here = [turn_log.create(a_turn(thread_id, key=key), lease) for _ in range(5)]
        there = [other_log.create(a_turn(thread_id, key=key), other_lease) for _ in range(5)]
        created = await asyncio.gather(*here, *there)
        (taken,) = [one for one in created if isinstance(one, Taken)]
        assert [one for one in created if one is not taken] == [taken.record] * 9
        assert await turn_log.turns_of_thread(thread_id) == [taken.record]


class StartTests(TurnLogTests):
    async def test_turns_start_one_after_the_other_in_their_order(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running, first, second = [await create(turn_log, lease, thread_id) for _ in range(3)]
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt")
        queue = [hasty, first, second]
        while queue:
            assert [await turn_log.start(taken.fence, beside_waiting=True) for taken in queue] == [None] * len(queue)
            await end(turn_log, running)
            assert [await turn_log.start(taken.fence) for taken in queue[1:]] == [None] * len(queue[1:])
            taken = queue.pop(0)
            running = await started(turn_log, taken)
            started_at = running.record.turn.started_at
            assert started_at is not None
            assert started_at.tzinfo is not None
            assert running.record == changed(taken.record, status="running", started_at=started_at)
            assert await turn_log.load(taken.record.turn.id) == running.record

    async def test_turns_of_other_threads_do_not_matter(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        running, queued = [await create(turn_log, lease, thread_id) for _ in range(2)]
        for _ in range(2):
            await create(turn_log, lease, new_id("thr"))
        await end(turn_log, running)
        assert (await started(turn_log, queued)).record.turn.status == "running"

    async def test_a_turn_that_may_not_start_yet_keeps_its_fence(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        _, queued = [await create(turn_log, lease, thread_id) for _ in range(2)]
        assert await turn_log.start(queued.fence) is None
        record = changed(queued.record, sender={"name": "Ada"})
        await turn_log.update(record, queued.fence)
        assert await turn_log.load(record.turn.id) == record

    async def test_a_turn_does_not_start_while_another_waits_unless_it_may_run_beside_it(
        self, turn_log: TurnLog, lease: str
    ) -> None:
        thread_id = new_id("thr")
        await create_waiting(turn_log, lease, thread_id)
        queued = await create(turn_log, lease, thread_id)
        assert await turn_log.start(queued.fence) is None
        assert (await started(turn_log, queued, beside_waiting=True)).record.turn.status == "running"

    async def test_a_waiting_turn_goes_on_once_none_is_running(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        queued = await create_behind_nothing(turn_log, lease, thread_id)
        waits = await create_waiting(turn_log, lease, thread_id)
        await create_waiting(turn_log, lease, thread_id)
        running = await create(turn_log, lease, thread_id, on_busy="interrupt", beside_waiting=True)
        taken = await other_log.take(waits.record.turn.id, other_lease)
        assert taken is not None
        assert await other_log.start(taken.fence, beside_waiting=True) is None
        await end(turn_log, running)
        goes_on = await started(other_log, taken)
        assert goes_on.record == changed(waits.record, status="running", waiting_for=None)
        assert await turn_log.load(waits.record.turn.id) == goes_on.record
        assert await turn_log.start(queued.fence, beside_waiting=True) is None

    async def test_of_waiting_turns_that_go_on_at_once_one_runs(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        first, second = [await create_waiting(turn_log, lease, thread_id) for _ in range(2)]
        here = await turn_log.take(first.record.turn.id, lease)
        there = await other_log.take(second.record.turn.id, other_lease)
        assert here is not None
        assert there is not None
        outcome = await asyncio.gather(turn_log.start(here.fence), other_log.start(there.fence))
        assert [one is None for one in outcome].count(True) == 1


async def started(log: TurnLog, taken: Taken, *, beside_waiting: bool = False) -> Taken:
    """Start the turn, which may."""
    running = await log.start(taken.fence, beside_waiting=beside_waiting)
    assert running is not None
    assert running.fence.number > taken.fence.number
    return running


async def create_behind_nothing(log: TurnLog, lease: str, thread_id: str) -> Taken:
    """Create a turn that is queued in a thread where none runs."""
    running, queued = [await create(log, lease, thread_id) for _ in range(2)]
    await end(log, running)
    return queued
