import platform

import pytest
from visiting import load, visiting


async def test_the_program_prints_the_reply_and_answers_what_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    async with visiting("python_client") as visitor:
        text = await load("python_client").main(str(visitor.http.base_url))
        [thread] = (await visitor.ask("threads.list"))["data"]
        items = (await visitor.ask("items.list", thread_id=thread["id"], order="asc"))["data"]
    assert text == "Let me see.\n\nMuch is new."
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line] == ["Let me see.", "Much is new."]
    assert [item["type"] for item in items] == [
        "user_message",
        "assistant_message",
        "client_tool_call",
        "structured_input",
        "assistant_message",
    ]
    assert items[2]["output"] == platform.python_version()
    assert items[3]["inputs"][0]["answer"]["values"] == ["Yes"]
