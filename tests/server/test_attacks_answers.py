"""Answers of the client, retries and requests, while something fails that is not the client's fault."""

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request
from talking import JSON, Answer, Assistant, Gate, over_http, saying, talking, types

from chatkit_core import reply
from chatkit_core.turn_log import Taken, TurnRecord
from chatkit_core.types import StructuredInputFreeform
from chatkit_stores.memory import MemoryTurnLog

DELTA = "assistant_message.content_part.text_delta"


class FailsOnce(MemoryTurnLog):
    """A turn log whose disk is full for a moment."""

    failing = False

    async def create(self, *args: Any, **kwargs: Any) -> Taken | TurnRecord:
        self._fail_once()
        return await super().create(*args, **kwargs)

    async def take(self, turn_id: str, lease: str) -> Taken | None:
        self._fail_once()
        return await super().take(turn_id, lease)

    def _fail_once(self) -> None:
        if self.failing:
            self.failing = False
            raise OSError("no space left on device")


async def asks(thread: Any, message: Any) -> Answer:
    if message is None:
        yield "Thanks"
    elif message.text == "client_tool_call":
        yield reply.client_tool_call("look", {})
    else:
        yield reply.structured_input([StructuredInputFreeform(id="why", question="Why?")])


@pytest.mark.parametrize(
    ("op", "item", "answer"),
    [
        ("threads.add_client_tool_output", "client_tool_call", {"result": 1}),
        ("threads.add_structured_input", "structured_input", {"input": {"answers": {"why": {"values": ["x"]}}}}),
    ],
)
async def test_an_answer_whose_turn_could_not_start_is_not_kept_and_can_be_given_again(
    op: str, item: str, answer: dict[str, Any]
) -> None:
    log = FailsOnce()
    async with talking(Assistant(asks, turn_log=log)) as talk:
        await (await talk.create(item)).rest()
        [asked] = [one for one in await talk.items() if one["type"] == item]
        log.failing = True
        with pytest.raises(OSError, match="no space"):
            await talk.start(op, thread_id=talk.thread_id, item_id=asked["id"], **answer)
        assert asked in await talk.items()
        again = await talk.start(op, thread_id=talk.thread_id, item_id=asked["id"], **answer)
        assert types(await again.rest())[:2] == ["stream_options", "thread.item.replaced"]
        assert (await talk.texts())[-1] == "Thanks"


async def test_a_retry_that_could_not_start_leaves_the_running_turn_alone() -> None:
    gate = Gate()
    log = FailsOnce()
    async with talking(Assistant(gate.reply, turn_log=log)) as talk:
        first = await talk.create()
        await first.until(DELTA)
        log.failing = True
        [asked] = await talk.items()
        with pytest.raises(OSError, match="no space"):
            await talk.start("threads.retry_after_item", thread_id=talk.thread_id, item_id=asked["id"])
        gate.open.set()
        await first.rest()
        assert await talk.texts() == ["Hi", "Once upon"]


async def test_a_thread_keeps_its_id_whatever_respond_tries() -> None:
    async def rename(thread: Any, message: Any) -> Answer:
        yield "Once"
        thread.id = "thr_other"

    async with talking(Assistant(rename)) as talk:
        events = await (await talk.create()).rest()
        assert "error" in types(events)
        assert await talk.texts() == ["Hi", "Once"]


async def test_a_cancelled_error_of_the_apps_own_is_an_answer_too() -> None:
    class Odd(Assistant):
        async def get_context(self, request: Request) -> Any:
            raise asyncio.CancelledError

    async with over_http(Odd(saying("Yes."))) as client:
        body = json.dumps({"type": "threads.list", "params": {}})
        response = await client.post("/", content=body, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (500, "server.error")
