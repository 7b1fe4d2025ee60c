"""What turns say gets to the log once and in order, whatever the log does meanwhile."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import pytest

from chatkit_core.engine.feed import Feed
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.turn_log import Entry, EventEntry, TurnRecord
from chatkit_core.types import TurnMetadata, utc_now
from chatkit_stores.memory import MemoryTurnLog


class Log(MemoryTurnLog):
    """A log that fails as often as it is told to, and that can be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0
        self.appended: list[dict[str, list[int]]] = []
        self.entered = asyncio.Event()
        self.release = asyncio.Event()
        self.release.set()

    async def append(self, batches: Mapping[str, Sequence[Entry]]) -> None:
        self.entered.set()
        await self.release.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        await super().append(batches)
        self.appended.append({turn_id: [entry.seq for entry in entries] for turn_id, entries in batches.items()})

    async def seqs(self, turn_id: str) -> list[int]:
        return [entry.seq for entry in await self.read(turn_id, after=0)]

    async def begin(self, turn_id: str) -> Feed:
        turn = TurnMetadata(id=turn_id, thread_id="thr_1", op="threads.create", status="running", created_at=utc_now())
        await self.create(TurnRecord(turn, "ada", b"{}"))
        return Feed(turn_id)


def say(feed: Feed, type: str = "notice") -> None:
    feed.say(feed.next_entry(type, b"{}"))


def text(feed: Feed, said: str) -> None:
    feed.say_text(b'{"delta":', b"}", said)


async def test_all_turns_are_written_in_one_batch_every_so_often() -> None:
    log = Log()
    writer = LogWriter(log, interval=0)
    feeds = [await log.begin("trn_1"), await log.begin("trn_2"), await log.begin("trn_3")]
    for feed in feeds:
        writer.add(feed)
    say(feeds[0])
    say(feeds[0])
    say(feeds[1])

    await log.entered.wait()
    for feed in feeds:
        await writer.remove(feed)

    assert log.appended == [{"trn_1": [1, 2], "trn_2": [1]}]


async def test_the_rest_is_written_when_a_feed_is_removed_and_nothing_after() -> None:
    log = Log()
    writer = LogWriter(log, interval=60)
    feed = await log.begin("trn_1")
    writer.add(feed)
    say(feed)
    await writer.remove(feed)
    say(feed)

    assert await log.seqs("trn_1") == [1]
    assert log.appended == [{"trn_1": [1]}]


async def test_an_entry_is_written_after_all_that_was_said_before_it() -> None:
    log = Log()
    writer = LogWriter(log, interval=60)
    feed = await log.begin("trn_1")
    text(feed, "a")
    text(feed, "b")
    entry = feed.next_entry("thread.item.done", b'{"done":1}')

    assert await writer.write_before_saying(feed, entry)

    assert log.appended == [{"trn_1": [2, 3]}]
    assert feed.last_seq == 2
    feed.say(entry, logged=True)
    text(feed, "c")
    await writer.remove(feed)
    assert [entry.data for entry in await log.read("trn_1", after=0)] == [
        b'{"delta":"ab"}',
        b'{"done":1}',
        b'{"delta":"c"}',
    ]


async def test_what_a_failing_log_did_not_take_is_in_the_next_batch_in_order(caplog: pytest.LogCaptureFixture) -> None:
    log = Log()
    log.failures = 2
    writer = LogWriter(log, interval=60)
    feed, other = await log.begin("trn_1"), await log.begin("trn_2")
    say(feed)
    entry = feed.next_entry("thread.item.done", b"{}")

    assert not await writer.write_before_saying(feed, entry)
    feed.say(entry, logged=False)
    say(other)
    say(feed)
    entry = feed.next_entry("thread.item.done", b"{}")
    assert not await writer.write_before_saying(feed, entry)
    feed.say(entry, logged=False)
    say(feed)
    await writer.remove(feed)
    await writer.remove(other)

    assert log.appended == [{"trn_1": [1, 2, 3, 4, 5]}, {"trn_2": [1]}]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert all(record.exc_info and record.exc_info[0] is OSError for record in caplog.records)


async def test_what_was_being_written_when_the_writing_was_cancelled_is_in_the_next_batch() -> None:
    log = Log()
    log.release.clear()
    writer = LogWriter(log, interval=60)
    feed = await log.begin("trn_1")
    say(feed)
    writing = asyncio.create_task(writer.remove(feed))
    await log.entered.wait()
    say(feed)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    log.release.set()
    say(feed)
    await writer.remove(feed)

    assert log.appended == [{"trn_1": [1, 2, 3]}]


async def test_what_is_said_while_the_log_writes_waits_its_turn() -> None:
    log = Log()
    log.release.clear()
    writer = LogWriter(log, interval=60)
    feed = await log.begin("trn_1")
    say(feed)
    first = asyncio.create_task(writer.remove(feed))
    await log.entered.wait()
    say(feed)
    second = asyncio.create_task(writer.write_before_saying(feed, EventEntry(3, "thread.item.done", b"{}")))
    await asyncio.sleep(0)
    log.release.set()
    await first

    assert await second
    assert log.appended == [{"trn_1": [1]}, {"trn_1": [2, 3]}]


async def test_turns_that_come_after_the_last_one_has_gone_are_written_too() -> None:
    log = Log()
    writer = LogWriter(log, interval=0)
    for turn_id in ("trn_1", "trn_2"):
        feed = await log.begin(turn_id)
        log.entered.clear()
        writer.add(feed)
        say(feed)
        await log.entered.wait()
        await writer.remove(feed)

    assert log.appended == [{"trn_1": [1]}, {"trn_2": [1]}]


async def test_nothing_to_write_is_no_write() -> None:
    log = Log()
    writer = LogWriter(log, interval=60)
    feed = await log.begin("trn_1")
    writer.add(feed)
    await writer.remove(feed)

    assert log.appended == []
