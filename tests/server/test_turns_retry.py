"""Answering a message anew."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from talking import Assistant, Gate, Stream, Talk, saying, talking, text_of, types

from chatkit_core.errors import ForbiddenError, InvalidRequestError, NotFoundError
from chatkit_core.types import StreamOptions

DELTA = "assistant_message.content_part.text_delta"


async def retry(talk: Talk, item_id: str, *, turns: bool = False) -> Stream:
    return await talk.start("threads.retry_after_item", thread_id=talk.thread_id, item_id=item_id, turns=turns)


async def fails(thread: Any, message: Any) -> AsyncIterator[Any]:
    raise RuntimeError
    yield


async def test_a_retry_removes_what_came_after_the_message_and_answers_it_again() -> None:
    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        await (await talk.say("More")).rest()
        asked, *others = await talk.items()
        talk.server.reply = saying("Second.")
        events = await (await retry(talk, asked["id"])).rest()
        removed = [event["item_id"] for event in events if event["type"] == "thread.item.removed"]
        assert removed == [item["id"] for item in others]
        assert await talk.texts() == ["Hi", "Second."]


async def test_respond_sees_the_same_message_again() -> None:
    seen: list[Any] = []

    async def reply(thread: Any, message: Any) -> AsyncIterator[str]:
        seen.append(message)
        yield "Yes."

    async with talking(Assistant(reply)) as talk:
        await (await talk.create()).rest()
        asked = (await talk.items())[0]
        await (await retry(talk, asked["id"])).rest()
        assert seen[0] == seen[1]
        assert len(await talk.items()) == 2


async def test_a_retry_that_fails_without_a_word_puts_the_old_answer_back_and_says_so() -> None:
    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        asked, answer = await talk.items()
        talk.server.reply = fails
        events = await (await retry(talk, asked["id"])).rest()
        assert types(events) == ["thread.item.removed", "stream_options", "thread.item.done", "error"]
        assert events[2]["item"] == answer
        assert await talk.items() == [asked, answer]


async def test_a_retry_that_is_cancelled_without_a_word_puts_the_old_answer_back() -> None:
    began, ever = asyncio.Event(), asyncio.Event()

    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        began.set()
        await ever.wait()
        yield "never"

    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        asked, answer = await talk.items()
        talk.server.reply = reply
        stream = await retry(talk, asked["id"])
        await stream.until("stream_options")
        await began.wait()
        await stream.close()
        talk.server.reply = saying("Yes.")
        await (await talk.say("next")).rest()
        assert (await talk.items())[:2] == [asked, answer]
        assert await talk.texts() == ["Hi", "First.", "next", "Yes."]


async def test_a_retry_that_fails_after_some_words_keeps_them_instead_of_the_old_answer() -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[str]:
        yield "Second, "
        raise RuntimeError

    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        asked = (await talk.items())[0]
        talk.server.reply = reply
        await (await retry(talk, asked["id"])).rest()
        assert await talk.texts() == ["Hi", "Second, "]


async def test_a_retry_of_an_unknown_item_is_refused_and_nothing_is_lost() -> None:
    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        with pytest.raises(NotFoundError) as refused:
            await retry(talk, "msg_0")
        assert (refused.value.status, refused.value.code) == (404, "item.not_found")
        assert await talk.texts() == ["Hi", "First."]


async def test_a_retry_of_what_is_no_user_message_is_refused_and_nothing_is_lost() -> None:
    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        with pytest.raises(InvalidRequestError) as refused:
            await retry(talk, (await talk.items())[1]["id"])
        assert (refused.value.status, refused.value.field) == (422, "params.item_id")
        assert await talk.texts() == ["Hi", "First."]


async def test_a_retry_interrupts_the_running_turn_and_withdraws_those_that_wait() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        running = await talk.create(turns=True)
        await running.until(DELTA)
        waiting = await talk.say("two", turns=True)
        await waiting.until("turn.queued")
        asked = (await talk.items())[0]
        talk.server.reply = saying("Second.")
        retried = await retry(talk, asked["id"])
        ends = [(await stream.rest())[-1] for stream in (running, waiting)]
        assert [(end["type"], end["turn"]["cancel_reason"]) for end in ends] == [("turn.cancelled", "retried")] * 2
        assert text_of([event for event in await retried.rest() if event["type"] == "thread.item.done"][-1]["item"])
        assert await talk.texts() == ["Hi", "Second."]
        assert gate.left.is_set()


async def test_a_retry_that_an_app_refuses_interrupts_nobody() -> None:
    class Refusing(Assistant):
        refuses = False

        def get_stream_options(self, thread: Any, context: Any) -> StreamOptions:
            if self.refuses:
                raise ForbiddenError
            return StreamOptions(allow_cancel=True)

    gate = Gate()
    server = Refusing(gate.reply)
    async with talking(server) as talk:
        running = await talk.create()
        await running.until(DELTA)
        server.refuses = True
        with pytest.raises(ForbiddenError):
            await retry(talk, (await talk.items())[0]["id"])
        gate.open.set()
        await running.rest()
        assert await talk.texts() == ["Hi", "Once upon"]


async def test_a_retry_is_taken_also_when_the_queue_is_full_since_it_empties_it() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        first = await talk.create("0")
        await first.until(DELTA)
        waiting = [await talk.say(str(number)) for number in range(1, 21)]
        talk.server.reply = saying("Again.")
        again = await retry(talk, (await talk.items())[0]["id"])
        await again.rest()
        assert [await stream.rest() for stream in waiting] == [[]] * 20
        assert await talk.texts() == ["0", "Again."]
