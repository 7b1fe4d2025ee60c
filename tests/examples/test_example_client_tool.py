from typing import Any

import pytest
from visiting import after_options, message, renamed, visiting

CALL = {
    "id": "<tc 1>",
    "thread_id": "<thr 1>",
    "created_at": "<time>",
    "type": "client_tool_call",
    "status": "pending",
    "call_id": "<call 1>",
    "name": "read_basket",
    "arguments": {"currency": "EUR"},
}


@pytest.mark.parametrize(
    ("result", "text"),
    [({"items": ["pen", "ink"]}, "You have 2 things in your basket."), ("no basket", "I cannot see your basket.")],
)
async def test_the_reply_goes_on_with_what_the_page_returned(result: Any, text: str) -> None:
    async with visiting("client_tool") as visitor:
        assert await visitor.say("What do I have?") == [
            *message("<msg 2>", "Let me look at your basket."),
            {"type": "thread.item.done", "item": CALL},
            renamed("What do I have?"),
        ]
        events = await visitor.stream("threads.add_client_tool_output", thread_id="<thr 1>", result=result)
    assert after_options(events) == [
        {"type": "thread.item.replaced", "item": CALL | {"status": "completed", "output": result}},
        *message("<msg 3>", text),
    ]
