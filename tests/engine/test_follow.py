"""Followers in a process: what they get, when they wait, and how they leave."""

import asyncio
import logging
from collections.abc import AsyncGenerator

import pytest

from chatkit_core.engine.follow import Follow, Follows
from chatkit_core.types import ProgressUpdateEvent

TOLD = b'data: {"type":"progress_update","text":"x"}\n\n'
EVENT = ProgressUpdateEvent(text="x")


class Frames:
    """Frames that come when they are put; None for the end."""

    def __init__(self, *frames: bytes | Exception | None) -> None:
        self._queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.asked = 0
        self.closed = asyncio.Event()
        for one in frames:
            self.put(one)

    def put(self, one: bytes | Exception | None) -> None:
        self._queue.put_nowait(one)

    async def read(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                self.asked += 1
                one = await self._queue.get()
                if one is None:
                    return
                if isinstance(one, Exception):
                    raise one
                yield one
        finally:
            self.closed.set()


async def rest_of(follow: Follow) -> list[bytes]:
    taken = []
    while True:
        if frames := follow.take():
            taken.append(frames)
        elif follow.at_end:
            return taken
        else:
            await follow.wait()


async def is_waiting(waiting: "asyncio.Future[None]") -> bool:
    """Return whether it still waits once everybody had a turn."""
    for _ in range(5):
        await asyncio.sleep(0)
    return not waiting.done()


async def test_frames_come_as_they_are_to_the_end() -> None:
    follow = Follows().open(Frames(b"a", b"b", None).read())

    assert await rest_of(follow) == [b"a", b"b"]
    await follow.wait()
    assert follow.take() == b""


async def test_nothing_is_read_before_it_is_waited_for_and_no_more_than_is_taken() -> None:
    frames = Frames(b"a", b"b", None)
    follow = Follows().open(frames.read())
    assert (follow.take(), frames.asked) == (b"", 0)
    await follow.wait()
    await follow.wait()
    assert frames.asked == 1
    assert (follow.take(), follow.take(), frames.asked) == (b"a", b"", 1)


async def test_an_interrupted_wait_loses_nothing() -> None:
    frames = Frames()
    follow = Follows().open(frames.read())
    waiting = asyncio.ensure_future(follow.wait())
    assert await is_waiting(waiting)
    follow.interrupt()
    await waiting
    assert (follow.take(), follow.at_end) == (b"", False)

    waiting = asyncio.ensure_future(follow.wait())
    assert await is_waiting(waiting)
    frames.put(b"a")
    await waiting
    assert (follow.take(), frames.asked) == (b"a", 1)


async def test_those_who_follow_a_thread_are_told_what_has_no_place_in_a_turn() -> None:
    follows = Follows()
    one, other = follows.open(Frames().read(), "thr_1"), follows.open(Frames().read(), "thr_1")
    elsewhere, of_a_turn = follows.open(Frames().read(), "thr_2"), follows.open(Frames().read())
    waiting = asyncio.ensure_future(one.wait())
    assert await is_waiting(waiting)
    other.close()
    follows.tell("thr_1", EVENT)
    follows.tell("thr_3", EVENT)
    await waiting

    assert one.take() == TOLD
    assert [follow.take() for follow in (one, elsewhere, of_a_turn)] == [b""] * 3
    one.close()
    follows.tell("thr_1", EVENT)
    assert one.take() == b""
    elsewhere.close()
    of_a_turn.close()


async def test_what_was_told_does_not_wait_for_a_turn_to_say_something() -> None:
    follows = Follows()
    follow = follows.open(Frames(b"a", None).read(), "thr_1")
    follows.tell("thr_1", EVENT)
    await follow.wait()
    assert follow.take() == TOLD

    await follow.wait()
    follows.tell("thr_1", EVENT)
    assert await rest_of(follow) == [b"a" + TOLD]


async def test_all_are_sent_away_with_what_is_ready() -> None:
    follows = Follows()
    idle, busy = follows.open(Frames().read(), "thr_1"), follows.open(Frames(b"a").read())
    waiting = asyncio.ensure_future(idle.wait())
    assert await is_waiting(waiting)
    await busy.wait()
    follows.end()
    await waiting

    assert [await rest_of(idle), await rest_of(busy)] == [[], [b"a"]]
    idle.close()
    busy.close()


async def test_who_comes_after_all_were_sent_away_leaves_at_once_until_they_may_stay_again() -> None:
    follows = Follows()
    follows.end()
    late = follows.open(Frames(b"a", None).read())
    assert await rest_of(late) == []
    follows.begin()
    assert await rest_of(follows.open(Frames(b"a", None).read())) == [b"a"]
    late.close()


async def test_what_cannot_be_read_ends_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    follow = Follows().open(Frames(b"a", OSError("no disk")).read())

    assert await rest_of(follow) == [b"a"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_who_leaves_while_it_waits_lets_go_of_what_it_reads() -> None:
    frames = Frames()
    follow = Follows().open(frames.read())
    waiting = asyncio.ensure_future(follow.wait())
    assert await is_waiting(waiting)
    follow.close()
    async with asyncio.timeout(5):
        await waiting
    async with asyncio.timeout(5):
        await frames.closed.wait()
    assert frames.asked == 1


async def test_who_leaves_between_two_frames_lets_go_of_what_it_reads() -> None:
    frames = Frames(b"a")
    follow = Follows().open(frames.read())
    await follow.wait()
    follow.take()
    follow.close()
    async with asyncio.timeout(5):
        await frames.closed.wait()
    assert frames.asked == 1
