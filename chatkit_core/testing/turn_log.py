"""`TurnLogContract`: what every turn log promises."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatkit_core.errors import NotFoundError
from chatkit_core.testing.base import outcomes
from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.turn_log import Entries, Entry, EventEntry, TextEntry, TurnLog, TurnRecord
from chatkit_core.types.turns import TurnError, TurnMetadata, TurnStatus


@pytest.mark.anyio
class TurnLogContract:
    """What every turn log promises, in tests. A subclass has an async fixture `turn_log` that yields an open one."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    async def test_a_turn_comes_back_as_it_was_created(self, turn_log: TurnLog) -> None:
        record = a_turn(input=b'{"type": "threads.create", "text": "\xc3\xa4"}')
        await turn_log.create(record)
        assert await turn_log.load(record.turn.id) == record

    async def test_an_update_replaces_the_row_and_keeps_the_events(self, turn_log: TurnLog) -> None:
        record = a_turn()
        await turn_log.create(record)
        await turn_log.append({record.turn.id: [event(1)]})
        failed = changed(record, status="failed", ended_at=THEN, error=TurnError(code="server.error", message="Ouch."))
        await turn_log.update(failed)
        assert await turn_log.load(record.turn.id) == failed
        assert await turn_log.read(record.turn.id, after=0) == [event(1)]

    async def test_what_is_done_to_a_turn_afterwards_does_not_reach_the_log(self, turn_log: TurnLog) -> None:
        record = a_turn()
        kept = changed(record)
        await turn_log.create(record)
        record.turn.status = "failed"
        (await turn_log.load(record.turn.id)).turn.status = "failed"
        (await turn_log.list_turns(record.turn.thread_id))[0].turn.status = "failed"
        assert await turn_log.load(record.turn.id) == kept
        await turn_log.update(kept)
        kept.turn.status = "failed"
        assert (await turn_log.load(record.turn.id)).turn.status == "running"

    async def test_a_turn_that_nobody_created_is_not_found(self, turn_log: TurnLog) -> None:
        missing = a_turn()
        assert (
            await outcomes(
                turn_log.load(missing.turn.id),
                turn_log.update(missing),
                turn_log.read(missing.turn.id, after=0),
            )
            == [NotFoundError] * 3
        )
        assert await turn_log.list_turns(missing.turn.thread_id) == []
        await turn_log.delete_thread(missing.turn.thread_id)

    async def test_a_threads_turns_are_listed_oldest_first(self, turn_log: TurnLog) -> None:
        thread_id = new_id("thr")
        statuses: list[TurnStatus] = ["completed", "failed", "cancelled", "waiting", "running", "queued"]
        turns = [a_turn(thread_id, status=status) for status in statuses]
        for record in (*turns, a_turn()):
            await turn_log.create(record)
        ended = changed(turns[4], status="completed", ended_at=THEN)
        await turn_log.update(ended)
        assert await turn_log.list_turns(thread_id) == [*turns[:4], ended, turns[5]]
        assert await turn_log.list_turns(thread_id, active=True) == [turns[3], turns[5]]

    async def test_entries_are_read_in_order_from_any_seq(self, turn_log: TurnLog) -> None:
        first, second = a_turn(), a_turn()
        for record in (first, second):
            await turn_log.create(record)
        await turn_log.append({first.turn.id: [event(1), event(2)], second.turn.id: [event(1)]})
        await turn_log.append({first.turn.id: [event(3), event(7)]})
        assert await turn_log.read(first.turn.id, after=0) == [event(1), event(2), event(3), event(7)]
        assert await turn_log.read(first.turn.id, after=2) == [event(3), event(7)]
        assert await turn_log.read(first.turn.id, after=5) == [event(7)]
        assert await turn_log.read(first.turn.id, after=7) == []
        assert await turn_log.read(second.turn.id, after=0) == [event(1)]

    async def test_appending_passes_over_turns_that_are_gone(self, turn_log: TurnLog) -> None:
        record = a_turn()
        await turn_log.create(record)
        await turn_log.append({new_id("turn"): [event(1)], record.turn.id: [event(1)]})
        assert await turn_log.read(record.turn.id, after=0) == [event(1)]

    async def test_text_that_was_read_does_not_grow(self, turn_log: TurnLog) -> None:
        record = a_turn()
        await turn_log.create(record)
        await turn_log.append({record.turn.id: [delta(1, "One ")]})
        read = await turn_log.read(record.turn.id, after=0)
        appended = delta(2, "two")
        await turn_log.append({record.turn.id: [appended]})
        await turn_log.append({record.turn.id: [delta(3, ".")]})
        assert told(read, 0) == [(1, b'{"delta":"One "}')]
        assert appended.text == "two"
        assert told(await turn_log.read(record.turn.id, after=1), 1) == [(3, b'{"delta":"two."}')]

    async def test_from_any_seq_a_reader_is_told_what_the_turn_said(self, turn_log: TurnLog) -> None:
        loop = asyncio.get_running_loop()

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(entries=turns(), cuts=st.lists(st.integers(0, 12), max_size=4))
        def check(entries: list[Entry], cuts: list[int]) -> None:
            asyncio.run_coroutine_threadsafe(compare(turn_log, entries, sorted(cuts)), loop).result()

        await asyncio.to_thread(check)

    async def test_a_threads_turns_are_deleted_with_it(self, turn_log: TurnLog) -> None:
        thread_id = new_id("thr")
        gone, kept = [a_turn(thread_id), a_turn(thread_id)], a_turn()
        for record in (*gone, kept):
            await turn_log.create(record)
            await turn_log.append({record.turn.id: [event(1)]})
        await turn_log.delete_thread(thread_id)
        assert await turn_log.list_turns(thread_id) == []
        for record in gone:
            with pytest.raises(NotFoundError):
                await turn_log.read(record.turn.id, after=0)
        assert await turn_log.read(kept.turn.id, after=0) == [event(1)]

    async def test_turns_that_ended_before_a_time_are_purged(self, turn_log: TurnLog) -> None:
        thread_id = new_id("thr")
        old = a_turn(thread_id, status="completed", ended_at=THEN - timedelta(microseconds=1))
        young = a_turn(thread_id, status="completed", ended_at=THEN)
        active = a_turn(thread_id, created_at=THEN - timedelta(days=9))
        for record in (old, young, active):
            await turn_log.create(record)
            await turn_log.append({record.turn.id: [event(1)]})
        assert await turn_log.purge(ended_before=THEN) >= 1
        assert await turn_log.list_turns(thread_id) == [young, active]
        with pytest.raises(NotFoundError):
            await turn_log.read(old.turn.id, after=0)
        assert await turn_log.read(young.turn.id, after=0) == [event(1)]

    async def test_opening_what_is_open_does_nothing(self, turn_log: TurnLog) -> None:
        await turn_log.open()
        await turn_log.open()


