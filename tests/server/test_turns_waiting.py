"""A turn that has asked the page or a person rests, and goes on with the answers: the same turn, the same numbers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from talking import Assistant, Talk, saying, talking, types

from chatkit_core import current_turn, reply
from chatkit_core.errors import AlreadyAnsweredError
from chatkit_core.types import StructuredInputFreeform
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

WHY = [StructuredInputFreeform(id="why", question="Why?")]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "chat.db")


async def calling(thread: Any, message: Any) -> AsyncIterator[Any]:
    if message is not None:
        yield "Let me look."
        yield reply.client_tool_call("look", {})
    else:
        yield f"You have {current_turn().answered[0].output}."


async def calling_twice(thread: Any, message: Any) -> AsyncIterator[Any]:
    if message is not None:
        yield reply.client_tool_call("first", {})
        yield reply.client_tool_call("second", {})
    else:
        yield ", ".join(item.output for item in current_turn().answered)


async def output(talk: Talk, result: Any = 1, **params: Any) -> Any:
    return await talk.start(
        "threads.add_client_tool_output", thread_id=talk.thread_id, result=result, turns=True, **params
    )


async def test_the_tools_output_continues_the_turn_and_its_numbers(store: Any) -> None:
    async with talking(Assistant(calling, store)) as talk:
        asked = await (await talk.create(turns=True)).rest()
        assert asked[-1]["type"] == "turn.waiting"
        waiting = asked[-1]["turn"]
        call = (await talk.items())[2]
        assert waiting["waiting_for"] == [{"item_id": call["id"], "kind": "client_tool"}]

        stream = await output(talk, result=2)
        told = await stream.rest()
        assert types(told)[:3] == ["turn.started", "stream_options", "thread.item.replaced"]
        assert told[-1]["type"] == "turn.completed"
        assert told[-1]["turn"]["id"] == waiting["id"]
        assert "waiting_for" not in told[-1]["turn"]
        assert (await talk.texts())[-1] == "You have 2."
        events = (await talk.ask("turns.events", turn_id=waiting["id"], limit=1000))["events"]
        assert [event["seq"] for event in events] == list(range(1, len(asked) + len(told) + 1))
        assert [turn.status for turn in await talk.turns()] == ["completed"]


async def test_a_turn_goes_on_when_all_its_calls_are_answered_by_item_or_the_oldest_first(store: Any) -> None:
    async with talking(Assistant(calling_twice, store)) as talk:
        await (await talk.create()).rest()
        _, first, second = await talk.items()
        one = await (await output(talk, result="b", item_id=second["id"])).rest()
        assert types(one) == ["stream_options", "thread.item.replaced", "turn.waiting"]
        assert one[-1]["turn"]["waiting_for"] == [{"item_id": first["id"], "kind": "client_tool"}]
        two = await (await output(talk, result="a")).rest()
        assert types(two)[-1] == "turn.completed"
        assert [item.get("output") for item in await talk.items()] == [None, "a", "b", None]
        assert (await talk.texts())[-1] == "b, a"


async def test_the_first_answer_wins_and_a_later_one_is_refused(store: Any) -> None:
    async with talking(Assistant(calling, store)) as talk:
        await (await talk.create()).rest()
        call = (await talk.items())[2]
        outcomes = await asyncio.gather(
            *(output(talk, result=number, item_id=call["id"]) for number in range(5)), return_exceptions=True
        )
        [stream] = [one for one in outcomes if not isinstance(one, BaseException)]
        await stream.rest()
        refused = [one for one in outcomes if isinstance(one, BaseException)]
        assert [type(one) for one in refused] == [AlreadyAnsweredError] * 4
        [won] = [item["output"] for item in await talk.items() if "output" in item]
        assert [text for text in await talk.texts() if text.startswith("You have")] == [f"You have {won}."]


async def test_a_new_message_ends_what_waits_and_closes_its_question(store: Any) -> None:
    async with talking(Assistant(calling, store)) as talk:
        await (await talk.create()).rest()
        talk.server.reply = saying("Never mind.")
        told = await (await talk.say("next")).rest()
        assert types(told)[:2] == ["thread.item.replaced", "thread.item.done"]
        assert told[0]["item"]["status"] == "completed"
        first, second = await talk.turns()
        assert (first.status, first.cancel_reason, second.status) == ("cancelled", "superseded", "completed")
        assert (await talk.texts())[-2:] == ["next", "Never mind."]


async def test_an_action_runs_beside_a_turn_that_waits(store: Any) -> None:
    class Acting(Assistant):
        async def action(self, *args: Any) -> AsyncIterator[Any]:
            yield "Clicked."

    async with talking(Acting(calling, store)) as talk:
        await (await talk.create()).rest()
        await (await talk.start("threads.custom_action", thread_id=talk.thread_id, action={"type": "click"})).rest()
        assert [turn.status for turn in await talk.turns()] == ["waiting", "completed"]
        await (await output(talk)).rest()
        assert [turn.status for turn in await talk.turns()] == ["completed", "completed"]
        assert (await talk.texts())[-2:] == ["Clicked.", "You have 1."]


async def test_cancelling_a_turn_that_waits_closes_its_questions(store: Any) -> None:
    async with talking(Assistant(calling_twice, store)) as talk:
        asked = await (await talk.create(turns=True)).rest()
        turn = await talk.ask("turns.cancel", turn_id=asked[-1]["turn"]["id"], reason="tired")
        assert (turn["status"], turn["cancel_reason"]) == ("cancelled", "tired")
        assert [item.get("status") for item in await talk.items()] == [None, "completed", "completed"]


async def test_a_turn_waits_over_a_restart(tmp_path: Path) -> None:
    async with talking(Assistant(calling, SQLiteStore(tmp_path / "chat.db"))) as talk:
        await (await talk.create()).rest()
        thread_id = talk.thread_id
    async with talking(Assistant(calling, SQLiteStore(tmp_path / "chat.db"))) as talk:
        talk.thread_id = thread_id
        assert [turn.status for turn in await talk.turns()] == ["waiting"]
        told = await (await output(talk, result=3)).rest()
        assert told[-1]["type"] == "turn.completed"
        assert (await talk.texts())[-1] == "You have 3."


async def test_what_was_asked_by_a_turn_that_has_failed_can_still_be_answered(store: Any) -> None:
    async def failing(thread: Any, message: Any) -> AsyncIterator[Any]:
        if message is None:
            yield "Thank you."
            return
        yield reply.structured_input(WHY)
        raise RuntimeError("oops")

    async with talking(Assistant(failing, store)) as talk:
        await (await talk.create()).rest()
        form = (await talk.items())[1]
        assert form["status"] == "pending"
        answers = {"answers": {"why": {"values": ["Because."]}}}
        params = {"thread_id": talk.thread_id, "item_id": form["id"], "input": answers}
        await (await talk.start("threads.add_structured_input", **params)).rest()
        assert (await talk.texts())[-1] == "Thank you."
        assert [turn.status for turn in await talk.turns()] == ["failed", "completed"]
