"""A turn's entries: how they are appended and read."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatkit_core.errors import LeaseLostError, NotFoundError
from chatkit_core.testing.samples import new_id
from chatkit_core.testing.turn_log_base import (
    TurnLogTests,
    create,
    create_waiting,
    delta,
    end,
    event,
    waiting,
)
from chatkit_core.turn_log import Entries, Entry, TurnLog


class EventTests(TurnLogTests):
    async def test_entries_are_read_in_order_from_any_seq(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        first, second = [(await create(turn_log, lease)).record.turn.id for _ in range(2)]
        await turn_log.append(lease, {first: [event(1), event(2)], second: [event(1)]})
        await turn_log.append(lease, {first: [event(3), event(7)], second: []})
        assert await other_log.read(first, after=0) == [event(1), event(2), event(3), event(7)]
        assert await other_log.read(first, after=2) == [event(3), event(7)]
        assert await other_log.read(first, after=5) == [event(7)]
        assert await other_log.read(first, after=7) == []
        assert await other_log.read(second, after=0) == [event(1)]

    async def test_a_turn_of_which_nothing_is_said_has_no_entries(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        await turn_log.append(lease, {})
        assert await turn_log.read(taken.record.turn.id, after=0) == []
        with pytest.raises(NotFoundError):
            await turn_log.read(new_id("turn"), after=0)

    async def test_appending_passes_over_turns_that_the_lease_does_not_hold(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        others, over, gone, rests, mine = [await create(turn_log, lease) for _ in range(5)]
        others = await create(other_log, other_lease)
        await end(turn_log, over)
        await turn_log.discard(gone.record.turn.id)
        await turn_log.update(waiting(rests.record), rests.fence, release=True)
        ids = [taken.record.turn.id for taken in (others, over, gone, rests, mine)]
        await turn_log.append(lease, {id: [event(1)] for id in (*ids, new_id("turn"))})
        kept = [others, over, rests, mine]
        assert [await turn_log.read(taken.record.turn.id, 0) for taken in kept] == [[], [], [], [event(1)]]

    async def test_of_a_turn_that_was_taken_over_only_the_new_lease_appends(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str, other_lease: str
    ) -> None:
        turn_id = (await create_waiting(turn_log, lease)).record.turn.id
        await other_log.take(turn_id, other_lease)
        await turn_log.append(lease, {turn_id: [event(1)]})
        await other_log.append(other_lease, {turn_id: [event(2)]})
        assert await turn_log.read(turn_id, after=0) == [event(2)]

    async def test_under_a_lease_that_has_run_out_nothing_is_appended(self, turn_log: TurnLog, lease: str) -> None:
        ids = [(await create(turn_log, lease)).record.turn.id for _ in range(2)]
        await self.expire(turn_log, lease)
        with pytest.raises(LeaseLostError):
            await turn_log.append(lease, {id: [event(1)] for id in ids})
        assert [await turn_log.read(id, after=0) for id in ids] == [[], []]

    async def test_what_is_queued_or_waiting_and_held_is_appended_to(self, turn_log: TurnLog, lease: str) -> None:
        thread_id = new_id("thr")
        waits, queued = [await create(turn_log, lease, thread_id) for _ in range(2)]
        await turn_log.update(waiting(waits.record), waits.fence)
        for taken in (waits, queued):
            await turn_log.append(lease, {taken.record.turn.id: [event(1)]})
            assert await turn_log.read(taken.record.turn.id, after=0) == [event(1)]

    async def test_text_that_was_read_does_not_grow(self, turn_log: TurnLog, lease: str) -> None:
        taken = await create(turn_log, lease)
        turn_id = taken.record.turn.id
        await turn_log.append(lease, {turn_id: [delta(1, "One ")]})
        read = await turn_log.read(turn_id, after=0)
        appended = delta(2, "two")
        await turn_log.append(lease, {turn_id: [appended]})
        await turn_log.append(lease, {turn_id: [delta(3, ", three")]})
        await turn_log.update(taken.record, taken.fence, [delta(4, ".")])
        assert told(read, 0) == [(1, b'{"delta":"One "}')]
        assert appended.text == "two"
        assert told(await turn_log.read(turn_id, after=1), 1) == [(4, b'{"delta":"two, three."}')]

    async def test_from_any_seq_a_reader_is_told_what_the_turn_said(
        self, turn_log: TurnLog, other_log: TurnLog, lease: str
    ) -> None:
        loop = asyncio.get_running_loop()

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(entries=turns(), cuts=st.lists(st.integers(0, 12), max_size=4))
        def check(entries: list[Entry], cuts: list[int]) -> None:
            coroutine = compare(turn_log, other_log, lease, entries, sorted(cuts))
            asyncio.run_coroutine_threadsafe(coroutine, loop).result()

        await asyncio.to_thread(check)


def turns() -> st.SearchStrategy[list[Entry]]:
    """Turns of a few events: text in two places, whole replacements, and what is neither; with gaps in their seqs."""
    kinds = st.sampled_from(["text", "text", "other text", "task", "image", "done"])
    return st.lists(st.tuples(kinds, st.integers(1, 2), st.text("aé\U0001f44b", max_size=3)), max_size=12).map(
        _numbered
    )


def _numbered(said: list[tuple[str, int, str]]) -> list[Entry]:
    entries: list[Entry] = []
    seq = 0
    for kind, step, text in said:
        seq += step
        match kind:
            case "text" | "other text":
                entries.append(delta(seq, text, kind))
            case "done":
                entries.append(event(seq))
            case _:
                entries.append(event(seq, (kind, "item_1")))
    return entries


async def compare(turn_log: TurnLog, other_log: TurnLog, lease: str, entries: list[Entry], cuts: list[int]) -> None:
    """Append the entries in batches, and read from every seq."""
    turn_id = (await create(turn_log, lease)).record.turn.id
    for first, last in zip([0, *cuts], [*cuts, len(entries)], strict=True):
        await turn_log.append(lease, {turn_id: entries[first:last]})
    for after in range(entries[-1].seq + 1 if entries else 1):
        assert told(await other_log.read(turn_id, after), after) == told(entries, after)


def told(entries: Iterable[Entry], after: int) -> list[tuple[int, bytes]]:
    """What a reader is told, however the log has merged it: the seq and the JSON of each event."""
    dropped, merged = Entries(), Entries()
    dropped.extend(entries)
    merged.extend(dropped)
    return [(seq, data) for seq, _, data in merged.after(after)]
