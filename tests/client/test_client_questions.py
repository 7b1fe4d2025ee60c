"""Client tools and forms: answered by functions, or later, or by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from chatting import Assistant, chatting, types, until
from faults import Faulty, before_the_answer, serving

from chatkit_core import current_turn, reply
from chatkit_core.client import AsyncChatClient, RefusedError, RunResult, backoff
from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputAnswerSubmission,
    StructuredInputItem,
    StructuredInputSubmission,
)


async def calls(text: str) -> AsyncIterator[Any]:
    """Call the tools that the message names, and tell what the last one returned."""
    if answered := current_turn().answered:
        assert isinstance(answered[-1], ClientToolCallItem)
        yield f"It is {answered[-1].output}."
        return
    for name in text.split():
        yield reply.client_tool_call(name, {"a": 2, "b": 3})


async def asks(text: str) -> AsyncIterator[Any]:
    """Ask for a city, then for a yes."""
    city = await reply.ask("Which city?", key="city")
    if city.skipped:
        yield "Nowhere."
        return
    sure = await reply.ask(reply.approval("Sure?"), key="sure")
    yield f"{city.text}: {sure.approved}"


def outputs(result: RunResult) -> list[Any]:
    return [item.output for item in result.items if isinstance(item, ClientToolCallItem)]


def add(a: int, b: int) -> int:
    return a + b


async def multiply(a: int, b: int) -> int:
    return a * b


async def test_tools_are_answered_by_functions_and_the_run_goes_on() -> None:
    async with chatting(calls) as chat:
        chat.on_tool("add", add)
        chat.on_tool("multiply", multiply)
        thread = await chat.threads.start()
        run = thread.run_streamed("add multiply")
        events = [event async for event in run]
        assert types(events)[-4:] == ["agent_message_delta", "raw", "item_completed", "completed"]
        result = await run.result()
        assert (result.text, result.status, outputs(result)) == ("It is 6.", "completed", [5, 6])
        assert {str(event.cursor).partition(":")[0] for event in events} == {run.turn_id}


async def test_forms_are_answered_by_a_function() -> None:
    def fill_in(item: StructuredInputItem) -> dict[str, str | list[str] | None]:
        [question] = item.inputs
        return {question.id: "Paris" if question.type == "freeform" else ["Approve"]}

    async with chatting(asks) as chat:
        chat.on_input(fill_in)
        thread = await chat.threads.start()
        assert (await thread.run("Go")).text == "Paris: True"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"answer": None},
        StructuredInputSubmission(answers={"answer": StructuredInputAnswerSubmission(skipped=True)}),
    ],
)
async def test_a_form_may_be_skipped(answer: Any) -> None:
    async with chatting(asks) as chat:
        chat.on_input(lambda item: answer)
        thread = await chat.threads.start()
        assert (await thread.run("Go")).text == "Nowhere."


async def test_without_a_function_the_turn_waits_and_is_answered_later() -> None:
    async with chatting(asks) as chat:
        thread = await chat.threads.start()
        first = await thread.run("Go")
        assert (first.status, [question.kind for question in first.waiting_for]) == ("waiting", ["input"])
        thread = await chat.threads.resume(thread.id)
        turn = await thread.active_turn()
        assert turn is not None
        assert turn.waiting_for == first.waiting_for
        second = await thread.answer(first.waiting_for[0].item_id, {"answer": "Rome"})
        assert (second.status, second.turn_id) == ("waiting", first.turn_id)
        last = await thread.answer(second.waiting_for[0].item_id, {"approval": "Reject"})
        assert (last.status, last.turn_id, last.text) == ("completed", first.turn_id, "Rome: False")
        with pytest.raises(RefusedError, match="already answered"):
            await thread.answer(second.waiting_for[0].item_id, {"approval": "Approve"})
        with pytest.raises(LookupError):
            await thread.answer("tc_1", 7)
        with pytest.raises(TypeError, match="which asks nothing"):
            await thread.answer(last.items[-1].id, 7)


async def test_one_tool_without_a_function_leaves_the_turn_waiting_for_it() -> None:
    async with chatting(calls) as chat:
        chat.on_tool("add", add)
        thread = await chat.threads.start()
        waiting = await thread.run("add subtract")
        [question] = waiting.waiting_for
        assert [item.id for item in waiting.items if getattr(item, "status", "") == "pending"] == [question.item_id]
        assert (await thread.answer(question.item_id, -1)).text == "It is -1."


async def test_a_function_that_fails_ends_the_run_and_the_turn_waits_on() -> None:
    def fail(a: int, b: int) -> int:
        raise ZeroDivisionError("oh")

    async with chatting(calls) as chat:
        chat.on_tool("divide", fail)
        thread = await chat.threads.start()
        with pytest.raises(ZeroDivisionError):
            await thread.run("divide")
        turn = await thread.active_turn()
        assert turn is not None
        assert turn.status == "waiting"
        stopped = await thread.interrupt()
        assert stopped is not None
        assert (stopped.id, (await chat.turns.wait(turn.id)).status) == (turn.id, "cancelled")
        assert await thread.interrupt() is None


async def test_an_answer_that_somebody_else_gave_counts() -> None:
    """This client answers too late; it goes on with what the turn says all the same."""
    async with chatting(calls) as chat:
        thread = await chat.threads.start()

        async def too_late(a: int, b: int) -> int:
            turn = await thread.active_turn()
            assert turn is not None
            assert turn.waiting_for is not None
            await thread.answer(turn.waiting_for[0].item_id, "first")
            return 7

        chat.on_tool("add", too_late)
        assert (await thread.run("add")).text == "It is first."


async def test_an_answer_whose_connection_breaks_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.001)
    app = Faulty(Assistant(calls))
    async with asyncio.timeout(10), serving(app) as url, AsyncChatClient(url) as chat:
        chat.on_tool("add", add)
        run = chat.turns.create_and_stream("add")
        await until(run, "item_completed")
        app.faults.append(before_the_answer)
        assert (await run.result()).text == "It is 5."
        assert [op["type"] for op in app.ops] == ["threads.create"] + ["threads.add_client_tool_output"] * 2 + [
            "turns.follow"
        ]


async def test_the_question_of_an_earlier_turn_is_not_what_a_run_has_brought() -> None:
    async with chatting(calls) as chat:
        thread = await chat.threads.start()
        await thread.run("first")
        run = thread.run_streamed("second")
        events = [event async for event in run]
        closed = [event.item for event in events if event.type == "approval_resolved"]
        assert [item.name for item in closed if isinstance(item, ClientToolCallItem)] == ["first"]
        items = (await run.result()).items
        assert [item.name for item in items if isinstance(item, ClientToolCallItem)] == ["second"]
