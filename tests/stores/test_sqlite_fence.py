"""What a turn's code writes to a SQLiteStore: only while the turn is its own."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from turns import event_of, taken, words

from chatkit_core.errors import LeaseLostError, NotFoundError
from chatkit_core.testing.samples import a_file, new_thread, said
from chatkit_core.testing.turn_log_base import a_turn, changed, end
from chatkit_core.turn_log import Entry, Fence, TurnLog, Writer, writing_as
from chatkit_stores.memory import MemoryTurnLog
from chatkit_stores.sqlite import SQLiteStore, SQLiteTurnLog

ADA = {"user_id": "ada"}
THREAD = new_thread(title="before")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore[Any]]:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    await store.save_thread(THREAD, context=ADA)
    await store.add_thread_item(THREAD.id, said(THREAD, "Hi.", "msg_1"), context=ADA)
    yield store
    await store.close()


@contextmanager
def writing(log: TurnLog, fence: Fence, entries: Sequence[Entry] | None = None) -> Iterator[Writer]:
    writer = Writer(log, fence, entries)
    token = writing_as.set(writer)
    try:
        yield writer
    finally:
        writing_as.reset(token)


async def test_a_turn_writes_while_its_fence_holds(store: SQLiteStore[Any]) -> None:
    log = store.turn_log()
    turn = await taken(log, a_turn(THREAD.id))
    with writing(log, turn.fence) as writer:
        await store.update_thread(THREAD.id, {"title": "first"}, context=ADA)
        await log.update(changed(turn.record, status="waiting"), turn.fence, release=True)
        with pytest.raises(LeaseLostError):
            await store.update_thread(THREAD.id, {"title": "while it waits"}, context=ADA)
        again = await log.take(turn.fence.turn_id, turn.fence.lease)
        assert again is not None
        with pytest.raises(LeaseLostError):
            await store.update_thread(THREAD.id, {"title": "under the old fence"}, context=ADA)
        writer.fence = again.fence
        await store.update_thread(THREAD.id, {"metadata": {"goes": "on"}}, context=ADA)
    thread = await store.load_thread(THREAD.id, context=ADA)
    assert (thread.title, thread.metadata) == ("first", {"goes": "on"})


async def test_a_turn_whose_lease_is_over_changes_nothing(store: SQLiteStore[Any]) -> None:
    log = store.turn_log()
    turn = await taken(log, a_turn(THREAD.id))
    await log.release_lease(turn.fence.lease)
    with writing(log, turn.fence):
        for write in (
            store.save_thread(THREAD.model_copy(update={"title": "after"}), context=ADA),
            store.update_thread(THREAD.id, {"title": "after"}, context=ADA),
            store.add_thread_item(THREAD.id, said(THREAD, "late", "msg_2"), context=ADA),
            store.save_item(THREAD.id, said(THREAD, "late", "msg_1"), context=ADA),
            store.delete_thread_item(THREAD.id, "msg_1", context=ADA),
            store.remove_items_after(THREAD.id, "msg_1", context=ADA),
            store.save_feedback(THREAD.id, ["msg_1"], "positive", context=ADA),
            store.save_attachment(a_file(), context=ADA),
            store.delete_thread(THREAD.id, context=ADA),
        ):
            with pytest.raises(LeaseLostError, match=turn.fence.turn_id):
                await write
        assert await store.load_thread(THREAD.id, context=ADA) == THREAD
    page = await store.load_thread_items(THREAD.id, after=None, limit=9, order="asc", context=ADA)
    assert page.data == [said(THREAD, "Hi.", "msg_1")]
    assert await store.load_feedback(THREAD.id, context=ADA) == {}


async def test_a_turn_that_has_ended_or_is_deleted_writes_nothing(store: SQLiteStore[Any]) -> None:
    log = store.turn_log()
    done, gone = await taken(log, a_turn("thr_1")), await taken(log, a_turn("thr_2"))
    await end(log, done)
    await log.discard(gone.fence.turn_id)
    for turn in (done, gone):
        with writing(log, turn.fence), pytest.raises(LeaseLostError):
            await store.update_thread(THREAD.id, {"title": "late"}, context=ADA)


async def test_a_write_that_fails_for_another_reason_says_so(store: SQLiteStore[Any]) -> None:
    turn = await taken(store.turn_log(), a_turn(THREAD.id))
    with writing(store.turn_log(), turn.fence), pytest.raises(NotFoundError):
        await store.update_thread("thr_missing", {"title": "?"}, context=ADA)


async def test_turns_of_another_log_and_who_writes_outside_of_turns_are_not_checked(
    store: SQLiteStore[Any], tmp_path: Path
) -> None:
    none = Fence("turn_1", "lease_1", 1)
    other = SQLiteTurnLog(tmp_path / "chat.db")
    for log in (MemoryTurnLog(), other):
        with writing(log, none):
            await store.update_thread(THREAD.id, {"metadata": {type(log).__name__: True}}, context=ADA)
    await store.update_thread(THREAD.id, {"title": "outside"}, context=ADA)
    thread = await store.load_thread(THREAD.id, context=ADA)
    assert (thread.title, thread.metadata) == ("outside", {"MemoryTurnLog": True, "SQLiteTurnLog": True})


async def test_an_item_and_what_its_turn_has_said_are_written_together(store: SQLiteStore[Any]) -> None:
    log = store.turn_log()
    turn = await taken(log, a_turn(THREAD.id))
    entries = [words(1, "Hel", "lo"), event_of(3, b"done")]
    with writing(log, turn.fence, entries) as writer:
        await store.add_thread_item(THREAD.id, said(THREAD, "Hello", "msg_2"), context=ADA)
        assert writer.entries is None
        await store.add_thread_item(THREAD.id, said(THREAD, "Bye", "msg_3"), context=ADA)

    assert await log.read(turn.fence.turn_id, 0) == entries
    assert await store.load_item(THREAD.id, "msg_2", context=ADA) == said(THREAD, "Hello", "msg_2")


async def test_an_item_that_cannot_be_written_leaves_nothing_in_the_log(store: SQLiteStore[Any]) -> None:
    log = store.turn_log()
    turn = await taken(log, a_turn(THREAD.id))
    with writing(log, turn.fence, [event_of(1, b"done")]), pytest.raises(NotFoundError):
        await store.add_thread_item("thr_missing", said(THREAD, "Hello", "msg_2"), context=ADA)

    assert await log.read(turn.fence.turn_id, 0) == []


async def test_a_store_leaves_the_entries_of_another_log_alone(store: SQLiteStore[Any]) -> None:
    log = MemoryTurnLog()
    turn = await taken(log, a_turn(THREAD.id))
    entries = [event_of(1, b"done")]
    with writing(log, turn.fence, entries) as writer:
        await store.add_thread_item(THREAD.id, said(THREAD, "Hello", "msg_2"), context=ADA)
        assert writer.entries == entries
