"""What turns say gets to the log once and in order, whatever the log does meanwhile."""

import asyncio
import logging

import pytest
from log_writing import writing

from chatkit_core.errors import LeaseLostError


async def test_all_turns_are_written_in_one_batch_every_so_often() -> None:
    async with writing(interval=0) as all_of_them:
        turns = [await all_of_them.begin(f"trn_{number}") for number in (1, 2, 3)]
        for turn in turns:
            all_of_them.writer.add(turn.feed)
        turns[0].notice()
        turns[0].notice()
        turns[1].notice()

        await all_of_them.log.entered.wait()
        for turn in turns:
            all_of_them.writer.remove(turn.feed)

        assert all_of_them.log.appended == [{"trn_1": [1, 2], "trn_2": [1]}]


async def test_turns_that_come_after_the_last_one_has_gone_are_written_too() -> None:
    async with writing(interval=0) as one:
        for turn_id in ("trn_1", "trn_2"):
            turn = await one.begin(turn_id)
            one.log.entered.clear()
            one.writer.add(turn.feed)
            turn.notice()
            await one.log.entered.wait()
            one.writer.remove(turn.feed)

        assert one.log.appended == [{"trn_1": [1]}, {"trn_2": [1]}]


async def test_an_event_is_written_after_all_that_was_said_before_it_and_heard_once_it_is() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        turn.text("a")
        turn.text("b")
        one.log.release.clear()
        done = asyncio.create_task(turn.done())
        await one.log.entered.wait()
        assert turn.heard() == ['{"delta":"a"}', '{"delta":"b"}']
        one.log.release.set()
        await done

        assert turn.heard() == ['"done"']
        assert one.log.appended == [{"trn_1": [2, 3]}]
        turn.text("c")
        await turn.finish()
        assert [entry.data for entry in await one.log.read("trn_1", 0)] == [
            b'{"delta":"ab"}',
            b'"done"',
            b'{"delta":"c"}',
            b"{}",
        ]


async def test_what_a_failing_log_did_not_take_is_heard_and_is_in_the_next_batch_in_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with writing() as one:
        turn, other = await one.begin("trn_1"), await one.begin("trn_2")
        one.log.failures = 2
        turn.notice()
        await turn.done(b'"one"')
        other.notice()
        turn.notice()
        await turn.done(b'"two"')
        turn.notice()
        assert turn.heard() == ['"notice"', '"one"', '"notice"', '"two"', '"notice"']
        await turn.done(b'"three"')
        await other.done()

        assert one.log.appended == [{"trn_1": [1, 2, 3, 4, 5, 6]}, {"trn_2": [1, 2]}]
        assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
        assert all(record.exc_info and record.exc_info[0] is OSError for record in caplog.records)


async def test_what_was_being_written_when_the_writing_was_cancelled_is_in_the_next_batch() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        turn.notice()
        one.log.release.clear()
        done = asyncio.create_task(turn.done(b'"never"'))
        await one.log.entered.wait()
        done.cancel()
        with pytest.raises(asyncio.CancelledError):
            await done
        one.log.release.set()
        turn.notice()
        await turn.done()

        assert turn.heard() == ['"notice"', '"notice"', '"done"']
        assert one.log.appended == [{"trn_1": [1, 2, 3]}]


async def test_what_is_said_while_the_log_writes_waits_its_turn() -> None:
    async with writing(interval=0) as one:
        turn = await one.begin("trn_1")
        one.writer.add(turn.feed)
        one.log.release.clear()
        turn.notice()
        await one.log.entered.wait()
        turn.notice()
        done = asyncio.create_task(turn.done())
        await asyncio.sleep(0)
        one.log.release.set()
        await done
        one.writer.remove(turn.feed)

        assert turn.heard() == ['"notice"', '"notice"', '"done"']
        assert one.log.appended == [{"trn_1": [1]}, {"trn_1": [2, 3]}]


async def test_a_turn_whose_event_is_being_written_does_not_hold_up_the_batch_of_the_others() -> None:
    async with writing(interval=0) as one:
        turn, other = await one.begin("trn_1"), await one.begin("trn_2")
        one.log.release.clear()
        done = asyncio.create_task(turn.done())
        await one.log.entered.wait()
        one.log.entered.clear()
        for added in (turn, other):
            one.writer.add(added.feed)
            added.notice()
        await one.log.entered.wait()
        one.log.release.set()
        await done
        one.writer.remove(turn.feed)
        one.writer.remove(other.feed)

        assert one.log.appended == [{"trn_1": [1]}, {"trn_2": [1]}]
        assert turn.heard() == ['"done"', '"notice"']


