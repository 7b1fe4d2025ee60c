"""A SQLiteTurnLog: its file, the store that it shares it with, and what goes wrong while it writes."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from turns import event_of, taken, words

from chatkit_core.backends import open_turn_log
from chatkit_core.errors import GoneError, LeaseLostError, NotFoundError
from chatkit_core.testing.samples import THEN, new_thread, said
from chatkit_core.testing.turn_log_base import a_turn, changed, end, event
from chatkit_core.turn_log import Taken, TurnQuery
from chatkit_stores.sqlite import SQLiteStore, SQLiteTurnLog, statements
from chatkit_stores.sqlite.schema import MIGRATIONS, migrate
from chatkit_stores.sqlite.turn_log import PURGED_AT_ONCE

ADA = {"user_id": "ada"}


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SQLiteTurnLog]:
    log = SQLiteTurnLog(tmp_path / "chat.db")
    yield log
    await log.close()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_restart_keeps_turns_entries_leases_and_fences(tmp_path: Path) -> None:
    log = SQLiteTurnLog(tmp_path / "chat.db")
    lease = await log.acquire_lease(60)
    first, second = await taken(log, a_turn("thr_1", key="k"), lease), await taken(log, a_turn("thr_1"), lease)
    await log.append(lease, {first.fence.turn_id: [event(1), words(2, "Hello", " ", "world")]})
    await log.request_cancel(second.fence.turn_id, "user")
    await log.close()
    await log.close()

    again = SQLiteTurnLog(tmp_path / "chat.db")
    await again.open()
    assert await again.turns_of_thread("thr_1") == [first.record, second.record]
    assert await again.read(first.fence.turn_id, after=0) == [event(1), words(2, "Hello", " ", "world")]
    assert await again.cancel_requests(lease) == {second.fence.turn_id: "user"}
    assert await again.renew_lease(lease, 60)
    await end(again, first)
    started = await again.start(second.fence)
    assert started is not None
    assert started.fence.number > second.fence.number > first.fence.number
    await again.close()


async def test_the_log_of_a_store_shares_its_file_and_leaves_it_open(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    log = store.turn_log()
    assert store.turn_log() is log
    thread = new_thread()
    turn = await taken(log, a_turn(thread.id))
    await log.open()
    await log.close()
    assert names_in(tmp_path) == ["chat.db", "chat.db-shm", "chat.db-wal"]
    await store.save_thread(thread, context=ADA)
    assert await log.load(turn.fence.turn_id) == turn.record
    await store.open()
    await log.open()
    await log.close()
    await store.close()
    assert names_in(tmp_path) == ["chat.db"]


async def test_a_file_of_version_1_opens_and_goes_on(tmp_path: Path) -> None:
    path, thread = tmp_path / "chat.db", new_thread(title="old")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, MIGRATIONS[:1])
        statements.save_thread(connection, statements.thread_row(thread, "ada"))
        statements.save_item(connection, thread.id, statements.item_row(said(thread, "Hi.", "msg_1")), [], "ada")
    store: SQLiteStore[Any] = SQLiteStore(path)
    log = store.turn_log()
    turn = await taken(log, a_turn(thread.id))
    assert await store.load_thread(thread.id, context=ADA) == thread
    assert await store.load_item(thread.id, "msg_1", context=ADA) == said(thread, "Hi.", "msg_1")
    assert await log.turns_of_thread(thread.id) == [turn.record]
    await store.close()


async def test_a_url_names_the_file(tmp_path: Path) -> None:
    log = open_turn_log(f"sqlite:///{tmp_path}/my%20chat.db")
    assert isinstance(log, SQLiteTurnLog)
    await log.open()
    await log.close()
    assert names_in(tmp_path) == ["my chat.db"]
    with pytest.raises(ValueError, match="is not sqlite:///relative"):
        SQLiteTurnLog.from_url("sqlite://chat.db")


async def test_what_is_not_plain_text_comes_back_as_it_was(log: SQLiteTurnLog) -> None:
    odd = "turn_'; DROP TABLE turns; --\n\"\0\U0001f44b"
    record = a_turn("thr_'\"", id=odd, input=b'"\xf0\x9f\x91\x8b\x00"', key="'", digest='"', state=b"\xff")
    record.turn.sender = {"name": "O'Neil", "none": None, "large": 10**30}
    turn = await taken(log, record)
    await log.append(turn.fence.lease, {odd: [words(1, "it's", "\0")]})
    await log.request_cancel(odd, "'")
    assert (
        await log.load(odd) == turn.record == changed(record, status="running", started_at=turn.record.turn.started_at)
    )
    assert await log.read(odd, after=0) == [words(1, "it's", "\0")]
    assert await log.cancel_requests(turn.fence.lease) == {odd: "'"}
    assert await log.list_turns(TurnQuery("ada", "thr_'\""), limit=9) == [turn.record]


async def test_megabytes_of_input_state_and_text_come_back(log: SQLiteTurnLog) -> None:
    large = b"x" * 5_000_000
    turn = await taken(log, a_turn("thr_1", input=large, state=large))
    record = changed(turn.record, cancel_reason="large")
    await log.update(record, turn.fence, [event_of(1, large), words(2, "é" * 3_000_000)])
    assert await log.load(turn.fence.turn_id) == record
    assert await log.read(turn.fence.turn_id, after=0) == [event_of(1, large), words(2, "é" * 3_000_000)]


async def test_a_cursor_that_is_no_64_bit_number_is_behind_all(log: SQLiteTurnLog) -> None:
    turn = await taken(log, a_turn("thr_1"))
    await log.append(turn.fence.lease, {turn.fence.turn_id: [event(1)]})
    assert await log.read(turn.fence.turn_id, after=10**30) == []


async def test_a_turn_of_another_thread_is_no_place_in_this_one(log: SQLiteTurnLog) -> None:
    other, here = await taken(log, a_turn("thr_1")), [await taken(log, a_turn("thr_2")) for _ in range(2)]
    for turn in here:
        await end(log, turn)
    assert await log.turns_of_thread("thr_2", after=other.fence.turn_id) == []


async def test_a_turn_is_kept_as_it_was_when_it_was_handed_over(log: SQLiteTurnLog) -> None:
    record, lease = a_turn("thr_1"), await log.acquire_lease(60)
    creating = asyncio.create_task(log.create(record, lease))
    await asyncio.sleep(0)
    record.turn.op = "changed since"
    created = await creating
    assert isinstance(created, Taken)
    assert created.record.turn.op == (await log.load(record.turn.id)).turn.op == a_turn().turn.op


async def test_what_a_cancelled_caller_has_appended_is_not_there_twice_when_they_append_it_again(
    log: SQLiteTurnLog,
) -> None:
    turn = await taken(log, a_turn("thr_1"))
    id, lease = turn.fence.turn_id, turn.fence.lease
    await log.append(lease, {id: [event(1)]})
    appending = asyncio.create_task(log.append(lease, {id: [words(2, "one", "two"), event_of(4, b'{"unsaid":1}')]}))
    await asyncio.sleep(0)
    appending.cancel()
    await asyncio.wait([appending])
    assert appending.cancelled()
    await log.append(lease, {id: [words(2, "one", "two")]})
    assert await log.read(id, after=0) == [event(1), words(2, "one", "two")]
    await log.update(turn.record, turn.fence, [event(4)])
    await log.update(turn.record, turn.fence, [event(4), event(5)])
    assert await log.read(id, after=0) == [event(1), words(2, "one", "two"), event(4), event(5)]


async def test_a_turn_has_none_of_the_entries_of_one_that_was_deleted_before_it(log: SQLiteTurnLog) -> None:
    for delete in (log.discard, lambda turn_id: log.delete_thread("thr_1")):
        turn = await taken(log, a_turn("thr_1"))
        assert await log.read(turn.fence.turn_id, after=0) == []
        await log.append(turn.fence.lease, {turn.fence.turn_id: [event(1)]})
        await delete(turn.fence.turn_id)
    turn = await taken(log, a_turn("thr_1"))
    assert await log.read(turn.fence.turn_id, after=0) == []


async def test_a_batch_that_is_appended_while_the_thread_is_deleted_leaves_nothing(log: SQLiteTurnLog) -> None:
    lease = await log.acquire_lease(60)
    gone, kept = await taken(log, a_turn("thr_1"), lease), await taken(log, a_turn("thr_2"), lease)
    batches = [{gone.fence.turn_id: [event(seq)], kept.fence.turn_id: [event(seq)]} for seq in range(1, 9)]
    before, after = batches[:4], batches[4:]
    await asyncio.gather(
        *(log.append(lease, batch) for batch in before),
        log.delete_thread("thr_1"),
        *(log.append(lease, batch) for batch in after),
    )
    with pytest.raises(NotFoundError):
        await log.read(gone.fence.turn_id, after=0)
    with pytest.raises(LeaseLostError):
        await log.update(gone.record, gone.fence, [event(9)])
    assert await log.read(kept.fence.turn_id, after=0) == [event(seq) for seq in range(1, 9)]
    assert await log._database.read(lambda c: c.execute("SELECT count(DISTINCT turn) FROM batches").fetchone()) == (1,)


async def test_a_reader_sees_the_turn_as_it_was_before_a_write(log: SQLiteTurnLog) -> None:
    turn = await taken(log, a_turn("thr_1"))
    await log.append(turn.fence.lease, {turn.fence.turn_id: [event(1)]})
    go_on = threading.Event()
    held_up = asyncio.create_task(log._database.write(lambda connection: go_on.wait()))
    ending = asyncio.create_task(end(log, turn))
    appended = asyncio.create_task(log.append(turn.fence.lease, {turn.fence.turn_id: [event(2)]}))
    assert await log.load(turn.fence.turn_id) == turn.record
    assert await log.read(turn.fence.turn_id, after=0) == [event(1)]
    go_on.set()
    await asyncio.gather(held_up, appended)
    assert await log.load(turn.fence.turn_id) == await ending
    assert await log.read(turn.fence.turn_id, after=0) == [event(1)]


async def test_a_full_disk_loses_nothing_and_the_turn_goes_on_when_there_is_room(log: SQLiteTurnLog) -> None:
    async def limit_pages(pages: int) -> None:
        await log._database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())

    turn = await taken(log, a_turn("thr_1"))
    id, lease = turn.fence.turn_id, turn.fence.lease
    await log.append(lease, {id: [event(1)]})
    await limit_pages(60)
    large = event_of(2, b"x" * 300_000)
    for write in (
        log.append(lease, {id: [large]}),
        log.update(changed(turn.record, status="completed"), turn.fence, [large], release=True),
        log.create(a_turn("thr_2", id="turn_2", input=large.data), lease),
    ):
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            await write
    assert await log.load(id) == turn.record
    assert await log.read(id, after=0) == [event(1)]
    with pytest.raises(NotFoundError):
        await log.load("turn_2")
    await limit_pages(1000)
    await log.append(lease, {id: [large]})
    assert await log.read(id, after=1) == [large]
    assert isinstance(await log.create(a_turn("thr_2", id="turn_2", input=large.data), lease), Taken)


async def test_many_turns_are_purged_in_several_steps(log: SQLiteTurnLog) -> None:
    lease = await log.acquire_lease(60)
    turns = [await taken(log, a_turn(f"thr_{n}", key=f"{n}"), lease) for n in range(2 * PURGED_AT_ONCE)]
    await log.append(lease, {turn.fence.turn_id: [event(1)] for turn in turns})
    records = [await end(log, turn) for turn in turns]
    assert await log.purge(THEN) == 0
    assert await log.purge(THEN + timedelta(seconds=1)) == 2 * PURGED_AT_ONCE
    assert await log.purge(THEN + timedelta(seconds=1)) == 0
    assert [r.turn for r in await log.list_turns(TurnQuery("ada"), limit=1000, order="asc")] == [
        r.turn for r in records
    ]
    with pytest.raises(GoneError):
        await log.read(turns[0].fence.turn_id, after=0)
    assert await log._database.read(lambda c: c.execute("SELECT count(*) FROM batches").fetchone()) == (0,)


async def test_leases_that_are_over_are_forgotten_once_they_hold_nothing(log: SQLiteTurnLog) -> None:
    idle, holding = await log.acquire_lease(60), await log.acquire_lease(60)
    turn = await taken(log, a_turn("thr_1"), holding)
    await log.release_lease(idle)
    await log.release_lease(holding)
    third = await log.acquire_lease(60)
    leases = lambda c: sorted(row[0] for row in c.execute("SELECT id FROM leases"))  # noqa: E731
    assert await log._database.read(leases) == sorted([holding, third])
    assert await log.take(turn.fence.turn_id, third) is not None
    fourth = await log.acquire_lease(60)
    assert await log._database.read(leases) == sorted([third, fourth])
