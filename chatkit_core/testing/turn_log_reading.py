"""How turns are found: one, a thread's, an owner's; and what is counted of them."""

from datetime import timedelta

import pytest

from chatkit_core.errors import NotFoundError
from chatkit_core.testing.base import outcomes
from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    a_turn,
    changed,
    create,
    create_waiting,
    end,
    ids_of_thread,
)
from chatkit_core.turn_log import TurnLog, TurnQuery, TurnRecord, outcome_of, summary
from chatkit_core.types.turns import TurnError, TurnSummary


class ThreadsTurnsTests(TurnLogTests):
    async def test_what_nobody_created_is_not_found(self, turn_log: TurnLog) -> None:
        assert await outcomes(
            turn_log.load(new_id("turn")),
            turn_log.turns_of_thread(new_id("thr")),
            turn_log.turns_of_thread(new_id("thr"), after=new_id("turn")),
        ) == [NotFoundError, [], []]

    async def test_a_threads_active_turns_are_told_in_the_order_of_their_places(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        thread_id = new_id("thr")
        over = await create(turn_log, lease, thread_id)
        await end(turn_log, over)
        waits = await create_waiting(turn_log, lease, thread_id)
        running = await create(turn_log, lease, thread_id, beside_waiting=True)
        queued = await create(turn_log, lease, thread_id)
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt")
        await create(turn_log, lease)
        expected = [waits.record, running.record, hasty.record, queued.record]
        assert await other_log.turns_of_thread(thread_id) == expected
        assert await other_log.turns_of_thread(thread_id, after=new_id("turn")) == expected

    async def test_with_them_come_those_whose_place_is_after_a_turn(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        waits = await create_waiting(turn_log, lease, thread_id)
        first, second = [
            await end(turn_log, await create(turn_log, lease, thread_id, beside_waiting=True)) for _ in range(2)
        ]
        running, queued = [await create(turn_log, lease, thread_id, beside_waiting=True) for _ in range(2)]
        hasty = await create(turn_log, lease, thread_id, on_busy="interrupt")
        gave_up = await end(turn_log, hasty, status="cancelled")
        ids = [record.turn.id for record in (waits.record, first, second, running.record, gave_up, queued.record)]
        active = [ids[0], ids[3], ids[5]]
        assert await ids_of_thread(turn_log, thread_id) == active
        assert await ids_of_thread(turn_log, thread_id, after=ids[0]) == ids
        assert await ids_of_thread(turn_log, thread_id, after=ids[1]) == [ids[0], *ids[2:]]
        assert await ids_of_thread(turn_log, thread_id, after=ids[3]) == [ids[0], *ids[3:]]
        for last in ids[4:]:
            assert await ids_of_thread(turn_log, thread_id, after=last) == active
        assert await turn_log.turns_of_thread(thread_id, after=ids[1]) == [
            waits.record,
            second,
            running.record,
            gave_up,
            queued.record,
        ]


class OwnersTurnsTests(TurnLogTests):
    async def test_an_owners_turns_are_told_from_the_newest_on(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        owner = new_id("owner")
        records = await self.create_some(turn_log, lease, owner)
        await self.create_some(turn_log, lease, new_id("owner"))
        assert await other_log.list_turns(TurnQuery(owner), limit=100) == records[::-1]
        assert await other_log.list_turns(TurnQuery(owner), limit=100, order="asc") == records
        assert await other_log.list_turns(TurnQuery(owner), limit=2) == records[:-3:-1]
        assert await other_log.list_turns(TurnQuery(new_id("owner")), limit=100) == []

    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
    async def test_a_page_goes_on_after_a_turn(self, turn_log: TurnLog, lease: str, limit: int) -> None:
        owner = new_id("owner")
        records = await self.create_some(turn_log, lease, owner)
        for start, record in enumerate(records):
            later = await turn_log.list_turns(TurnQuery(owner), limit=limit, after=record.turn.id, order="asc")
            assert later == records[start + 1 :][:limit]
            earlier = await turn_log.list_turns(TurnQuery(owner), limit=limit, after=record.turn.id)
            assert earlier == records[:start][::-1][:limit]

    async def test_a_page_goes_on_after_a_turn_that_the_query_does_not_match_any_more(
        self, turn_log: TurnLog, lease: str
    ) -> None:
        owner = new_id("owner")
        first, second, third = [await create(turn_log, lease, a_turn(owner=owner)) for _ in range(3)]
        running = TurnQuery(owner, statuses=frozenset({"running"}))
        assert await turn_log.list_turns(running, limit=2) == [third.record, second.record]
        await end(turn_log, second)
        assert await turn_log.list_turns(running, limit=2, after=second.record.turn.id) == [first.record]

    async def test_a_page_after_what_is_not_the_owners_is_not_found(self, turn_log: TurnLog, lease: str) -> None:
        owner = new_id("owner")
        await create(turn_log, lease, a_turn(owner=owner))
        theirs = await create(turn_log, lease, a_turn(owner=new_id("owner")))
        for after in (new_id("turn"), theirs.record.turn.id):
            with pytest.raises(NotFoundError):
                await turn_log.list_turns(TurnQuery(owner), limit=2, after=after)

    async def test_a_query_narrows_what_is_told_and_counted(self, turn_log: TurnLog, lease: str) -> None:
        owner = new_id("owner")
        records = await self.create_some(turn_log, lease, owner)
        thread_id = records[0].turn.thread_id
        edge = records[2].turn.created_at
        for query, expected in (
            (TurnQuery(owner, thread_id=thread_id), [records[0], records[1], records[5]]),
            (TurnQuery(owner, thread_id=new_id("thr")), []),
            (TurnQuery(new_id("owner"), thread_id=thread_id), []),
            (TurnQuery(owner, statuses=frozenset({"failed"})), [records[1], records[3]]),
            (TurnQuery(owner, statuses=frozenset({"queued", "running"})), records[4:]),
            (TurnQuery(owner, since=edge), records[2:]),
            (TurnQuery(owner, until=edge), records[:2]),
            (TurnQuery(owner, since=edge, until=edge + timedelta(microseconds=1)), records[2:4]),
            (TurnQuery(owner, thread_id, frozenset({"failed"}), since=edge), []),
        ):
            assert await turn_log.list_turns(query, limit=100, order="asc") == expected
            assert await turn_log.summarize(query) == summary(outcome_of(record.turn) for record in expected)

    async def test_turns_are_counted(self, turn_log: TurnLog, other_log: TurnLog, lease: str) -> None:
        owner = new_id("owner")
        records = await self.create_some(turn_log, lease, owner)
        assert await other_log.summarize(TurnQuery(owner)) == summary(outcome_of(record.turn) for record in records)
        assert await other_log.summarize(TurnQuery(new_id("owner"))) == TurnSummary(total=0, counts={})

    async def create_some(self, log: TurnLog, lease: str, owner: str) -> list[TurnRecord]:
        """Six turns of three threads, from the oldest on; two were created at the same time."""
        threads = [new_id("thr") for _ in range(3)]
        records: list[TurnRecord] = []
        for minutes, thread, how in (
            (0, 0, {"status": "completed"}),
            (1, 0, {"status": "failed", "error": TurnError(code="server.error")}),
            (2, 1, {"status": "cancelled", "cancel_reason": "user"}),
            (2, 1, {"status": "failed", "error": TurnError(code="limit.max_seconds")}),
            (3, 2, {"status": "running"}),
            (4, 0, {"status": "running"}),
        ):
            record = a_turn(threads[thread], owner=owner, created_at=THEN + timedelta(minutes=minutes))
            taken = await create(log, lease, record)
            started = changed(taken.record, started_at=record.turn.created_at + timedelta(seconds=1))
            if how["status"] != "running":
                how = {**how, "ended_at": started.turn.created_at + timedelta(seconds=1.7 + minutes)}
            records.append(changed(started, **how))
            await log.update(records[-1], taken.fence)
        return records
