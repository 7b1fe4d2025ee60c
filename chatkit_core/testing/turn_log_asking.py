"""What processes ask of each other: to end a turn, and what is new."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import TurnLogTests, create, create_waiting, end, event, waiting
from chatkit_core.turn_log import Taken, TurnLog


class AskingTests(TurnLogTests):
    async def test_whoever_holds_a_turn_hears_why_it_is_to_end_and_the_first_reason_stays(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        thread_id = new_id("thr")
        running, queued, untold = [(await create(turn_log, lease, thread_id)).record.turn.id for _ in range(3)]
        theirs = (await create(other_log, other_lease)).record.turn.id
        assert await turn_log.cancel_requests(lease) == {}
        for turn_id, reason in ((running, "user"), (queued, "retried"), (running, "disconnected"), (theirs, "mine")):
            await other_log.request_cancel(turn_id, reason)
        assert await turn_log.cancel_requests(lease) == {running: "user", queued: "retried"}
        assert await turn_log.cancel_requests(other_lease) == {theirs: "mine"}
        assert (await turn_log.load(untold)).turn.cancel_reason is None

    async def test_a_turn_that_has_ended_or_is_unknown_is_not_asked_to_end(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        asked, over = await create(turn_log, lease), await create(turn_log, lease)
        await other_log.request_cancel(asked.record.turn.id, "user")
        for taken in (asked, over):
            await end(turn_log, taken)
        for turn_id in (over.record.turn.id, new_id("turn")):
            await other_log.request_cancel(turn_id, "user")
        assert await turn_log.cancel_requests(lease) == {}

    async def test_who_takes_a_turn_hears_that_it_is_to_end(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        turn_id = (await create_waiting(turn_log, lease)).record.turn.id
        await turn_log.request_cancel(turn_id, "user")
        assert await turn_log.cancel_requests(lease) == {}
        await other_log.take(turn_id, other_lease)
        assert await other_log.cancel_requests(other_lease) == {turn_id: "user"}
        assert await turn_log.cancel_requests(lease) == {}


Change = Callable[[TurnLog, Taken], Awaitable[object]]

CHANGES: dict[str, Change] = {
    "more entries": lambda log, taken: log.append(taken.fence.lease, {taken.record.turn.id: [event(1)]}),
    "another row": lambda log, taken: log.update(waiting(taken.record), taken.fence),
    "both": lambda log, taken: log.update(waiting(taken.record), taken.fence, [event(1)]),
    "its end": end,
}


class WaitTests(TurnLogTests):
    @pytest.mark.parametrize("change", CHANGES)
    async def test_who_waits_for_a_turn_learns_soon_what_has_changed(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, change: str
    ) -> None:
        taken = await create(turn_log, lease)
        async with asyncio.timeout(5):
            waiter = asyncio.create_task(other_log.wait(taken.record.turn.id, after=0, seconds=600))
            await CHANGES[change](turn_log, taken)
            await waiter

    async def test_who_waits_for_entries_that_are_there_already_does_not_wait(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        taken = await create(turn_log, lease)
        await turn_log.append(lease, {taken.record.turn.id: [event(1), event(2)]})
        async with asyncio.timeout(5):
            await other_log.wait(taken.record.turn.id, after=1, seconds=600)

    async def test_nobody_waits_longer_than_they_want_to(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        async with asyncio.timeout(5):
            await turn_log.wait(taken.record.turn.id, after=0, seconds=0.01)