def a_turn(thread_id: str | None = None, *, input: bytes = b"{}", **fields: Any) -> TurnRecord:
    turn = TurnMetadata(
        **{
            "id": new_id("turn"),
            "thread_id": thread_id or new_id("thr"),
            "op": "threads.add_user_message",
            "status": "running",
            "created_at": THEN,
            **fields,
        }
    )
    return TurnRecord(turn, owner="ada", input=input)


def changed(record: TurnRecord, **fields: Any) -> TurnRecord:
    return replace(record, turn=record.turn.model_copy(update=fields))


def event(seq: int, replaces: tuple[str, ...] | None = None) -> EventEntry:
    return EventEntry(seq, "thread.item.updated" if replaces else "thread.item.done", b'{"seq":%d}' % seq, replaces)


def delta(seq: int, text: str, place: str = "delta") -> TextEntry:
    entry = TextEntry(b'{"%s":' % place.encode(), b"}", text)
    entry.seqs.append(seq)
    entry.ends.append(len(text))
    return entry


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


async def compare(turn_log: TurnLog, entries: list[Entry], cuts: list[int]) -> None:
    """Append the entries in batches, and read from every seq."""
    record = a_turn()
    await turn_log.create(record)
    for start, end in zip([0, *cuts], [*cuts, len(entries)], strict=True):
        await turn_log.append({record.turn.id: entries[start:end]})
    for after in range(entries[-1].seq + 1 if entries else 1):
        assert told(await turn_log.read(record.turn.id, after), after) == told(entries, after)


def told(entries: Iterable[Entry], after: int) -> list[tuple[int, bytes]]:
    """What a reader is told, however the log has merged it: the seq and the JSON of each event."""
    dropped, merged = Entries(), Entries()
    dropped.extend(entries)
    merged.extend(dropped)
    return [(seq, data) for seq, _, data in merged.after(after)]
