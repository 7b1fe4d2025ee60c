from typing import Any

import pytest
from visiting import after_options, message, refusal, renamed, visiting


def form(status: str, size: Any = None, name: Any = None) -> dict[str, Any]:
    questions: list[dict[str, Any]] = [
        {
            "id": "size",
            "question": "Which size?",
            "type": "multiple_choice",
            "options": [{"value": "small"}, {"value": "large"}],
            "multiple": False,
        },
        {"id": "name", "question": "What name shall we write on the cup?", "type": "freeform"},
    ]
    for question, answer in zip(questions, (size, name), strict=True):
        if answer is not None:
            question["answer"] = answer
    return {
        "id": "<msg 3>",
        "thread_id": "<thr 1>",
        "created_at": "<time>",
        "type": "structured_input",
        "status": status,
        "inputs": questions,
    }


def answer(*values: str) -> dict[str, Any]:
    return {"values": list(values), "skipped": not values}


@pytest.mark.parametrize(
    ("input", "answered", "text"),
    [
        (
            {"answers": {"size": {"values": ["large"]}, "name": {"values": ["Ada"]}}},
            form("answered", answer("large"), answer("Ada")),
            "A large coffee for Ada.",
        ),
        (
            {"answers": {"name": {"values": ["Ada"]}, "size": {"skipped": True}}},
            form("answered", answer(), answer("Ada")),
            "A small coffee for Ada.",
        ),
        ({"status": "skipped"}, form("skipped", answer(), answer()), "A small coffee for you."),
    ],
)
async def test_the_reply_goes_on_with_the_answers(input: Any, answered: Any, text: str) -> None:
    async with visiting("structured_input") as visitor:
        assert await visitor.say("Coffee, please") == [
            *message("<msg 2>", "One coffee. Two questions:"),
            {"type": "thread.item.done", "item": form("pending")},
            renamed("Coffee, please"),
        ]
        params = {"thread_id": "<thr 1>", "item_id": "<msg 3>", "input": input}
        assert after_options(await visitor.stream("threads.add_structured_input", **params)) == [
            {"type": "thread.item.replaced", "item": answered},
            *message("<msg 4>", text),
        ]
        again = await visitor.post("threads.add_structured_input", **params)
    status, code, _ = refusal(again)
    assert (status, code) == (409, "item.already_answered")
