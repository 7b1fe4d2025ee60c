"""`reply.ask`: the reply waits in place for a person, or runs again with the answers that there are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from talking import Assistant, Stream, Talk, saying, talking, types

from chatkit_core import current_turn, reply
from chatkit_core.types import StructuredInputFreeform
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "chat.db")


async def booking(thread: Any, message: Any) -> AsyncIterator[Any]:
    wanted = current_turn().message
    city = await reply.ask("Which city?")
    yield f"{wanted.text if wanted else ''} to {city.text}: "
    if (await reply.ask(reply.approval("Book it?"))).approved:
        yield "booked."
    else:
        yield "not booked."


async def answer(talk: Talk, **answers: str) -> Stream:
    """Answer the question that is open."""
    [item] = [item for item in await talk.items() if item.get("status") == "pending"]
    given = {"answers": {id: {"values": [value]} for id, value in answers.items()}}
    params = {"thread_id": talk.thread_id, "item_id": item["id"], "input": given}
    return await talk.start("threads.add_structured_input", turns=True, **params)


async def test_the_reply_goes_on_in_place_with_each_answer(store: Any) -> None:
    runs: list[Any] = []

    async def counted(thread: Any, message: Any) -> AsyncIterator[Any]:
        runs.append(message)
        async for event in booking(thread, message):
            yield event

    async with talking(Assistant(counted, store)) as talk:
        first = await (await talk.create("Fly", turns=True)).rest()
        assert types(first)[-2:] == ["thread.updated", "turn.waiting"]
        second = await (await answer(talk, answer="Rome")).rest()
        assert types(second)[:3] == ["turn.started", "stream_options", "thread.item.replaced"]
        assert types(second)[-2:] == ["thread.item.done", "turn.waiting"]
        third = await (await answer(talk, approval="Approve")).rest()
        assert third[-1]["type"] == "turn.completed"
        assert [text for text in await talk.texts() if not text.startswith("<")] == ["Fly", "Fly to Rome: ", "booked."]
        assert len(runs) == 1
        assert [turn.status for turn in await talk.turns()] == ["completed"]


async def test_if_the_process_is_gone_respond_runs_again_and_gets_the_answers_at_once(tmp_path: Path) -> None:
    def server() -> Assistant:
        return Assistant(booking, SQLiteStore(tmp_path / "chat.db"))

    async with talking(server()) as talk:
        await (await talk.create("Fly")).rest()
        thread_id = talk.thread_id
    async with talking(server()) as talk:
        talk.thread_id = thread_id
        assert (await (await answer(talk, answer="Rome")).rest())[-1]["type"] == "turn.waiting"
    async with talking(server()) as talk:
        talk.thread_id = thread_id
        assert (await (await answer(talk, approval="Reject")).rest())[-1]["type"] == "turn.completed"
        assert (await talk.texts())[-1] == "Fly to Rome: not booked."
        assert [turn.status for turn in await talk.turns()] == ["completed"]


async def test_answers_are_kept_by_key_so_that_the_order_of_questions_may_change(tmp_path: Path) -> None:
    def keyed(*keys: str) -> Any:
        async def asking(thread: Any, message: Any) -> AsyncIterator[Any]:
            for key in keys:
                question = StructuredInputFreeform(id=key, question=key)
                yield f"{key}={(await reply.ask(question, key=key)).values(key)[0]} "

        return asking

    async with talking(Assistant(keyed("a", "b"), SQLiteStore(tmp_path / "chat.db"))) as talk:
        await (await talk.create()).rest()
        await (await answer(talk, a="1")).rest()
        thread_id = talk.thread_id
    async with talking(Assistant(keyed("b", "a"), SQLiteStore(tmp_path / "chat.db"))) as talk:
        talk.thread_id = thread_id
        await (await answer(talk, b="2")).rest()
        assert (await talk.texts())[-1] == "b=2 a=1 "


async def test_stop_ends_a_reply_that_waits_in_place(store: Any) -> None:
    seen: list[str] = []

    async def asking(thread: Any, message: Any) -> AsyncIterator[Any]:
        try:
            yield (await reply.ask("Well?")).text
        except asyncio.CancelledError:
            seen.append(str(current_turn().cancel_reason))
            raise

    async with talking(Assistant(asking, store)) as talk:
        asked = await (await talk.create(turns=True)).rest()
        turn_id = asked[-1]["turn"]["id"]
        await talk.ask("turns.cancel", turn_id=turn_id)
        assert (await talk.ask("turns.wait", turn_id=turn_id))["status"] == "cancelled"
        assert seen == ["user"]
        assert (await talk.items())[1]["status"] == "skipped"
        talk.server.reply = saying("Go on.")
        await (await talk.say("next")).rest()
        assert (await talk.texts())[-1] == "Go on."


async def test_a_question_that_is_skipped_has_no_answer(store: Any) -> None:
    answers: list[reply.Answers] = []

    async def asking(thread: Any, message: Any) -> AsyncIterator[Any]:
        answers.append(await reply.ask("Well?"))
        yield "Fine."

    async with talking(Assistant(asking, store)) as talk:
        await (await talk.create()).rest()
        [form] = [item for item in await talk.items() if item["type"] == "structured_input"]
        params = {"thread_id": talk.thread_id, "item_id": form["id"], "input": {"status": "skipped"}}
        await (await talk.start("threads.add_structured_input", **params)).rest()
        assert (answers[0].skipped, answers[0].text, answers[0].approved) == (True, "", False)
        with pytest.raises(KeyError):
            answers[0].values("other")


async def test_two_tasks_of_one_reply_may_ask_and_are_answered_one_after_the_other(store: Any) -> None:
    async def asking(thread: Any, message: Any) -> AsyncIterator[Any]:
        first, second = await asyncio.gather(reply.ask("One?", key="one"), reply.ask("Two?", key="two"))
        yield f"{first.text} {second.text}"

    async with talking(Assistant(asking, store)) as talk:
        await (await talk.create()).rest()
        await (await answer(talk, answer="a")).rest()
        await (await answer(talk, answer="b")).rest()
        assert (await talk.texts())[-1] == "a b"


async def test_asking_is_for_replies(store: Any) -> None:
    with pytest.raises(LookupError):
        await reply.ask("Anybody?")