async def test_a_turn_is_finished_with_the_rest_of_what_it_said_and_nothing_comes_after() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        one.writer.add(turn.feed)
        turn.notice()
        await turn.finish()
        one.writer.remove(turn.feed)

        assert turn.heard() == ['"notice"', "{}"]
        assert await turn.logged() == [1, 2]
        assert (await one.log.load("trn_1")).turn.status == "completed"
        with pytest.raises(LeaseLostError):
            await turn.finish("failed")
        assert turn.heard() == []


async def test_a_turn_that_rests_is_let_go() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        await turn.finish("waiting")

        taken = await one.log.take("trn_1", await one.lease.acquire())
        assert taken is not None
        assert taken.record.turn.status == "waiting"


async def test_the_end_that_could_not_be_written_is_written_once_it_can_be(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatkit_core.engine.log_writer.RETRY_SECONDS", 0)
    async with writing() as one:
        turn = await one.begin("trn_1")
        turn.notice()
        one.log.failures = 2
        with pytest.raises(OSError, match="full"):
            await turn.finish()
        assert turn.heard() == ['"notice"']

        turn.feed.say("turn.completed", b"{}")
        one.writer.finish_later(turn.feed, turn.fence, turn.record("completed"))
        await one.writer.close(10)
        assert await turn.logged() == [1, 2]
        assert (await one.log.load("trn_1")).turn.status == "completed"
        assert len(caplog.records) == 1


async def test_the_end_is_given_up_when_the_log_cannot_be_written_for_too_long() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        one.writer.finish_later(turn.feed, turn.fence, turn.record("completed"))
        await one.writer.close(0)
        await one.writer.close(10)

        assert (await one.log.load("trn_1")).turn.status == "running"


async def test_what_is_said_while_the_end_cannot_be_written_is_heard() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        one.log.failures = 1
        one.log.release.clear()
        finishing = asyncio.create_task(turn.finish("waiting"))
        await one.log.entered.wait()
        turn.notice()
        one.log.release.set()
        with pytest.raises(OSError, match="full"):
            await finishing

        assert turn.heard() == ['"notice"']


async def test_nothing_is_said_for_a_turn_that_is_somebody_elses_by_now() -> None:
    async with writing(interval=0) as one:
        turn = await one.begin("trn_1")
        turn.notice()
        await one.log.release_lease(turn.fence.lease)
        with pytest.raises(LeaseLostError):
            await turn.done()
        assert turn.heard() == ['"notice"']
        assert not one.lost.done()

        one.writer.add(turn.feed)
        assert await one.lost == turn.fence.lease
        one.writer.remove(turn.feed)
        assert await turn.logged() == []


async def test_nothing_to_write_is_no_write() -> None:
    async with writing(interval=0) as one:
        turn, other = await one.begin("trn_1"), await one.begin("trn_2")
        one.writer.add(turn.feed)
        one.writer.add(other.feed)
        other.notice()
        await one.log.entered.wait()
        one.writer.remove(turn.feed)
        one.writer.remove(other.feed)

        assert one.log.appended == [{"trn_2": [1]}]


async def test_an_item_is_saved_then_logged_then_heard() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        turn.text("a")
        seen = []

        async def save() -> None:
            seen.append((turn.heard(), await turn.logged()))

        await one.writer.say(turn.feed, turn.fence, "thread.item.done", b'"done"', save)

        assert seen == [(['{"delta":"a"}'], [])]
        assert (turn.heard(), await turn.logged()) == (['"done"'], [1, 2])


async def test_an_item_that_cannot_be_saved_is_not_heard_and_what_came_before_it_is_logged_later() -> None:
    async with writing() as one:
        turn = await one.begin("trn_1")
        turn.text("a")

        async def save() -> None:
            raise OSError("the disk is full")

        with pytest.raises(OSError, match="the disk is full"):
            await one.writer.say(turn.feed, turn.fence, "thread.item.done", b'"done"', save)
        turn.text("b")
        await turn.done()

        assert turn.heard() == ['{"delta":"a"}', '{"delta":"b"}', '"done"']
        assert await turn.logged() == [2, 3]
