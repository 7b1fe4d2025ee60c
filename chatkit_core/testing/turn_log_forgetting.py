"""How turns go: with their thread, as if they had never been, and after their time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chatkit_core.errors import GoneError, NotFoundError
from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    a_turn,
    changed,
    create,
    create_waiting,
    end,
    event,
    ids_of_thread,
    what_is_kept,
)
from chatkit_core.turn_log import TurnLog, TurnQuery, TurnRecord, outcome_of, summary


class DeleteTests(TurnLogTests):
    async def test_a_threads_turns_are_deleted_with_it(self, turn_log: TurnLog, other_log: TurnLog, lease: str) -> None:
        thread_id, owner, key = new_id("thr"), new_id("owner"), new_id("key")
        over = await end(turn_log, await create(turn_log, lease, a_turn(thread_id, owner=owner, key=key)))
        running, queued = [await create(turn_log, lease, a_turn(thread_id, owner=owner)) for _ in range(2)]
        waits = await create_waiting(turn_log, lease)
        kept = await create(turn_log, lease, a_turn(owner=owner))
        ids = [record.turn.id for record in (over, running.record, queued.record)]
        await turn_log.append(lease, {id: [event(1)] for id in (*ids, kept.record.turn.id)})
        await turn_log.request_cancel(running.record.turn.id, "user")
        for _ in range(2):
            await other_log.delete_thread(thread_id)
        await other_log.delete_thread(new_id("thr"))
        assert await turn_log.turns_of_thread(thread_id, after=ids[0]) == []
        for turn_id in ids:
            with pytest.raises(NotFoundError):
                await turn_log.read(turn_id, after=0)
        assert await turn_log.list_turns(TurnQuery(owner), limit=9) == [kept.record]
        assert await turn_log.cancel_requests(lease) == {}
        assert await what_is_kept(turn_log, kept.record.turn.id) == (kept.record, [event(1)])
        assert await turn_log.load(waits.record.turn.id) == waits.record
        assert (await create(turn_log, lease, a_turn(thread_id, key=key, owner=owner))).record.turn.status == "running"

    async def test_the_turns_of_a_deleted_thread_are_not_lost(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        await turn_log.delete_thread(taken.record.turn.thread_id)
        await self.expire(turn_log, lease)
        assert taken.record.turn.id not in await turn_log.list_lost()

    async def test_a_discarded_turn_has_never_been(self, turn_log: TurnLog, other_log: TurnLog, lease: str) -> None:
        record = a_turn(owner=new_id("owner"), key=new_id("key"))
        running = await create(turn_log, lease, record)
        queued = await create(turn_log, lease, record.turn.thread_id)
        await turn_log.append(lease, {record.turn.id: [event(1)]})
        await turn_log.request_cancel(record.turn.id, "user")
        for _ in range(2):
            await other_log.discard(record.turn.id)
        await other_log.discard(new_id("turn"))
        with pytest.raises(NotFoundError):
            await turn_log.load(record.turn.id)
        assert await turn_log.list_turns(TurnQuery(record.owner), limit=9) == []
        assert await turn_log.cancel_requests(lease) == {}
        assert await ids_of_thread(turn_log, record.turn.thread_id) == [queued.record.turn.id]
        assert await turn_log.start(queued.fence) is not None
        again = await create(turn_log, lease, record)
        assert again.record.turn.status == "queued"
        assert await turn_log.read(record.turn.id, after=0) == []
        assert running.fence != again.fence


class PurgeTests(TurnLogTests):
    async def test_the_row_of_a_purged_turn_stays(self, turn_log: TurnLog, other_log: TurnLog, lease: str) -> None:
        owner, thread_id = new_id("owner"), new_id("thr")
        first = await self.create_old(turn_log, lease, a_turn(thread_id, owner=owner, state=b'{"x": 1}', key="k"))
        old = await self.create_old(turn_log, lease, a_turn(thread_id, owner=owner, key="l", digest="d1"))
        assert await other_log.purge(ended_before=THEN) >= 2
        bare = [replace(record, input=b"", state=b"", key=None, digest=None) for record in (first, old)]
        assert [await turn_log.load(record.turn.id) for record in bare] == bare
        assert await turn_log.list_turns(TurnQuery(owner), limit=9, order="asc") == bare
        assert await turn_log.turns_of_thread(thread_id, after=first.turn.id) == bare[1:]
        assert await turn_log.summarize(TurnQuery(owner)) == summary(outcome_of(record.turn) for record in bare)

    async def test_the_events_of_a_purged_turn_are_gone(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        old = await self.create_old(turn_log, lease, a_turn())
        await turn_log.purge(ended_before=THEN)
        for after in (0, 1):
            with pytest.raises(GoneError) as gone:
                await other_log.read(old.turn.id, after=after)
            assert gone.value.code == "turn.expired"

    async def test_the_key_of_a_purged_turn_is_free(self, turn_log: TurnLog, lease: str) -> None:
        key = new_id("key")
        old = await self.create_old(turn_log, lease, a_turn(key=key))
        await turn_log.purge(ended_before=THEN)
        taken = await create(turn_log, lease, a_turn(key=key))
        await turn_log.delete_thread(old.turn.thread_id)
        assert await turn_log.create(a_turn(key=key), lease) == taken.record

    async def test_turns_that_ended_later_or_not_at_all_are_not_purged(self, turn_log: TurnLog, lease: str) -> None:
        long_ago = THEN - timedelta(days=9)
        young = await create(turn_log, lease, a_turn(created_at=long_ago, key=new_id("key")))
        await turn_log.append(lease, {young.record.turn.id: [event(1)]})
        over = await end(turn_log, young, ended_at=THEN)
        running = await create(turn_log, lease, a_turn(created_at=long_ago))
        await turn_log.append(lease, {running.record.turn.id: [event(1)]})
        await turn_log.purge(ended_before=THEN)
        assert await what_is_kept(turn_log, over.turn.id) == (over, [event(1)])
        assert await what_is_kept(turn_log, running.record.turn.id) == (running.record, [event(1)])

    async def test_a_turn_is_purged_once(self, turn_log: TurnLog, other_log: TurnLog, lease: str) -> None:
        await turn_log.purge(ended_before=THEN)
        for _ in range(45):
            await self.create_old(turn_log, lease, a_turn())
        assert await other_log.purge(ended_before=THEN) == 45
        assert await turn_log.purge(ended_before=THEN) == 0

    async def create_old(self, log: TurnLog, lease: str, record: TurnRecord) -> TurnRecord:
        """Create a turn that ended just before `THEN`."""
        taken = await create(log, lease, record)
        await log.append(lease, {record.turn.id: [event(1)]})
        started = replace(taken, record=changed(taken.record, started_at=THEN - timedelta(seconds=3)))
        return await end(log, started, ended_at=THEN - timedelta(microseconds=1))
