"""A server that dies in the middle of a turn: what is kept, and what its readers are told."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from processes import LEASE, machine, until
from reading import DELTA, Reader, after, kind, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        from chatkit_core import current_turn
        from chatkit_core.types import AssistantMessageItem, ThreadItemDoneEvent, utc_now

        first = AssistantMessageItem(
            id=current_turn().new_id("message"), thread_id=thread.id, created_at=utc_now(), content=[{"text": "Done."}]
        )
        yield ThreadItemDoneEvent(item=first)
        for number in range(1000):
            yield f"{number} "
            await asyncio.sleep(0.01)
"""
WORDS = "".join(f"{number} " for number in range(1000))


def how_it_ended(turn: Any) -> tuple[str, str]:
    return turn["status"], turn["error"]["code"]


def check_interrupted(reader: Reader, had: int) -> None:
    """Check what a reader was told that had so many events before the crash."""
    told = reader.events[had:]
    assert [kind(event) for event in told] == ["thread.item.done", "error", "thread.updated", "turn.failed"]
    assert how_it_ended(told[-1]["turn"]) == ("failed", "server.interrupted")
    assert [event["allow_retry"] for event in told if kind(event) == "error"] == [True]
    assert reader.seqs == sorted(set(reader.seqs))


def check_items(items: list[Any], reader: Reader) -> None:
    """Check what is left of the turn, in the thread and for a reader who saw it to its end."""
    said, done, partial = [text_of(item) for item in items]
    assert (said, done) == ("Hi", "Done.")
    assert WORDS.startswith(partial)
    assert len(partial) > WORDS.index(" 40 ")  # the words come every 10 ms or more, and a batch every 100
    assert [text_of(event["item"]) for event in reader.events if kind(event) == "thread.item.done"] == [
        "Hi",
        "Done.",
        partial,
    ]


async def test_after_a_crash_and_a_restart_the_turn_fails_and_what_it_said_is_there(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, reader = await host.start(), Reader()
        await reader.say(server.client, "Hi", stop=after(" 70 ", reader))
        await server.kill()
        had = len(reader.events)

        again = await host.start()
        async with asyncio.timeout(LEASE + 2):
            await reader.follow(again.client, turn_id=reader.turn_id)
        check_interrupted(reader, had)
        check_items(await again.items(reader.thread_id), reader)
        assert how_it_ended(await again.turn(reader.turn_id)) == ("failed", "server.interrupted")


async def test_another_process_ends_the_turn_of_one_that_died_and_tells_those_who_follow_there(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, other = await asyncio.gather(host.start(), host.start())
        reader, follower, late = Reader(), Reader(), Reader()
        saying = asyncio.create_task(reader.say(server.client, "Hi"))
        await until(lambda: reader.cursors)
        following = asyncio.create_task(follower.follow(other.client, turn_id=reader.turn_id))
        await until(lambda: " 70 " in reader.text and " 40 " in follower.text)
        await server.kill()
        with pytest.raises(httpx2.HTTPError):
            await saying
        had = len(follower.events)
        async with asyncio.timeout(LEASE + 2):
            await following
        text_came_late = follower.kinds[had] == DELTA
        check_interrupted(follower, had + text_came_late)
        check_items(await other.items(reader.thread_id), follower)

        had = len(reader.events)
        await reader.follow(other.client, turn_id=reader.turn_id)
        check_interrupted(reader, had)
        await late.follow(other.client, turn_id=reader.turn_id)
        check_items(await other.items(reader.thread_id), late)
