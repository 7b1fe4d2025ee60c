from typing import Any

import pytest
from visiting import Visitor, after_options, message, renamed, visiting

INTRODUCTION = "Two questions before I send that."


def question(name: str, inputs: list[dict[str, Any]], status: str = "pending") -> dict[str, Any]:
    return {
        "id": name,
        "thread_id": "<thr 1>",
        "created_at": "<time>",
        "type": "structured_input",
        "status": status,
        "inputs": inputs,
    }


def to_whom(**answer: Any) -> dict[str, Any]:
    return {"id": "answer", "question": "To whom?", "type": "freeform", **answer}


def approval(**answer: Any) -> dict[str, Any]:
    return {
        "id": "approval",
        "question": "Send “Lunch?” to Ada?",
        "type": "multiple_choice",
        "options": [{"value": "Send"}, {"value": "Leave it"}],
        "multiple": False,
        **answer,
    }


def answered(value: str) -> dict[str, Any]:
    return {"answer": {"values": [value], "skipped": False}}


ASKED = {"type": "thread.item.done", "item": question("<msg 3>", [to_whom()])}
TOLD = {"type": "thread.item.replaced", "item": question("<msg 3>", [to_whom(**answered("Ada"))], "answered")}
TO_APPROVE = {"type": "thread.item.done", "item": question("<msg 4>", [approval()])}


async def answer(visitor: Visitor, item: str, name: str, value: str) -> list[dict[str, Any]]:
    input = {"answers": {name: {"values": [value]}}}
    return after_options(
        await visitor.stream("threads.add_structured_input", thread_id="<thr 1>", item_id=item, input=input)
    )


@pytest.mark.parametrize(("choice", "text"), [("Send", "Sent “Lunch?” to Ada."), ("Leave it", "I have not sent it.")])
async def test_the_reply_waits_for_each_answer_and_goes_on_with_it(choice: str, text: str) -> None:
    async with visiting("ask_a_person") as visitor:
        assert await visitor.say("Lunch?") == [*message("<msg 2>", INTRODUCTION), ASKED, renamed("Lunch?")]
        assert await answer(visitor, "<msg 3>", "answer", "Ada") == [TOLD, TO_APPROVE]
        decided = {
            "type": "thread.item.replaced",
            "item": question("<msg 4>", [approval(**answered(choice))], "answered"),
        }
        assert await answer(visitor, "<msg 4>", "approval", choice) == [decided, *message("<msg 5>", text)]


async def test_after_a_restart_the_answers_count_and_nothing_is_said_twice() -> None:
    async with visiting("ask_a_person") as visitor:
        await visitor.say("Lunch?")
    async with visiting("ask_a_person", same=visitor) as visitor:
        assert await answer(visitor, "<msg 3>", "answer", "Ada") == [TOLD, TO_APPROVE]
    async with visiting("ask_a_person", same=visitor) as visitor:
        events = await answer(visitor, "<msg 4>", "approval", "Send")
    assert events[1:] == message("<msg 5>", "Sent “Lunch?” to Ada.")


async def test_questions_that_are_skipped_end_the_reply() -> None:
    async with visiting("ask_a_person") as visitor:
        await visitor.say("Lunch?")
        skipped = {"thread_id": "<thr 1>", "item_id": "<msg 3>", "input": {"status": "skipped"}}
        events = await visitor.stream("threads.add_structured_input", **skipped)
    assert after_options(events)[1:] == message("<msg 4>", "Then I send nothing.")
